"""Runs one command for the user of `--user`: database, Prefect gateway, local market."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cli.base.clock import now_utc

if TYPE_CHECKING:
    from cli.base.session import Session
    from commands.caller import Caller

NOT_RUNNING = "Prefect is not running, so it follows at the next `quorum up`."


def run_command[T](
    user: str,
    command: "Callable[[Caller], Awaitable[T]]",
    *,
    needs_prefect: bool = False,
    adds_local: bool = False,
) -> T:
    """
    Run a command for the user of that name or number, and return the result.

    Args:
        user: name or number; empty for the local user.
        command: the command, given the caller.
        needs_prefect: True for a command that changes deployments or starts a flow; the import
            of Prefect's client takes 1.5 s.
        adds_local: True for a command that works before the first `quorum up`: without `user`, a
            missing local user is added.

    Raises:
        QuorumError: of the command, and for an unknown user.
    """

    async def run() -> T:
        opened = open_caller(user, needs_prefect=needs_prefect, adds_local=adds_local)
        async with opened as caller:
            return await command(caller)

    return asyncio.run(run())


def run_for_all[T](command: "Callable[[Session], Awaitable[T]]") -> T:
    """Run a command that concerns no single user, and return the result."""

    async def run() -> T:
        from cli.base.session import open_session

        async with open_session(needs_prefect=False) as session:
            return await command(session)

    return asyncio.run(run())


@asynccontextmanager
async def open_caller(
    user: str, *, needs_prefect: bool = False, adds_local: bool = False
) -> "AsyncIterator[Caller]":
    """Open the services of the commands for a user; arguments as of `run_command`."""
    from blocks.settings import VenueSettings
    from cli.base.local_market import LocalMarket
    from cli.base.session import open_session
    from commands.caller import Caller, Services
    from commands.people.users import find_or_add_local, find_user
    from commands.settings import CommandSettings
    from trading.domain.units import VenueName

    async with open_session(needs_prefect=needs_prefect) as session:
        services = Services(
            database=session.database,
            deployments=session.deployments,
            settings=CommandSettings(),
            venue=VenueName(VenueSettings().venue),
            market=LocalMarket(session.home),
        )
        now = now_utc()
        if adds_local and not user.strip():
            found = await find_or_add_local(session.database, now=now)
        else:
            found = await find_user(session.database, user)
        yield Caller(services=services, user=found, now=now, acting_as=found.name)
