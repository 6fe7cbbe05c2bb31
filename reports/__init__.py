"""Charts and documents built from `trading` values. No database and no network."""
