"""Temporary home of a demo: PostgreSQL and a Prefect server in a temporary folder.

temporary folder -> Prefect server starts, PostgreSQL meanwhile -> Database; removed at the end

The person's own home, books and keys are never opened. The server runs only the services of a run:
no schedule, no events, no clean-up (8 tasks take 0.3 s, against 1.3 s with a stock server).
"""

import asyncio
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from cli.base.home import Home
from cli.base.prefect_settings import HOST, build_api_url, ensure_auth_string, isolate_prefect
from cli.stack.prefect_server import start_server, wait_until_healthy
from cli.stack.processes import end_leftovers, stop_child
from db.server.bootstrap import prepare_database, prepare_prefect_database
from db.server.embedded import EmbeddedPostgres
from db.session import Database

GRACE_SECONDS = 5.0
PREFIX = "quorum-demo-"
LOCK_FILE = "up.lock"
"""Held by whoever uses a home; one that nobody holds is a dead one's."""

# Nothing in the folder has to survive a power cut.
FAST_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

LEAN = {
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    **{
        f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false"
        for service in (
            "CANCELLATION_CLEANUP",
            "CLEANUP_RECONCILER",
            "EVENT_PERSISTER",
            "FOREMAN",
            "LATE_RUNS",
            "PAUSE_EXPIRATIONS",
            "REPOSSESSOR",
            "SCHEDULER",
            "TRIGGERS",
        )
    },
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "",
}


@asynccontextmanager
async def open_demo_home() -> AsyncIterator[Database]:
    """
    Run the servers in a temporary folder; this process's Prefect reports to the server.

    Raises:
        PermanentError: when a server does not start.
    """
    await asyncio.to_thread(end_dead_demos)
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        home = Home(root=Path(folder))
        home.prepare()
        with home.lock():
            async with _open_servers(home) as database:
                yield database


def end_dead_demos() -> None:
    """Stop and remove the leftovers of killed demos; a running demo holds a lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        home = Home(root=folder)
        is_ours = folder.stat().st_uid == os.getuid() and (folder / LOCK_FILE).exists()
        if not is_ours or home.is_locked():
            continue
        EmbeddedPostgres(home.postgres, secrets=home.secrets).stop()
        end_leftovers(home.root)
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def _open_servers(home: Home) -> AsyncIterator[Database]:
    port = find_free_port()
    _point_process_at(home, port=port)
    async with AsyncExitStack() as parts:
        postgres = await _start_postgres(home, parts)
        address = await asyncio.to_thread(
            prepare_prefect_database, postgres.url, secrets=home.secrets
        )
        server = start_server(home, port=port, inherited=os.environ, database_url=address)
        parts.push_async_callback(partial(stop_child, server, grace_seconds=GRACE_SECONDS))
        database = await _open_database(home, parts, server=postgres)
        await wait_until_healthy(server, port=port)
        yield database


def find_free_port() -> int:
    """A port free at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _point_process_at(home: Home, *, port: int) -> None:
    """Call before the first import of Prefect or the tasks: both read the folders on import."""
    isolate_prefect(home)
    os.environ["QUORUM_HOME"] = str(home.root)
    os.environ["PREFECT_API_URL"] = build_api_url(port)
    os.environ["PREFECT_API_AUTH_STRING"] = ensure_auth_string(home)
    os.environ |= LEAN
    logging.disable(logging.INFO)  # libraries' messages would interrupt the progress bar


async def _start_postgres(home: Home, parts: AsyncExitStack) -> EmbeddedPostgres:
    server = EmbeddedPostgres(home.postgres, secrets=home.secrets, options=FAST_OPTIONS)
    parts.push_async_callback(partial(asyncio.to_thread, server.stop))
    await asyncio.to_thread(server.start)
    return server


async def _open_database(
    home: Home, parts: AsyncExitStack, *, server: EmbeddedPostgres
) -> Database:
    urls = await prepare_database(server.url, home.secrets)
    database = Database(urls.app, operator_url=urls.operator)
    parts.push_async_callback(database.close)
    return database
