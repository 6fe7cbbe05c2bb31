"""`quorum up`: starts all processes of this machine in order, supervises and stops the processes.

home -> PostgreSQL -> Prefect server -> deployments -> worker -> bot -> reconcile -> first cycle

`cli/stack/startup.py` does the work; this module only defines the commands, to keep `--help` fast.
"""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_PORT = 4200
MOST_WORKERS = 6
"""Each wants half a core of Prefect's server besides, and 20 connections of the database's 200."""

commands = typer.Typer()


@commands.command("up")
def start_stack(
    home: Annotated[
        Path | None, typer.Option(help="Folder of everything Quorum keeps.", show_default=False)
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the Prefect UI and API.")] = DEFAULT_PORT,
    market: Annotated[
        str | None,
        typer.Option(
            metavar="auto|live|sample|recorded:FILE",
            help="Source of the prices; auto takes made-up ones when no venue answers.",
        ),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop after the first cycle of each local pair.")
    ] = False,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", min=0, max=MOST_WORKERS, help="Each takes 0.5 GB and at most one core."
        ),
    ] = 1,
) -> None:
    """Start everything and paper-trade; Ctrl-C stops it cleanly."""
    from rich.console import Console

    from cli.base.home import Home
    from cli.base.prefect_settings import isolate_prefect
    from cli.base.settings import CliSettings
    from cli.config.checks import require_sound_settings

    root = (home or CliSettings().home).expanduser().absolute()
    isolate_prefect(Home(root=root))
    require_sound_settings(with_choices=True)
    from cli.stack.startup import Stack, StackOptions
    from cli.stack.view import View

    options = StackOptions(
        home=root,
        port=port,
        market=market,
        is_once=once,
        workers=workers,
    )
    raise typer.Exit(asyncio.run(Stack(options, view=View(Console())).run()))


@commands.command("ui-password")
def show_ui_password(
    home: Annotated[
        Path | None, typer.Option(help="Folder of everything Quorum keeps.", show_default=False)
    ] = None,
) -> None:
    """Print what the Prefect UI asks for, once per browser."""
    from cli.base.home import Home
    from cli.base.prefect_settings import ensure_auth_string
    from cli.base.settings import CliSettings

    print(ensure_auth_string(Home(root=(home or CliSettings().home).absolute())))
    if sys.stdout.isatty():
        print("Paste it into the Prefect UI. Whoever has it can start and stop trading here.")
