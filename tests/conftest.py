"""Fixtures that every room may ask for; each plugin module says what it brings."""

pytest_plugins = ["tests.database", "tests.offline", "tests.properties", "tests.prefect_server"]
