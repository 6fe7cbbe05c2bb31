"""`quorum config`: every setting, its value and its source, and the check of all settings."""
