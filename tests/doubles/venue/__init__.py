"""The venue double: both venues' REST dialects over one small exchange with its own ledger."""
