"""Values that protect accounts: exchange credentials and the audit chain; no encryption."""
