"""`quorum chat`: the bot in a terminal, for a machine without a Telegram token.

lines of standard input -> telegram.bot.console -> lines
"""

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING

import typer

from cli.base.output import UserOption
from trading.domain.errors import BadInput

if TYPE_CHECKING:
    from telegram.bot.console import TerminalChat
    from telegram.request.request import Services
    from trading.domain.units import UserId

GREETING = "Type /help for everything I can do, a number for a button, an empty line to leave."
NOT_RUNNING = "Quorum is not running: start it with `quorum up`, then chat."

commands = typer.Typer()


@commands.command()
def chat(user: UserOption = "") -> None:
    """Talk to the bot in this terminal, as the local user; Quorum must be running."""
    asyncio.run(_chat(user))


async def _chat(user_text: str) -> None:
    from cli.base.clock import now_utc
    from cli.base.user_session import open_caller
    from cli.people.keys import load_sealing_keys
    from db.engine.settings import DatabaseSettings
    from telegram.request.request import Services
    from telegram.request.settings import BotSettings

    async with open_caller(user_text, needs_prefect=True) as caller:
        given = caller.services
        if given.deployments is None:
            raise BadInput(NOT_RUNNING)
        services = Services(
            database=given.database,
            deployments=given.deployments,
            load_keys=partial(load_sealing_keys, DatabaseSettings().secrets),
            settings=BotSettings(),
            clock=now_utc,
            venue=given.venue,
        )
        await _talk(_open(services, caller.user.user_id))


def _open(services: "Services", user_id: "UserId") -> "TerminalChat":
    from telegram.bot.console import TerminalChat

    return TerminalChat(services, user_id=user_id, write=print)


async def _talk(conversation: "TerminalChat") -> None:
    print(GREETING)
    while line := (await asyncio.to_thread(_read)).strip():
        await conversation.hear(line)


def _read() -> str:
    if sys.stdin.isatty():
        print("> ", end="", flush=True)
    return sys.stdin.readline()
