"""Attack: another Unix user reads the home that root has made, or holds a lock of the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from cli.base import database as home_database
from cli.base.home import Home
from db.server import embedded
from db.server.embedded import EmbeddedPostgres
from tests.server_folders import make_server_folder
from trading.domain.errors import PermanentError

STRANGER = 65534
READ_ALL = 'cd "$0"; ls . ; for name in "$@"; do cat "$name" && echo "read $name"; done'
NAMES = (
    *("VERSION", "stack.json", "up.lock", "postgres-users.lock", ".postgres.lock"),
    *("secrets/master-key", "logs/worker.log", "results/x", "prefect/profiles.toml"),
)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_another_user_lists_reads_and_locks_nothing() -> None:
    """A file that does not open can't be locked either."""
    folder = make_server_folder()
    home = Home(root=folder / "home")
    home.prepare()
    for name in NAMES:  # as an older release, or a start under an open umask, has left them
        (home.root / name).touch(mode=0o666)
        (home.root / name).chmod(0o666)
    home.secrets.chmod(0o755)
    home.root.chmod(0o755)
    folder.chmod(0o711)

    home.prepare()
    home.root.chmod(home.root.stat().st_mode | 0o001)  # what the database's user needs

    done = subprocess.run(
        ["/bin/sh", "-c", READ_ALL, str(home.root), *NAMES],
        user=STRANGER,
        group=STRANGER,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


def test_files_are_made_for_the_owner_only(tmp_path: Path) -> None:
    home = Home(root=tmp_path / "home")
    before = os.umask(0)
    try:
        home.prepare()
        home.write_state({"pid": 1})
        with home_database._hold(home):
            pass
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o077 for path in home.root.iterdir()} == {0}


def test_a_held_lock_ends_the_start_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(home_database, "HOLD_SECONDS", 0.1)
    home = Home(root=tmp_path / "home")
    home.prepare()
    with (
        FileLock(home.root / ".postgres.lock"),
        pytest.raises(PermanentError, match="does not let go"),
    ):
        EmbeddedPostgres(home.postgres, secrets=home.secrets).start()
    holder = subprocess.Popen(
        [sys.executable, "-S", "-c", HOLD, str(home.root / "postgres-users.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline()
    with pytest.raises(PermanentError, match="does not let go"), home_database._hold(home):
        pass
    holder.communicate()


HOLD = """
import fcntl, sys
with open(sys.argv[1], "a") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""
