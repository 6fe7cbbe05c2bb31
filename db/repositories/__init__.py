"""Repositories: all SQL. Methods take and return `trading` values."""
