"""All SQL: repositories that take and return trading values."""
