"""Verbs of users and API keys: user add, list, export and forget; connect, disconnect.

words -> commands.people.users, commands.people.keys -> sentence or JSON

API keys are read from a prompt or from standard input, never from the arguments, which every
process of the machine can read. A key is sealed before the key is stored.
"""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.clock import now_utc
from cli.base.confirmation import YesOption
from cli.base.output import JsonOption, UserOption, print_json, print_table, show_time
from cli.base.user_session import run_command, run_for_all
from trading.domain.errors import BadInput
from trading.requests import parse_venue
from trading.security.credentials import Credentials, Environment

if TYPE_CHECKING:
    from commands.caller import Caller
    from commands.people.keys import ConnectedKey

commands = typer.Typer()
users = typer.Typer(help="Add, list, export and forget users.", no_args_is_help=True)
commands.add_typer(users, name="user")


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="A name to show.")],
    as_json: JsonOption = False,
) -> None:
    """Add a user, who trades on paper until a venue is connected and live trading earned."""
    from commands.people.users import add_user as add

    user = run_for_all(lambda one: add(one.database, name, now=now_utc()))
    if as_json:
        print_json(user)
    else:
        print(f"Added {user.name} as user {user.user_id}.")


@users.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List all users."""
    from commands.people.users import list_users as load

    found = run_for_all(lambda one: load(one.database))
    if as_json:
        print_json({"users": found})
        return
    print_table(
        "Users",
        columns=("id>", "name", "telegram", "since (UTC)"),
        rows=[
            (str(u.user_id), u.name, "yes" if u.telegram_id else "-", show_time(u.created_at))
            for u in found
        ],
    )


@users.command("export")
def export_user(
    file: Annotated[Path, typer.Argument(metavar="FILE.zip", help="A new file.")],
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write all data about a user into a ZIP of JSON and CSV; sealed keys are left out."""
    from cli.base.user_archive import write_archive
    from commands.people.users import export_user as load

    if file.exists():
        raise BadInput(f"{file} exists already: an export never replaces a file.")
    tables = run_command(user, load)
    write_archive(file, tables=tables)
    counts = {name: len(rows) for name, rows in tables.items()}
    if as_json:
        print_json({"file": str(file), "rows": counts})
    else:
        print(f"Wrote {file}: {sum(counts.values())} rows of {len(counts)} tables.")


@users.command("forget")
def forget(
    name: Annotated[str, typer.Argument(metavar="NAME|ID", help="Whom.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erase all data about a flat user: databases, runs, logs; says what stays."""
    from cli.people.erasure import forget_user

    forget_user(name, yes=yes, as_json=as_json)


@commands.command()
def connect(
    venue: Annotated[str, typer.Argument(help="binance or bybit.")],
    user: UserOption = "",
    *,
    demo: Annotated[bool, typer.Option("--demo", help="A key of the venue's demo.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Seal your API key for a venue; asked for at a prompt, or two lines of standard input."""
    name = parse_venue(venue)
    credentials = _read_credentials(Environment.DEMO if demo else Environment.REAL)

    async def seal(caller: "Caller") -> "ConnectedKey":
        from cli.people.keys import load_sealing_keys
        from commands.people.keys import connect
        from db.engine.settings import DatabaseSettings

        load_keys = partial(load_sealing_keys, DatabaseSettings().secrets)
        return await connect(caller, name, credentials=credentials, load_keys=load_keys)

    from reports.texts.catalog import render

    connected = run_command(user, seal, needs_prefect=True)
    if as_json:
        print_json({"venue": name, "hint": connected.hint, "answer": render(connected.answer)})
        return
    print(
        f"Sealed the key ...{connected.hint} for {name}. It is not used yet: paper comes first, "
        f"and live trading starts only when {name} has confirmed that the key may trade and may "
        f"neither withdraw nor transfer."
    )
    if connected.answer:
        print(render(connected.answer))


@commands.command()
def disconnect(
    venue: Annotated[str, typer.Argument(help="binance or bybit.")],
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Forget your API key for a venue."""
    from commands.people import keys

    name = parse_venue(venue)
    run_command(user, lambda one: keys.disconnect(one, name))
    if as_json:
        print_json({"venue": name, "connected": False})
    else:
        print(f"Forgot the key for {name}. Delete it at {name} as well.")


def _read_credentials(environment: Environment) -> Credentials:
    if sys.stdin.isatty():
        api_key = typer.prompt("API key", hide_input=True)
        api_secret = typer.prompt("API secret", hide_input=True)
    else:
        lines = [line.strip() for line in sys.stdin.read(20_000).splitlines() if line.strip()]
        if len(lines) != 2:
            raise BadInput(f"Give the key and the secret as two lines; there were {len(lines)}.")
        api_key, api_secret = lines
    return Credentials(
        api_key=api_key.strip(), api_secret=api_secret.strip(), environment=environment
    )
