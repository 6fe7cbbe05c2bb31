"""Repositories: all SQL. They take and return `trading` values."""
