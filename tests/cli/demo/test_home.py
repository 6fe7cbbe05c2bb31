"""A demo's throw-away home: one that a kill left behind is swept by the next."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cli.base.home import Home
from cli.demo.home import PREFIX, end_dead_demos
from db.server.embedded import EmbeddedPostgres


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; short, because PostgreSQL's socket is in there."""
    path = tmp_path_factory.mktemp("t")
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    return path


def make_demo(folder: Path, *, name: str) -> Home:
    home = Home(root=folder / f"{PREFIX}{name}")
    home.prepare()
    return home


def test_a_demo_that_was_killed_is_stopped_and_removed(folder: Path) -> None:
    home = make_demo(folder, name="dead")
    with home.lock():
        server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
        server.start()
    assert server.is_running()

    end_dead_demos()

    assert not server.is_running()
    assert not home.root.exists()


def test_a_demo_that_runs_is_left_alone(folder: Path) -> None:
    home = make_demo(folder, name="alive")

    with home.lock():
        end_dead_demos()

        assert home.root.exists()


def test_folders_that_no_demo_ever_held_are_left_alone(folder: Path) -> None:
    home = make_demo(folder, name="stranger")
    other = make_demo(folder / "deeper", name="dead")

    end_dead_demos()

    assert home.root.exists()
    assert other.root.exists()


@pytest.mark.parametrize("module", ["cli.demo.stage", "cli.demo.commands"])
def test_prefect_is_not_loaded_before_the_demo_names_its_server(module: str) -> None:
    """Prefect reads its settings on import; loaded earlier, it would start a server of its own."""
    program = f"import sys, {module}; print('prefect' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
