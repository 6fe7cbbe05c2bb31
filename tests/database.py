"""The database of a test run: one embedded server, one database for each xdist worker.

    first worker -> server (no fsync) -> worker's database: migrated -> emptied before each test

The first worker that holds the file lock starts the server, the last one that lets go stops it and
removes its folder. Everything a test touches, it touches as the two roles.
Brings the fixtures `database`, `make_user`, `now`, and `database_run` for what only an owner sees.
"""

import fcntl
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from db.server.bootstrap import DatabaseUrls, prepare_database_now
from db.server.embedded import EmbeddedPostgres
from db.session import Database
from tests.server_folders import end_dead_runs, hold_server_folder, make_server_folder
from trading.domain.units import UserId

type MakeUser = Callable[..., Awaitable[UserId]]
"""await make_user(name="ann", **add_user's arguments) -> the user's id."""

# Nothing of a test run has to survive a power cut.
FAST_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "300",
}

# Deleting few rows costs a hundredth of truncating many tables with their indexes.
EMPTY = """
DO $$
DECLARE
    name text;
BEGIN
    DELETE FROM users;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'users')
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
        FROM pg_sequences WHERE last_value IS NOT NULL;
END $$
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDatabase:
    """A migrated database; `owner` is an address of its owner that psycopg takes."""

    __test__ = False

    urls: DatabaseUrls
    owner: str = field(repr=False)
    secrets: Path
    server_url: str = field(repr=False)
    """Admin address of the server itself, for tests that make databases of their own."""

    def connect(self) -> psycopg.Connection:
        """A connection of the owner, who is a superuser: for setting the stage and for looking."""
        return psycopg.connect(self.owner, autocommit=True)

    def empty(self) -> None:
        """Take all rows out of all tables and start the numbers again."""
        with self.connect() as connection:
            connection.execute(EMPTY)


@contextmanager
def provide_database(shared_folder: Path, *, name: str) -> Iterator[TestDatabase]:
    """A migrated database of this name on the run's server, which is started and stopped here."""
    with _locked(shared_folder) as run:
        server = EmbeddedPostgres(run.home / "postgres", options=FAST_OPTIONS)
        secrets = run.home / "secrets"
        run.users.append(name)
        server.start()
        _make_database(server.url, name=name)
        # Within the lock: the roles belong to the whole server.
        urls = prepare_database_now(_with_database(server.url, name), secrets=secrets)
    owner = urls.admin.replace("postgresql+psycopg://", "postgresql://")
    try:
        yield TestDatabase(urls=urls, owner=owner, secrets=secrets, server_url=server.url)
    finally:
        with _locked(shared_folder) as run:
            run.users.remove(name)
            if not run.users:
                server.stop()
                shutil.rmtree(run.home)


@dataclass(slots=True)
class _Run:
    """The server's home, and the databases that are in use on it."""

    home: Path
    users: list[str]


@contextmanager
def _locked(folder: Path) -> Iterator[_Run]:
    """What is known of the run's server, kept in a file, changed by one at a time."""
    file = folder / "run.json"
    with (folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = json.loads(file.read_text()) if file.exists() else {"users": []}
        home = _open_home(kept["home"] if kept["users"] else None)
        run = _Run(home=home, users=kept["users"])
        try:
            yield run
        finally:
            file.write_text(json.dumps({"home": str(run.home), "users": run.users}))


def _open_home(home: str | None) -> Path:
    if home is None:
        end_dead_runs()
        return make_server_folder()
    hold_server_folder(Path(home))
    return Path(home)


def _make_database(server_url: str, *, name: str) -> None:
    address = server_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _with_database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


@pytest.fixture(scope="session")
def database_run(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[TestDatabase]:
    """This worker's database on the run's one server."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent  # xdist gives each worker a folder in the run's own
    with provide_database(_made(folder / "pg"), name=f"test_{worker_id}") as database:
        yield database


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_pools(database_run: TestDatabase) -> AsyncIterator[Database]:
    """Pools as quorum_app and quorum_operator, made once."""
    pools = Database(database_run.urls.app, operator_url=database_run.urls.operator)
    yield pools
    await pools.close()


@pytest.fixture
def database(database_run: TestDatabase, database_pools: Database) -> Database:
    """An empty, migrated database as the two roles see it."""
    database_run.empty()
    return database_pools


@pytest.fixture
def now() -> datetime:
    """The instant at which tests happen: a cycle time."""
    return datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def make_user(database: Database, now: datetime) -> MakeUser:
    """Makes users in the database."""

    async def make(name: str = "ann", **arguments: object) -> UserId:
        async with database.operator() as operator:
            user = await operator.users.add_user(name, now=now, **arguments)  # type: ignore[arg-type]
        return user.user_id

    return make


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
