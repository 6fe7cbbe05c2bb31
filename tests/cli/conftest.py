"""Fixtures of the command line: a terminal on the test run's database."""

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.database import TestDatabase


@pytest.fixture
def terminal(
    database_run: TestDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Terminal:
    """A terminal with a made-up market and nobody there yet."""
    database_run.empty()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUORUM_DATABASE_APP_URL", database_run.urls.app)
    monkeypatch.setenv("QUORUM_DATABASE_OPERATOR_URL", database_run.urls.operator)
    monkeypatch.setenv("QUORUM_MARKET", "sample")
    monkeypatch.delenv("QUORUM_MASTER_KEY", raising=False)
    monkeypatch.delenv("QUORUM_PREFECT_API_URL", raising=False)
    return Terminal(database_run, home=tmp_path / "home", capture=capsys)
