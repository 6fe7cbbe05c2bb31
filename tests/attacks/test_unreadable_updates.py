"""Attack: a message of a form unknown to the library, with an API key in the same batch."""

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from db.session import Database
from tests.telegram.stage import Stage, open_stage

KEY = "AKEYTHATNOLOGMAYHOLD" * 3
CHAT = {"id": 101, "type": "private", "first_name": "Ann"}
HIDDEN_ORIGIN = {
    "message": {
        "message_id": 7,
        "date": 1,
        "chat": CHAT,
        "from": {"id": 101, "is_bot": False, "first_name": "Ann"},
        "forward_origin": {"type": "hidden_user", "date": 1},
        "text": KEY,
    }
}


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    async with open_stage(database, now=now) as stage:
        yield stage


@pytest.mark.parametrize(
    "bad",
    [HIDDEN_ORIGIN, {"message": KEY}, {"message": {"chat": {"id": KEY}}}, {"unknown": {"x": KEY}}],
    ids=["nameless-origin", "text", "wrong-type", "unknown-kind"],
)
async def test_the_bot_skips_it_answers_the_rest_and_logs_no_content(
    stage: Stage, caplog: pytest.LogCaptureFixture, bad: dict[str, Any]
) -> None:
    ann = await stage.register(101)
    caplog.set_level(logging.DEBUG)

    stage.telegram.push(bad)
    ann.write(f"my key is {KEY}")
    stage.telegram.push(bad)
    answer = await ann.ask("/help")

    assert "/pairs" in answer.text or "/help" in answer.text
    assert KEY not in caplog.text
    await stage.telegram.wait_until_taken()
