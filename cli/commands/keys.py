"""`quorum rotate-keys`: replaces the master key and wraps every sealed API key anew.

new key beside the old key -> wrap anew -> count again: 0 -> forget the old key

A stopped rotation can be repeated: the old keys stay valid until the count is 0. A master key from
the environment is replaced there by the operator; the verb wraps anew and names the old key.
"""

import asyncio
from typing import TYPE_CHECKING

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput, PermanentError

if TYPE_CHECKING:
    from pathlib import Path

    from cli.base.session import Session
    from commands.keys import RotationReport
    from db.encryption.envelope import MasterKeys

commands = typer.Typer()


@commands.command("rotate-keys")
def rotate_keys(as_json: JsonOption = False) -> None:
    """Make a new master key and wrap every sealed API key under the new key."""
    report, is_ours = asyncio.run(_rotate())
    if as_json:
        print_json({"users": report.users, "rewrapped": report.rewrapped})
        return
    print(f"Wrapped {report.rewrapped} venue accounts of {report.users} users anew.")
    if is_ours:
        print("A new master key is in use; the older one is forgotten.")
    else:
        print("Now take the older key out of QUORUM_MASTER_KEY.")


async def _rotate() -> "tuple[RotationReport, bool]":
    from cli.base.session import open_session
    from db.encryption.envelope import add_master_key, forget_older_keys
    from db.engine.settings import DatabaseSettings

    given = DatabaseSettings().master_key is not None
    async with open_session(needs_prefect=False) as session:
        secrets = session.home.secrets
        keys = _load_given_keys(secrets) if given else add_master_key(secrets)
        report = await _wrap_everything(session, keys)
        if not given:
            forget_older_keys(secrets)
    return report, not given


def _load_given_keys(secrets: "Path") -> "MasterKeys":
    keys = load_sealing_keys(secrets)
    if not keys.older:
        raise BadInput(
            "The master key is given as QUORUM_MASTER_KEY: put a new key in front of it, with a "
            "space between them, restart Quorum, then do this again."
        )
    return keys


async def _wrap_everything(session: "Session", keys: "MasterKeys") -> "RotationReport":
    from commands.keys import rotate_master_key

    report = await rotate_master_key(session.database, keys=keys)
    left = await rotate_master_key(session.database, keys=keys)
    if left.rewrapped:
        raise PermanentError(
            f"{left.rewrapped} accounts were connected meanwhile. Nothing is lost: do it again."
        )
    return report


def load_sealing_keys(secrets: "Path") -> "MasterKeys":
    """The master keys of this installation: given in the environment, or in the secrets folder."""
    from db.encryption.envelope import load_master_keys
    from db.engine.settings import DatabaseSettings

    return load_master_keys(secrets, from_environment=DatabaseSettings().master_key)
