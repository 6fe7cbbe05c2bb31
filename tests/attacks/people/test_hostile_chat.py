"""Attack: hostile numbers as the argument of every command of the chat and of the terminal."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from cli.main import app
from db.session import Database
from telegram.bot.router import VERBS
from tests.attacks.test_hostile_numbers import HOSTILE
from tests.telegram.stage import make_settings, open_stage

MOST_CHARACTERS = 4000
"""A longer text is not a single message of Telegram."""
NUMBERS = [number for number in dict.fromkeys(HOSTILE) if len(number) <= MOST_CHARACTERS]
WITH_NUMBERS = {
    "addpair",
    "ask",
    "ban",
    "budget",
    "capital",
    "risk",
    "risk_raise",
    "trades",
    "unban",
}
"""Commands that read a number; the others get every tenth number."""
FORMS = ("{}", "BTC/USDT {}", "BTC/USDT max_leverage {}")
ADMIN = 101
SECONDS = 0.5
UNFORESEEN = "Something went wrong on our side"


def list_parameters(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any, Any]]:
    """Words of the command, command and parameter of every number at the terminal."""
    for name, child in getattr(command, "commands", {}).items():
        yield from list_parameters(child, (*path, name))
    for parameter in command.params:
        if parameter.type_descriptor.annotation in {int, float}:
            yield " ".join((*path, parameter.name)), command, parameter


NUMERIC = {
    name: (command, parameter)
    for name, command, parameter in list_parameters(typer.main.get_command(app))
}


def test_the_terminal_has_numbers() -> None:
    assert len(NUMERIC) > 5


@pytest.mark.parametrize("name", NUMERIC)
def test_a_number_of_the_terminal_is_read_or_refused_at_once(name: str) -> None:
    command, parameter = NUMERIC[name]
    option = parameter.opts[0]
    for number in dict.fromkeys(HOSTILE):
        words = [f"{option}={number}"] if option.startswith("--") else ["--", number]
        begin = time.process_time()
        with suppress(TyperException):
            command.make_context("quorum", words)
        assert time.process_time() - begin < SECONDS, number[:40]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("verb", sorted({verb.name for verb in VERBS.values()}))
async def test_a_command_of_the_chat_answers_each_number(
    database: Database, now: datetime, verb: str
) -> None:
    settings = make_settings(telegram_admins=frozenset({ADMIN}))
    async with open_stage(database, now=now, settings=settings) as stage:
        ann = await stage.register(ADMIN)
        await ann.ask("/addpair BTC/USDT 1000")
        for place, number in enumerate(NUMBERS if verb in WITH_NUMBERS else NUMBERS[::10]):
            form = FORMS[place % len(FORMS)]
            begin = time.process_time()
            reply = await ann.ask(f"/{verb} {form.format(number)}", seconds=30)
            assert time.process_time() - begin < SECONDS, (verb, number[:40])
            assert UNFORESEEN not in reply.text, (verb, number[:40], reply.text)
