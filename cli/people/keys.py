"""`quorum rotate-keys`: replaces the master key and wraps every sealed API key anew.

new key beside the old key -> wrap anew -> wrap what came meanwhile -> forget the old key

Bot and workers may run meanwhile: both read the master keys again at each use. A stopped rotation
can be repeated. A record that does not open is listed, and the master key named by the record is
kept. A master key from the environment is replaced there by the operator; the verb wraps anew and
names the old key.
"""

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.base.session import Session
    from commands.people.keys import RotationReport
    from db.encryption.envelope import MasterKeys

commands = typer.Typer()


@commands.command("rotate-keys")
def rotate_keys(as_json: JsonOption = False) -> None:
    """Make a new master key and wrap every sealed API key under the new key."""
    report, is_ours = asyncio.run(_rotate())
    if as_json:
        print_json(
            {
                "users": report.users,
                "rewrapped": report.rewrapped,
                "damaged": [{"user": user, "venue": venue} for user, venue in report.damaged],
            }
        )
        return
    print(f"Wrapped {report.rewrapped} venue accounts of {report.users} users anew.")
    for user, venue in report.damaged:
        print(f"The key of user {user} at {venue} does not open: the user has to connect again.")
    if report.needed:
        print("The master keys named by the keys that do not open are kept.")
    elif is_ours:
        print("A new master key is in use; the older one is forgotten.")
    else:
        print("Now take the older key out of QUORUM_MASTER_KEY.")


async def _rotate() -> "tuple[RotationReport, bool]":
    from cli.base.session import open_session
    from db.encryption.envelope import add_master_key
    from db.engine.settings import DatabaseSettings

    given = DatabaseSettings().master_key is not None
    async with open_session(needs_prefect=False) as session:
        secrets = session.home.secrets
        keys = _load_given_keys(secrets) if given else add_master_key(secrets)
        forget = None if given else partial(_forget, secrets)
        report = await _wrap_everything(session, keys, forget=forget)
    return report, not given


def _forget(secrets: "Path", needed: frozenset[str]) -> None:
    from db.encryption.envelope import forget_older_keys

    forget_older_keys(secrets, needed=needed)


def _load_given_keys(secrets: "Path") -> "MasterKeys":
    keys = load_sealing_keys(secrets)
    if not keys.older:
        raise BadInput(
            "The master key is given as QUORUM_MASTER_KEY: put a new key in front of it, with a "
            "space between them, restart Quorum, then do this again."
        )
    return keys


async def _wrap_everything(
    session: "Session", keys: "MasterKeys", *, forget: "Callable[[frozenset[str]], None] | None"
) -> "RotationReport":
    from commands.people.keys import finish_rotation, rotate_master_key

    first = await rotate_master_key(session.database, keys=keys)
    last = await finish_rotation(session.database, keys=keys, forget=forget or (lambda _: None))
    return replace(last, rewrapped=first.rewrapped + last.rewrapped)


def load_sealing_keys(secrets: "Path") -> "MasterKeys":
    """The master keys of this installation: given in the environment, or in the secrets folder."""
    from db.encryption.envelope import load_master_keys
    from db.engine.settings import DatabaseSettings

    return load_master_keys(secrets, from_environment=DatabaseSettings().master_key)
