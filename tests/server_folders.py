"""Folders for the servers of tests: reachable for their user, and gone when their run is gone.

make_server_folder -> held by a lock of the kernel -> removed by its test, or by a later run

Outside of pytest's own folder: as root the server runs as another user, and every pytest that
starts on the machine closes pytest's folder to others again, also to the servers of runs that are
under way. A run that is killed can't clear up, but its lock goes with it: the next run ends the
servers of folders that nobody holds, and touches no other.
"""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from db.server.embedded import EmbeddedPostgres

PREFIX = "quorum-test-"
LOCK_FILE = ".held"

# Open files are the locks: they last as long as the process.
_held: list[IO[str]] = []


def make_server_folder() -> Path:
    """A new folder that this process holds."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # The lock file shows up only when it is held, so nobody takes a new folder for a dead run's.
    draft = folder / f"{LOCK_FILE}.new"
    _hold(draft)
    draft.rename(folder / LOCK_FILE)
    return folder


def hold_server_folder(folder: Path) -> None:
    """Hold a folder that another process made, so that it outlives its maker."""
    _hold(folder / LOCK_FILE)


def end_dead_runs() -> int:
    """Stop the servers and remove the folders that no process holds; how many there were."""
    ended = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not _is_abandoned(folder):
            continue
        for file in folder.rglob("postmaster.pid"):
            EmbeddedPostgres(file.parent).stop()
        shutil.rmtree(folder, ignore_errors=True)
        ended += 1
    return ended


def _hold(path: Path) -> None:
    lock = path.open("a")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held.append(lock)


def _is_abandoned(folder: Path) -> bool:
    try:
        if folder.stat().st_uid != os.getuid():
            return False
        with (folder / LOCK_FILE).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False  # held, not ours to judge, or gone meanwhile
    return True
