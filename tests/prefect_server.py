"""A real Prefect server for the tests that need one: one for each test session, in a temp home.

`quorum up`'s own server code -> temp home, free port, database of its own -> PrefectServer

It is the server that people get, with its password and its lean settings; only the loops are
quicker, unless the environment says otherwise. `tests/conftest.py` plugs it in.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from prefect.client.orchestration import PrefectClient

from blocks.prefect.client import open_client, prepare_pool
from blocks.prefect.gateway import Deployments
from cli.base.home import Home
from cli.base.prefect_settings import build_api_url, build_client_environment, ensure_auth_string
from cli.stack.prefect_server import start_server, wait_until_healthy
from cli.stack.processes import stop_child
from db.server.bootstrap import prepare_prefect_database
from tests.database import TestDatabase

QUICK_LOOPS = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefectServer:
    """Where the server is, and the environment of a process that talks to it."""

    home: Home
    api_url: str
    auth_string: str
    environment: Mapping[str, str]
    books: str = field(repr=False)
    """Address of the server's own database, for psycopg."""

    @contextmanager
    def as_settings(self) -> Iterator[None]:
        """Point Prefect in this process at the server: flows called in here report to it."""
        from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

        with temporary_settings(
            updates={PREFECT_API_URL: self.api_url, PREFECT_API_AUTH_STRING: self.auth_string}
        ):
            yield


@pytest.fixture(scope="session")
def prefect_server(
    tmp_path_factory: pytest.TempPathFactory, database_run: TestDatabase, worker_id: str
) -> Iterator[PrefectServer]:
    """The server of this test session, with the work pool and its queues made."""
    home = Home(root=tmp_path_factory.mktemp("prefect-home"))
    home.prepare()
    port = find_free_port()
    address = prepare_prefect_database(
        database_run.server_url, secrets=database_run.secrets, name=f"prefect_{worker_id}"
    )
    server = start_server(
        home, port=port, inherited={**QUICK_LOOPS, **os.environ}, database_url=address
    )
    running = PrefectServer(
        home=home,
        api_url=build_api_url(port),
        auth_string=ensure_auth_string(home),
        environment=build_client_environment(
            home, api_url=build_api_url(port), inherited=os.environ
        ),
        books=address.replace("postgresql+asyncpg://", "postgresql://"),
    )
    try:
        asyncio.run(wait_until_healthy(server, port=port))
        asyncio.run(_make_pool(running))
        yield running
    finally:
        asyncio.run(stop_child(server, grace_seconds=5))


@pytest.fixture
async def prefect_client(prefect_server: PrefectServer) -> AsyncIterator[PrefectClient]:
    """A client of the session's server."""
    async with open_client(
        prefect_server.api_url, auth_string=prefect_server.auth_string
    ) as client:
        yield client


@pytest.fixture
def deployments(prefect_client: PrefectClient) -> Deployments:
    """The gateway to the session's server."""
    return Deployments(prefect_client)


def find_free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _make_pool(server: PrefectServer) -> None:
    async with open_client(server.api_url, auth_string=server.auth_string) as client:
        await prepare_pool(client, pool_type="process")
