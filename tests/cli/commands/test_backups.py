"""`quorum backup` and `quorum restore` on a home of their own: dropped, and back."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from tests.server_folders import make_server_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home with the embedded database."""
    folder = make_server_folder()
    home = folder / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUM_HOME", str(home))
    monkeypatch.setenv("QUORUM_MARKET", "sample")
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_OPERATOR_URL", "PREFECT_API_URL"):
        monkeypatch.delenv(f"QUORUM_{name}", raising=False)
    yield home
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_home_comes_back_from_its_backup_and_is_halted(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(*arguments: str, code: int = 0) -> Any:
        assert main([*arguments, "--json"]) == code
        said = capsys.readouterr().out.splitlines()
        return json.loads(said[-1]) if said else None

    file = tmp_path / "quorum.dump"
    say("user", "add", "local")
    say("addpair", "BTC/USDT", "1000")
    before = say("pairs")
    written = say("backup", str(file))
    assert written["bytes"] == file.stat().st_size
    say("restore", str(file), "--yes", code=1)  # there is something already
    shutil.rmtree(home / "postgres")
    (home / "secrets" / "postgres-password").unlink(missing_ok=True)

    assert say("restore", str(file), "--yes")["state"] == "halted"

    assert say("pairs") == before
    assert say("unhalt", "--reason", "compared")["others"] == {}
