"""Charts, and the texts of all languages, built from `trading` values. No database, no network."""
