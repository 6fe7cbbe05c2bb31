"""Users: add one, list them, connect and disconnect a venue.

Keys are read from a prompt or from standard input, never from the arguments, which every process
of the machine can read. They are sealed before they are written.
"""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, UserOption, print_json, print_table, show_time
from trading.domain.accounts import User
from trading.domain.credentials import Credentials, Environment
from trading.domain.errors import BadInput
from trading.domain.units import VenueName
from trading.requests import check_user_name, parse_venue

if TYPE_CHECKING:
    from db.session import Operator

LOCAL_USER = "local"

commands = typer.Typer()
users = typer.Typer(help="Add and list users.", no_args_is_help=True)
commands.add_typer(users, name="user")


@users.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="A name to show.")],
    as_json: JsonOption = False,
) -> None:
    """Add a user who trades on paper until he connects a venue and earns live trading."""
    user = asyncio.run(_add_user(check_user_name(name)))
    if as_json:
        print_json(user)
    else:
        print(f"Added {user.name} as user {user.user_id}.")


@users.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List all users."""
    found = asyncio.run(_list_users())
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
    asyncio.run(_connect(user, name, credentials))
    if as_json:
        print_json({"venue": name, "hint": credentials.hint, "is_verified": False})
        return
    print(
        f"Sealed the key ...{credentials.hint} for {name}. It is not used yet: paper comes first, "
        f"and live trading starts only when {name} has confirmed that the key may trade and may "
        f"neither withdraw nor transfer."
    )


@commands.command()
def disconnect(
    venue: Annotated[str, typer.Argument(help="binance or bybit.")],
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Forget your API key for a venue."""
    name = parse_venue(venue)
    if not asyncio.run(_disconnect(user, name)):
        raise BadInput(f"No key for {name} is connected.")
    if as_json:
        print_json({"venue": name, "connected": False})
    else:
        print(f"Forgot the key for {name}. Delete it at {name} as well.")


async def find_user(operator: "Operator", text: str) -> User:
    """
    The user by name or number; for nothing the local user.

    Raises:
        BadInput: when there is none, or several have the name.
    """
    word = text.strip() or LOCAL_USER
    everyone = await operator.users.list_users()
    found = [u for u in everyone if word in {u.name, str(u.user_id)}]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(
            f"{len(found)} users are named {word}: use the number, see quorum user list."
        )
    known = ", ".join(f"{u.name} ({u.user_id})" for u in everyone[:10]) or "none yet"
    hint = "" if text.strip() else " Start `quorum up` once, or add one: quorum user add local."
    raise BadInput(f"There is no user {word}. Users: {known}.{hint}")


async def _add_user(name: str) -> User:
    from cli.base.clock import now_utc
    from cli.base.session import open_session

    async with (
        open_session(needs_prefect=False) as session,
        session.database.operator() as operator,
    ):
        if any(u.name == name for u in await operator.users.list_users()):
            raise BadInput(f"There is a user named {name} already.")
        return await operator.users.add_user(name, now=now_utc())


async def _list_users() -> tuple[User, ...]:
    from cli.base.session import open_session

    async with (
        open_session(needs_prefect=False) as session,
        session.database.operator() as operator,
    ):
        return tuple(await operator.users.list_users())


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


async def _connect(user_text: str, venue: VenueName, credentials: Credentials) -> None:
    from cli.base.clock import now_utc
    from cli.base.session import open_session
    from cli.commands.keys import load_sealing_keys

    async with open_session(needs_prefect=False) as session:
        async with session.database.operator() as operator:
            user = await find_user(operator, user_text)
        keys = load_sealing_keys(session.home.secrets)
        async with session.database.tenant(user.user_id) as tenant:
            now = now_utc()
            await tenant.accounts.save_credentials(
                venue, credentials=credentials, keys=keys, now=now
            )
            await tenant.audit.append(
                user.name,
                action="connect",
                detail={"venue": venue, "hint": credentials.hint},
                now=now,
            )


async def _disconnect(user_text: str, venue: VenueName) -> bool:
    from cli.base.clock import now_utc
    from cli.base.session import open_session

    async with open_session(needs_prefect=False) as session:
        async with session.database.operator() as operator:
            user = await find_user(operator, user_text)
        async with session.database.tenant(user.user_id) as tenant:
            if not await tenant.accounts.remove_account(venue):
                return False
            await tenant.audit.append(
                user.name, action="disconnect", detail={"venue": venue}, now=now_utc()
            )
            return True
