"""Commands for containers: `prepare`, and a command for each long-running process.

prepare: database -> addresses in secrets/ -> Prefect synchronized
server, work, bot, metrics: environment -> exec, so that the process is the container's own

A single machine needs only `quorum up`. See docker-compose.yml.
"""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cli.base.home import Home
    from cli.stack.registration import Registration

commands = typer.Typer()


@commands.command("prepare", rich_help_panel="One process each, for containers")
def prepare() -> None:
    """Migrate the database and make Prefect match it; safe to repeat while others work."""
    done = asyncio.run(_prepare(_open_home()))
    print("The database is ready." if done is None else f"Ready: {done}.")


@commands.command("server", rich_help_panel="One process each, for containers")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the Prefect UI and API.")] = 4200,
) -> None:
    """Become the Prefect server, with our settings."""
    from cli.base.environment import read_environment
    from cli.base.prefect_settings import DATABASE_ADDRESS, build_server_environment
    from cli.stack.prefect_server import build_server_command
    from db.server.bootstrap import fill_password

    home, inherited = _open_home(), read_environment()
    if DATABASE_ADDRESS in inherited:
        inherited[DATABASE_ADDRESS] = fill_password(
            inherited[DATABASE_ADDRESS], secrets=home.secrets
        )
    environment = build_server_environment(home, port=port, inherited=inherited, database_url=None)
    _become(build_server_command(host=host, port=port), environment=environment)


@commands.command("work", rich_help_panel="One process each, for containers")
def work(
    queue: Annotated[
        list[str] | None,
        typer.Option("--queue", help="Only from this queue; may be repeated.", show_default="all"),
    ] = None,
) -> None:
    """Become a worker of the server that QUORUM_PREFECT_API_URL names."""
    from cli.base.environment import build_worker_environment
    from cli.stack.worker_process import build_worker_command

    environment = build_worker_environment(asyncio.run(_build_environment(_open_home())))
    command = build_worker_command(socket.gethostname(), queues=queue or ())
    _become(command, environment=environment)


@commands.command("bot", rich_help_panel="One process each, for containers")
def speak() -> None:
    """Become the Telegram bot."""
    from cli.stack.worker_process import build_bot_command

    environment = asyncio.run(_build_environment(_open_home()))
    _become(build_bot_command(), environment=environment)


@commands.command("metrics", rich_help_panel="One process each, for containers")
def serve_metrics(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of /metrics.")] = 9464,
) -> None:
    """Become the process that Prometheus reads."""
    environment = asyncio.run(_build_environment(_open_home()))
    command = [sys.executable, "-m", "flows.metrics_server", "--host", host, "--port", str(port)]
    _become(command, environment=environment)


@commands.command("make-secrets", rich_help_panel="One process each, for containers")
def make_secrets(
    folder: Annotated[Path, typer.Argument(help="Where docker-compose.yml finds the files.")],
) -> None:
    """Make the missing secret files of the containers; existing files stay."""
    from cli.stack.container_secrets import make_secret_files

    names = make_secret_files(folder)
    print(f"Made {', '.join(names) or 'nothing new'} in {folder}: keep a copy elsewhere.")


def _open_home() -> "Home":
    from cli.base.home import Home
    from cli.base.prefect_settings import isolate_prefect
    from cli.base.settings import CliSettings
    from cli.config.checks import require_sound_settings

    home = Home(root=CliSettings().home.expanduser().absolute())
    home.prepare()
    isolate_prefect(home)
    require_sound_settings(with_choices=False)
    return home


async def _prepare(home: "Home") -> "Registration | None":
    from blocks.prefect.client import open_client
    from cli.base.clock import now_utc
    from cli.base.database import open_database_access, publish_access
    from cli.base.prefect_settings import ensure_auth_string
    from cli.base.settings import CliSettings
    from cli.stack.registration import register_everything
    from commands.deployments.sync import DatabaseBooks
    from commands.people.users import list_all_pairs
    from db.engine.settings import DatabaseSettings
    from db.session import Database

    api_url = CliSettings().prefect_api_url
    async with open_database_access(home, settings=DatabaseSettings(home=home.root)) as access:
        publish_access(home, access)
        if api_url is None:
            return None
        database = Database(access.app_url, operator_url=access.operator_url)
        try:
            async with open_client(api_url, auth_string=ensure_auth_string(home)) as client:
                return await register_everything(
                    client,
                    configs=await list_all_pairs(database),
                    books=DatabaseBooks(database, now=now_utc()),
                    now=now_utc(),
                    has_live_runs=True,
                )
        finally:
            await database.close()


async def _build_environment(home: "Home") -> dict[str, str]:
    from cli.base.database import load_given_access, load_published_access
    from cli.base.environment import build_work_environment, read_environment
    from cli.base.market import choose_market
    from cli.base.prefect_settings import build_client_environment
    from cli.base.settings import CliSettings
    from db.engine.settings import DatabaseSettings
    from trading.domain.errors import PermanentError

    given = load_given_access(home, settings=DatabaseSettings(home=home.root))
    access, api_url = given or load_published_access(home), CliSettings().prefect_api_url
    if access is None or api_url is None:
        raise PermanentError(
            "Nothing is prepared here: set QUORUM_PREFECT_API_URL and run `quorum prepare` on the "
            "same home first."
        )
    work = build_work_environment(
        read_environment(), home=home, access=access, market=await choose_market(None)
    )
    return build_client_environment(home, api_url=api_url, inherited=work)


def _become(command: Sequence[str], *, environment: dict[str, str]) -> None:
    from cli.stack.processes import hear_interrupts

    hear_interrupts()
    os.execve(Path(command[0]), list(command), environment)  # noqa: S606 - no shell is wanted
