"""`quorum user forget`: erases a user from both databases, from the logs and from the home.

NAME|ID -> check -> confirmation -> pairs, deployments -> both databases -> logs -> what stays

The command needs the owner's address of the database (as `quorum backup` does) and the address of
Prefect's database; with the embedded server the command knows both. The stack may run meanwhile.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.base.confirmation import confirm
from cli.base.output import print_json
from trading.domain.errors import BadInput
from trading.domain.messages import message

if TYPE_CHECKING:
    from cli.base.home import Home
    from commands.caller import Caller
    from trading.security.erasure import UserMarks

STAYS = (
    "What stays: backups and PostgreSQL's write-ahead log until you delete them or they are "
    "overwritten, the hashes of the audit chain (without salt), the audit entries under the "
    "pseudonym, logs outside this home (journald, docker logs), messages in Telegram, and the "
    "key at the venue: delete it there."
)
PSEUDONYM_BYTES = 4
RECORDER_SECONDS = 6.0
"""Prefect's server records task runs in batches, up to 2 s late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAddresses:
    """Addresses of the owners of both databases; they hold passwords."""

    books: str = field(repr=False)
    prefect: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Counts of an erasure: audit entries under the pseudonym, deleted runs, changed log lines."""

    pseudonym: str
    audit_entries: int
    prefect_runs: int
    log_lines: int


def forget_user(name: str, *, yes: bool, as_json: bool) -> None:
    """Erase a user after a confirmation, and print what was erased and what stays."""
    done = asyncio.run(_forget(name, yes=yes))
    if as_json:
        print_json(done)
        return
    print(
        f"Forgot the user: all rows, {done.prefect_runs} runs of Prefect, {done.log_lines} lines "
        f"of logs. {done.audit_entries} audit entries now name {done.pseudonym}."
    )
    print(STAYS)


async def _forget(name: str, *, yes: bool) -> Erasure:
    from cli.base.home import Home
    from cli.base.settings import CliSettings
    from cli.base.user_session import open_caller
    from commands.people.erasure import check_flat, load_marks, remove_pairs

    if not name.strip():
        raise BadInput(message("forget-needs-name"))
    home = Home(root=CliSettings().home.absolute())
    home.prepare()
    async with (
        _open_owner(home) as owner,
        open_caller(name, needs_prefect=True) as caller,
    ):
        await check_flat(caller)
        confirm(_ask(caller), yes=yes)
        marks = await load_marks(caller)
        await remove_pairs(caller)
        if caller.services.deployments is not None:
            await asyncio.sleep(RECORDER_SECONDS)
        return await asyncio.to_thread(_erase, caller, marks=marks, owner=owner, home=home)


def _erase(
    caller: "Caller", *, marks: "UserMarks", owner: OwnerAddresses, home: "Home"
) -> Erasure:
    from cli.base.log_files import forget_in_logs
    from db.server.erasure import erase_from_prefect, erase_user

    pseudonym = f"forgotten-{secrets.token_hex(PSEUDONYM_BYTES)}"
    entries = erase_user(owner.books, marks, pseudonym=pseudonym, actor="operator", now=caller.now)
    runs = erase_from_prefect(owner.prefect, marks)
    lines = forget_in_logs(home.root, marks=marks)
    return Erasure(pseudonym=pseudonym, audit_entries=entries, prefect_runs=runs, log_lines=lines)


@asynccontextmanager
async def _open_owner(home: "Home") -> AsyncIterator[OwnerAddresses]:
    """The owners' addresses: of the environment, or of the embedded server."""
    from cli.base.database import open_database_access
    from cli.base.prefect_settings import DATABASE_ADDRESSES
    from db.engine.settings import DatabaseSettings
    from db.server.bootstrap import fill_password

    settings = DatabaseSettings(home=home.root)
    prefect = next(filter(None, map(os.environ.get, sorted(DATABASE_ADDRESSES))), None)
    if settings.database_url is not None:
        if prefect is None:
            raise BadInput(message("forget-needs-prefect"))
        books = settings.database_url.get_secret_value()
        yield OwnerAddresses(
            books=fill_password(books, secrets=home.secrets),
            prefect=fill_password(prefect, secrets=home.secrets),
        )
        return
    async with open_database_access(home, settings=settings) as access:
        prefect = prefect or access.prefect_url
        if access.embedded is None or prefect is None:
            raise BadInput(message("forget-needs-owner"))
        yield OwnerAddresses(books=access.embedded.url, prefect=prefect)


def _ask(caller: "Caller") -> str:
    return f"Erase all data of {caller.user.name} ({caller.user.user_id}) for good?"
