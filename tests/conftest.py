"""Fixtures that every room may ask for; each plugin module says what it brings."""

import reports.texts.catalog  # noqa: F401 - messages are shown in English

pytest_plugins = ["tests.database", "tests.offline", "tests.properties", "tests.prefect_server"]
