"""What a stranger can touch: nothing. What a user can touch of others: nothing."""

import logging
import os
from datetime import datetime
from random import Random
from typing import Any

import pytest

from db.session import Database
from telegram.request.settings import Signup
from tests.database import TestDatabase
from tests.db.schema import digest_tables
from tests.doubles.telegram_chats import Person
from tests.telegram.bot.hostile import Crowd
from tests.telegram.stage import Stage, make_settings, open_stage

UPDATES = int(os.environ.get("QUORUM_TEST_HOSTILE_UPDATES", "500"))
USERS = int(os.environ.get("QUORUM_TEST_BOT_USERS", "8"))
NO_EFFECTS = {"bot_updates"}
"""Tables in which an update leaves its number whoever sent it."""


async def gather_crowd(stage: Stage) -> Crowd:
    """A victim with pairs, a key and an open question; the others around."""
    victim = await say(stage, 101, "/start", "/addpair BTC/USDT 1000", "/addpair ETH/USDT 500")
    mallory = await say(stage, 102, "/start")
    banned = await say(stage, 103, "/start", "/addpair BTC/USDT 1000", "/panic")
    async with stage.database.operator() as operator:
        user = await stage.load_user(103)
        await operator.users.set_banned(user.user_id, is_banned=True)
    await say(stage, 101, "/help", "/panic")
    used = victim.list_replies()[-1].find_data("Cancel")
    await feed_press(stage, victim, used)
    await say(stage, 101, "/panic")
    closed = stage.services.settings.model_copy(update={"signup": Signup.CLOSED})
    object.__setattr__(stage.services, "settings", closed)
    return Crowd(
        random=Random(7),
        victim=victim,
        mallory=mallory,
        banned=banned,
        strangers=[stage.telegram.add_person(200 + number) for number in range(20)],
        question=victim.list_replies()[-1],
        used=[used],
    )


async def say(stage: Stage, telegram_id: int, *texts: str) -> Person:
    """Somebody's texts, given to the dispatcher one after the other."""
    person = stage.telegram.people.get(telegram_id) or stage.telegram.add_person(telegram_id)
    for text in texts:
        person.write(text)
        await stage.feed(stage.telegram.updates.pop())
    return person


async def feed_press(stage: Stage, person: Person, data: str) -> None:
    """Somebody presses a button with this data."""
    person.press_data(data, message=person.list_replies()[-1])
    await stage.feed(stage.telegram.updates.pop())


def digest(database_run: TestDatabase) -> dict[str, Any]:
    """A fingerprint of everything that an update could change."""
    with database_run.connect() as owner:
        return {k: v for k, v in digest_tables(owner).items() if k not in NO_EFFECTS}


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_hostile_updates_have_no_effect(
    database: Database,
    database_run: TestDatabase,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    settings = make_settings(messages_per_minute=10_000)
    async with open_stage(database, now=now, settings=settings, is_polling=False) as stage:
        crowd = await gather_crowd(stage)
        before, runs = digest(database_run), len(stage.prefect.runs)
        standing = dict(stage.prefect.paused)
        sent: list[dict[str, Any]] = []
        for _ in range(UPDATES):
            if sent and crowd.random.random() < 0.1:
                update = crowd.random.choice(sent)
            else:
                update = {"update_id": stage.telegram.number("update"), **crowd.make()}
                sent.append(update)
            await stage.feed(update)
        assert digest(database_run) == before
        assert (stage.prefect.paused, len(stage.prefect.runs)) == (standing, runs)
        await feed_press(stage, crowd.victim, crowd.question.find_data("Yes"))
        assert len(stage.prefect.runs) == runs + 1, "the victim's own button still works"
    errors = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    # A query that only the forger knows can't be answered; Telegram says so.
    assert [e for e in errors if "TelegramBadRequest" not in e] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_users_see_and_move_only_what_is_theirs(
    database: Database, database_run: TestDatabase, now: datetime
) -> None:
    async with open_stage(database, now=now, is_polling=False) as stage:
        tokens: dict[int, str] = {}
        for number in range(USERS):
            telegram_id, capital = 1000 + number, 100_001 + 7 * number
            person = await say(stage, telegram_id, "/start", f"/addpair BTC/USDT {capital}")
            await say(stage, telegram_id, "/panic")
            tokens[telegram_id] = person.list_replies()[-1].find_data("Yes")
        before, runs = digest(database_run), len(stage.prefect.runs)
        for attacker in tokens:
            for victim, token in tokens.items():
                if victim != attacker:
                    await feed_press(stage, stage.telegram.people[attacker], token)
        assert digest(database_run) == before
        assert len(stage.prefect.runs) == runs
        for number, telegram_id in enumerate(tokens):
            person = stage.telegram.people[telegram_id]
            for command in ("/pairs", "/status", "/mode", "/stats"):
                await say(stage, telegram_id, command)
                shown = person.list_replies()[-1].text.replace(",", "").replace("\u00a0", "")
                others = [str(100_001 + 7 * n) for n in range(USERS) if n != number]
                assert not [figure for figure in others if figure in shown]
        for position, telegram_id in enumerate(tokens):
            await say(stage, telegram_id, "/removepair BTC/USDT")
            assert len(stage.prefect.paused) == USERS - position - 1
