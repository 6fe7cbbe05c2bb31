"""Servers of a test's own, for what must not happen to the run's one server."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from db.server.embedded import EmbeddedPostgres
from db.session import Database, Tenant
from tests.database import FAST_OPTIONS, MakeUser
from tests.server_folders import make_server_folder


@pytest.fixture
async def tenant(database: Database, make_user: MakeUser) -> AsyncIterator[Tenant]:
    """The session of a new user, committed after the test."""
    async with database.tenant(await make_user()) as tenant:
        yield tenant


@pytest.fixture
def server_folder() -> Iterator[Path]:
    """A folder that a server's user can reach, gone after the test."""
    yield from removed_at_the_end(make_server_folder())


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    """The same for a whole module."""
    yield from removed_at_the_end(make_server_folder())


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home whose server was started and stopped once, to be copied."""
    for folder in removed_at_the_end(make_server_folder()):
        embedded = EmbeddedPostgres(folder / "home" / "postgres")
        embedded.start()
        embedded.stop()
        yield folder / "home"


@pytest.fixture
def server(made_home: Path, server_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server that does not run, in a home that is made."""
    yield from stopped_at_the_end(copy_home(made_home, server_folder))


@pytest.fixture
def new_server(server_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server whose folder is not there yet."""
    path = server_folder / "new" / "postgres"
    yield from stopped_at_the_end(EmbeddedPostgres(path, options=FAST_OPTIONS))


def removed_at_the_end(folder: Path) -> Iterator[Path]:
    yield folder
    shutil.rmtree(folder)


def stopped_at_the_end(embedded: EmbeddedPostgres) -> Iterator[EmbeddedPostgres]:
    yield embedded
    embedded.stop()


def copy_home(made_home: Path, folder: Path) -> EmbeddedPostgres:
    """A copy of the home in `folder`, with its owners and rights, and its server."""
    subprocess.run(["cp", "-a", str(made_home), str(folder)], check=True)
    return EmbeddedPostgres(folder / made_home.name / "postgres")
