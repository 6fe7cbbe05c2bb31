"""The database of a home: embedded unless an address is given, migrated, with two roles.

QUORUM_DATABASE_APP_URL, _OPERATOR_URL (prepared elsewhere)         -> DatabaseUrls
QUORUM_DATABASE_URL or the embedded server -> prepare_database      -> DatabaseUrls
the embedded server                        -> also a database for Prefect's server

The stack and single commands share the embedded server. Each user of the server holds a shared
lock; the last user stops the server. The kernel releases the lock of a killed process.
"""

import asyncio
import fcntl
import json
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from cli.base.home import PRIVATE_FILE, Home
from db.encryption.secrets import replace_secret
from db.engine.settings import DatabaseSettings
from db.server.bootstrap import fill_password, prepare_database, prepare_prefect_database
from db.server.embedded import EmbeddedPostgres
from trading.domain.errors import PermanentError

ADDRESSES_FILE = "database-addresses"
HOLD_SECONDS = 180.0
HOLD_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAccess:
    """
    The addresses of the two roles, hidden in the repr because of the passwords.

    Attributes:
        prefect_url: database of Prefect's server, for asyncpg; None for an external database,
            where Quorum creates no database for Prefect.
        embedded: the server of this home, None for an external database.
        was_started: True when this process started the embedded server; False if found running.
    """

    app_url: str = field(repr=False)
    operator_url: str = field(repr=False)
    prefect_url: str | None = field(default=None, repr=False)
    embedded: EmbeddedPostgres | None = None
    was_started: bool = False


def publish_access(home: Home, access: DatabaseAccess) -> None:
    """Store the addresses for single commands, so that a command need not prepare the database."""
    addresses = {"app": access.app_url, "operator": access.operator_url}
    replace_secret(home.secrets / ADDRESSES_FILE, text=json.dumps(addresses))


def load_running_access(home: Home) -> DatabaseAccess | None:
    """The addresses published by the running stack of this home; None without a running stack."""
    return load_published_access(home) if home.load_state() is not None else None


def load_published_access(home: Home) -> DatabaseAccess | None:
    """The addresses last published on this home, by a stack or by `quorum prepare`."""
    path = home.secrets / ADDRESSES_FILE
    if not path.exists():
        return None
    addresses = json.loads(path.read_text(encoding="utf-8"))
    return DatabaseAccess(app_url=addresses["app"], operator_url=addresses["operator"])


def load_given_access(home: Home, *, settings: DatabaseSettings) -> DatabaseAccess | None:
    """The addresses of the environment, passwords from the home; None without both addresses."""
    app, operator = settings.database_app_url, settings.database_operator_url
    if app is None or operator is None:
        return None
    return DatabaseAccess(
        app_url=fill_password(app.get_secret_value(), secrets=home.secrets),
        operator_url=fill_password(operator.get_secret_value(), secrets=home.secrets),
    )


@asynccontextmanager
async def open_database_access(
    home: Home, *, settings: DatabaseSettings
) -> AsyncIterator[DatabaseAccess]:
    """
    Prepare the database for the duration of the block.

    Raises:
        PermanentError: when the database can't be reached or migrated, or is of another version.
    """
    if (given := load_given_access(home, settings=settings)) is not None:
        yield given
    elif settings.database_url:
        address = fill_password(settings.database_url.get_secret_value(), secrets=home.secrets)
        urls = await prepare_database(address, home.secrets)
        yield DatabaseAccess(app_url=urls.app, operator_url=urls.operator)
    else:
        async with _open_embedded(home) as access:
            yield access


@asynccontextmanager
async def _open_embedded(home: Home) -> AsyncIterator[DatabaseAccess]:
    server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
    with _hold(home) as hold:
        try:
            was_started = await _finish(asyncio.to_thread(server.start))
            urls = await prepare_database(server.url, home.secrets)
            prefect_url = await asyncio.to_thread(
                prepare_prefect_database, server.url, secrets=home.secrets
            )
            yield DatabaseAccess(
                app_url=urls.app,
                operator_url=urls.operator,
                prefect_url=prefect_url,
                embedded=server,
                was_started=was_started,
            )
        finally:
            if _is_last(hold):
                await asyncio.to_thread(server.stop)


async def _finish[T](work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work` even when canceled: a server can't be stopped during the start."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


@contextmanager
def _hold(home: Home) -> Iterator[IO[str]]:
    """
    Be counted among the users of the embedded server.

    Raises:
        PermanentError: when another process holds the lock alone for `HOLD_SECONDS`: a user that
            stops the server holds the lock for seconds.
    """
    path = home.root / "postgres-users.lock"
    path.touch(mode=PRIVATE_FILE)
    with path.open("a") as file:
        deadline = time.monotonic() + HOLD_SECONDS
        while not _try_lock(file, fcntl.LOCK_SH):
            if time.monotonic() > deadline:
                raise PermanentError(
                    f"Another process holds {path} and does not let go: see `fuser {path}`."
                )
            time.sleep(HOLD_POLL_SECONDS)
        yield file


def _try_lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_last(hold: IO[str]) -> bool:
    """Whether this process is the only user; a new user waits until the server has stopped."""
    return _try_lock(hold, fcntl.LOCK_EX)
