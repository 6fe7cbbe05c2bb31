"""Attack: another Unix user of the machine tries to open a running stack."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.attacks.machine import second_unix_user
from tests.cli.stack.stack_process import StackProcess
from tests.prefect_server import find_free_port
from tests.server_folders import make_server_folder

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="becoming another Unix user takes root"),
    pytest.mark.timeout(300),
]


def test_a_second_unix_user_opens_nothing() -> None:
    folder = make_server_folder()
    folder.chmod(0o755)
    port = find_free_port()
    stack = StackProcess(folder / "home", port=port)
    try:
        stack.await_line("First cycle  completed")
        attack = subprocess.run(
            [sys.executable, "-m", second_unix_user.__name__, str(stack.home), str(port)],
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
    finally:
        stack.interrupt()
        shutil.rmtree(folder)
    lines = attack.stdout.splitlines()
    opened = [line for line in lines if line.startswith("OPENED")]
    assert (opened, attack.returncode) == ([], 0), attack.stderr
    for subject in (
        "PostgreSQL postgres",
        "Prefect /api",
        "secrets/postgres-password",
        "environ",
        ".log",
    ):
        assert any(line.startswith("refused") and subject in line for line in lines), subject
