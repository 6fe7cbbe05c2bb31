"""What comes back: receipts, pictures, one sentence for each kind of failure."""

import logging
import re

import pytest

from telegram.bot import router as verbs
from telegram.request.request import Answer, Ask, Verb
from tests.db.values import make_record
from tests.doubles.telegram_chats import Fault, Person, Refusal
from tests.telegram.stage import Stage
from trading.domain.errors import OutcomeUnknown, PermanentError, TransientError


async def enter(stage: Stage) -> Person:
    """A user with a pair that has been looked at once."""
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    user = await stage.load_user(101)
    record = make_record(user.user_id, stage.now)
    async with stage.database.tenant(user.user_id) as tenant:
        await tenant.cycles.close_cycle(record)
    return ann


async def test_stats_of_one_pair_come_with_a_picture(stage: Stage) -> None:
    ann = await enter(stage)
    reply = await ann.ask("/stats BTC/USDT")
    assert reply.photo is not None
    assert reply.photo.startswith(b"\x89PNG")
    assert len(reply.photo) > 10_000
    assert "BTC/USDT" in reply.text


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (TransientError("The database does not answer."), "Try again in a minute"),
        (PermanentError("That can't be done."), "That can't be done."),
        (OutcomeUnknown("Lost while committing."), "error [0-9a-f]{6}"),
        (RuntimeError("a secret of ours"), "error [0-9a-f]{6}"),
    ],
)
async def test_a_failure_is_one_sentence_and_the_rest_is_logged(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    sentence: str,
) -> None:
    async def fail(ask: Ask) -> Answer:
        raise failure

    monkeypatch.setattr(verbs, "VERBS", {"fail": Verb(name="fail", run=fail)})
    caplog.set_level(logging.ERROR, logger="telegram")
    ann = stage.telegram.people.get(101) or await stage.register(101)
    reply = await ann.ask("/fail")
    assert re.search(sentence, reply.text)
    assert "secret of ours" not in reply.text
    (logged,) = [r for r in caplog.records if r.name == "telegram.handlers.errors"]
    assert type(failure).__name__ in logged.getMessage()


async def test_telegram_s_wish_to_wait_is_obeyed(stage: Stage) -> None:
    ann = await stage.register(101)
    busy = Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
    stage.telegram.faults = [Fault(method="sendMessage", refusal=busy)]
    assert "/addpair" in (await ann.ask("/help")).text


async def test_a_lost_answer_does_not_repeat_the_command(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.telegram.faults = [Fault(method="sendMessage", is_done=True)]
    await ann.ask("/addpair BTC/USDT 1000")
    assert [name for name, _ in stage.prefect.runs] == ["trading-cycle"]


async def test_a_picture_that_telegram_refuses_leaves_the_figures(stage: Stage) -> None:
    ann = await enter(stage)
    stage.telegram.faults.append(
        Fault(method="sendPhoto", refusal=Refusal(400, "IMAGE_PROCESS_FAILED"))
    )
    reply = await ann.ask("/stats BTC/USDT")
    assert reply.photo is None
    assert "BTC/USDT" in reply.text
