"""Servers of a test's own, for what must not happen to the run's one server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.embedded import EmbeddedPostgres
from tests.database import FAST_OPTIONS


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose server was started and stopped once, to be copied."""
    home = tmp_path_factory.mktemp("made") / "home"
    embedded = EmbeddedPostgres(home / "postgres")
    embedded.start()
    embedded.stop()
    return home


@pytest.fixture
def server(made_home: Path, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server that does not run, in a home that is made."""
    yield from stopped_at_the_end(copy_home(made_home, tmp_path))


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server whose folder is not there yet."""
    path = tmp_path / "new" / "postgres"
    yield from stopped_at_the_end(EmbeddedPostgres(path, options=FAST_OPTIONS))


def stopped_at_the_end(embedded: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    yield embedded
    embedded.stop()


def copy_home(made_home: Path, folder: Path) -> EmbeddedPostgres:
    """A copy of the home in `folder`, with its owners and rights, and its server."""
    subprocess.run(["cp", "-a", str(made_home), str(folder)], check=True)
    return EmbeddedPostgres(folder / made_home.name / "postgres")
