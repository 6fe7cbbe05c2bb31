"""The home folder: private, versioned, held by one stack at a time."""

import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

from cli.base.home import Home
from cli.base.prefect_settings import ensure_auth_string, ensure_encryption_key
from trading.domain.errors import PermanentError


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(root=tmp_path / "home")
    home.prepare()
    return home


def test_folders_are_for_their_owner_only(home: Home) -> None:
    for folder in (home.root, home.prefect, home.secrets, home.results, home.logs):
        assert S_IMODE(folder.stat().st_mode) == 0o700


def test_secrets_are_made_once_and_private(home: Home) -> None:
    auth, key = ensure_auth_string(home), ensure_encryption_key(home)

    assert ensure_auth_string(home) == auth
    assert ensure_encryption_key(home) == key
    assert auth.startswith("quorum:")
    for file in home.secrets.iterdir():
        assert S_IMODE(file.stat().st_mode) == 0o600


def test_preparing_twice_changes_nothing(home: Home) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}

    home.prepare()

    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before


def test_home_of_another_layout_is_refused(home: Home) -> None:
    (home.root / "VERSION").write_text("2\n")

    with pytest.raises(PermanentError, match="laid out by version 2, this Quorum reads version 1"):
        home.prepare()


def test_home_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(PermanentError, match="can't be used"):
        Home(root=tmp_path / "file" / "home").prepare()


def test_only_one_stack_holds_a_home(home: Home) -> None:
    with home.lock():
        assert home.is_locked()
        with pytest.raises(PermanentError, match="already runs on"), home.lock():
            pass

    assert not home.is_locked()
    with home.lock():
        assert home.is_locked()


def test_lock_of_a_killed_stack_is_free(home: Home) -> None:
    program = (
        "import sys, time; from pathlib import Path; from cli.base.home import Home\n"
        f"with Home(root=Path({str(home.root)!r})).lock(): print('held', flush=True); "
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert home.is_locked()
        holder.kill()
        holder.wait()

    assert not home.is_locked()


def test_state_of_a_dead_stack_is_not_believed(home: Home) -> None:
    with home.lock():
        home.write_state({"api_url": "http://127.0.0.1:4200/api"})
        assert home.load_state() == {"api_url": "http://127.0.0.1:4200/api"}

    assert home.load_state() is None
