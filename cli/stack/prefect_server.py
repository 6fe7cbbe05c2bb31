"""The Prefect server of a single machine: starts the child, waits until healthy, checks the port.

Home, port and database -> `prefect server start` -> health -> address

The server stores its data in PostgreSQL beside ours (docs/decisions/0009), or in SQLite when no
database is given.
"""

import asyncio
import socket
import sys
import time
from collections.abc import Mapping

import httpx

from cli.base.home import Home
from cli.base.prefect_settings import HOST, build_api_url, build_server_environment
from cli.stack.processes import Child, start_child
from trading.domain.errors import PermanentError

SERVER = "Prefect server"
HEALTH_SECONDS = 120.0
"""A first start makes its tables: 9 s on two idle cores (SQLite: 15), far more on busy ones."""
POLL_SECONDS = 0.2


def require_free_port(port: int) -> None:
    """Raise PermanentError when another process listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OverflowError:
            raise PermanentError(f"{port} is not a port: choose one from 1024 to 65535.") from None
        except OSError as error:
            raise PermanentError(
                f"Port {port} can't be used ({error.strerror}): another program may have it. "
                f"Choose another one with --port."
            ) from error


def build_server_command(*, host: str, port: int) -> list[str]:
    """Command of the server; the environment holds all settings except the address."""
    return [
        *(sys.executable, "-m", "cli.stack.prefect_process", "server", "start"),
        *("--host", host, "--port", str(port)),
    ]


def start_server(
    home: Home, *, port: int, inherited: Mapping[str, str], database_url: str | None
) -> Child:
    """Start the server; the server answers some seconds later, see `wait_until_healthy`."""
    return start_child(
        SERVER,
        build_server_command(host=HOST, port=port),
        environment=build_server_environment(
            home, port=port, inherited=inherited, database_url=database_url
        ),
        home=home.root,
        log=home.logs / "prefect-server.log",
    )


async def wait_until_healthy(server: Child, *, port: int) -> None:
    """
    Wait until the API answers.

    Raises:
        PermanentError: when the server dies, or does not answer in `HEALTH_SECONDS`.
    """
    deadline = time.monotonic() + HEALTH_SECONDS
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline:
            if not server.is_alive:
                raise PermanentError(
                    f"The Prefect server stopped at its start; {server.log} says:\n"
                    f"{server.tail_log()}"
                )
            if await _is_healthy(client, url=f"{build_api_url(port)}/health"):
                return
            await asyncio.sleep(POLL_SECONDS)
    raise PermanentError(
        f"The Prefect server does not answer after {HEALTH_SECONDS:.0f} s; see {server.log}."
    )


async def _is_healthy(client: httpx.AsyncClient, *, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False
