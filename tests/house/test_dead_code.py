"""The dead-code check, with the settings of this checkout, reports what only tests could call."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def find_dead(root: Path, source: str) -> str:
    """The report of vulture on a tree with one module."""
    (root / "tasks").mkdir()
    (root / "tasks" / "step.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "vulture", "--config", CHECKOUT / "pyproject.toml", "tasks"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (3 if done.stdout else 0), done.stdout + done.stderr
    return done.stdout


def test_a_function_without_a_caller_is_dead(tmp_path: Path) -> None:
    assert "unused function 'place'" in find_dead(tmp_path, "def place(): ...\n")


def test_a_function_with_a_caller_is_alive(tmp_path: Path) -> None:
    assert find_dead(tmp_path, "def place(): ...\nplace()\n") == ""


def test_a_flow_is_alive(tmp_path: Path) -> None:
    source = "from prefect import flow\n@flow(name='place')\ndef place(): ...\n"
    assert find_dead(tmp_path, source) == ""
