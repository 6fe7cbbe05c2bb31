"""Modules without a test file of their name, and test files about several modules; why."""

EXCEPTIONS = {"db/models/*": "tables are declarations; tests/db/test_schema.py compares them"}
CROSS_CUTTING: dict[str, str] = {}
