"""Attack: an account that is not an admin in the settings acts as an admin."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from db.session import Database
from telegram.bot.console import TerminalChat
from tests.database import TestDatabase
from tests.telegram.stage import Stage, make_settings, open_stage
from trading.domain.units import TradingState

FORMER = 900


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    """A bot whose settings no longer name the former admin."""
    settings = make_settings(telegram_admins="901")
    async with open_stage(database, now=now, settings=settings) as stage:
        yield stage


def grant_in_database(database_run: TestDatabase) -> None:
    """What an earlier sign-up as an admin, or a writer of the database, has left."""
    with database_run.connect() as owner:
        owner.execute("UPDATE users SET is_admin = true")


async def test_a_removed_admin_has_no_rights_left(
    stage: Stage, database_run: TestDatabase
) -> None:
    former = await stage.register(FORMER, "Olga")
    grant_in_database(database_run)

    assert "/broadcast" not in (await former.ask("/help")).text
    for command in ("/users", "/health", "/broadcast hello", "/ban 1"):
        assert "don't know" in (await former.ask(command)).text
    await former.ask("/halt mine")
    async with stage.database.operator() as operator:
        assert await operator.states.load_trading_state(None) is TradingState.ACTIVE


async def test_the_terminal_grants_a_telegram_user_no_rights(
    stage: Stage, database_run: TestDatabase
) -> None:
    await stage.register(FORMER, "Olga")
    grant_in_database(database_run)
    lines: list[str] = []
    user = await stage.load_user(FORMER)
    chat = TerminalChat(stage.services, user_id=user.user_id, write=lines.append)

    await chat.hear("/users")

    assert "don't know" in lines[0]


async def test_the_list_of_users_marks_the_admins_of_the_settings(
    stage: Stage, database_run: TestDatabase
) -> None:
    await stage.register(FORMER, "Olga")
    grant_in_database(database_run)
    admin = await stage.register(901, "Anna")

    olga, anna = (await admin.ask("/users")).text.splitlines()[-2:]

    assert "admin" not in olga
    assert "admin" in anna
