"""Servers of killed test runs are ended by the next run; those of live runs are left alone."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.server.embedded import EmbeddedPostgres
from tests.server_folders import end_dead_runs, hold_server_folder, make_server_folder

KILLED_RUN = """
import os
import sys
import tempfile
from db.server.embedded import EmbeddedPostgres
from tests.server_folders import make_server_folder
tempfile.tempdir = sys.argv[1]
folder = make_server_folder()
EmbeddedPostgres(folder / "home" / "postgres").start()
print(folder, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def temporary(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, so that nobody else's run is looked at."""
    monkeypatch.setattr("tempfile.tempdir", str(server_folder))
    return server_folder


def test_the_server_of_a_killed_run_is_ended_and_its_folder_removed(temporary: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, str(temporary)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL
    folder = Path(run.stdout.strip())
    server = EmbeddedPostgres(folder / "home" / "postgres")
    assert server.is_running()
    assert end_dead_runs() == 1
    assert server.pid is None
    assert not folder.exists()


def test_a_folder_that_is_held_or_that_nobody_ever_held_is_left_alone(temporary: Path) -> None:
    held = make_server_folder()
    hold_server_folder(held)
    strange = temporary / "quorum-test-strange"
    strange.mkdir()
    assert end_dead_runs() == 0
    assert held.exists()
    assert strange.exists()
