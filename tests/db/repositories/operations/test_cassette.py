"""The cassette: a shared question is stored once, answers are readable, retention removes both."""

from datetime import UTC, datetime, timedelta

from db.session import Database
from tests.trading.council_cases import make_facts
from trading.council.cassette import CassetteEntry, record_exchange
from trading.council.decisions import Abstention, Decision, Exchange, ModelIdentity
from trading.council.prompts import build_prompt

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PROMPT = build_prompt(make_facts(), None)


def make_entry(seat: str, *, at: datetime = NOW) -> CassetteEntry:
    decision = Decision(
        model=ModelIdentity(name=seat, vendor=seat, is_offline=False),
        proposal=None,
        abstention=Abstention.MALFORMED,
        exchange=Exchange(options="{}", answer=f"{seat} says nothing", answered_by=seat),
    )
    entry = record_exchange(PROMPT, decision, now=at)
    assert entry is not None
    return entry


async def test_a_shared_question_is_stored_once_and_read_with_every_answer(
    database: Database,
) -> None:
    entries = tuple(make_entry(seat) for seat in ("a:1", "b:2", "c:3"))
    async with database.operator() as operator:
        for entry in (*entries, *entries):
            await operator.cassette.add(entry)
        assert await operator.cassette.load([PROMPT.digest]) == entries
        assert await operator.cassette.load(["another"]) == ()


async def test_retention_removes_old_answers_and_texts_that_no_answer_needs(
    database: Database,
) -> None:
    old, new = make_entry("a:1", at=NOW - timedelta(days=9)), make_entry("b:2")
    async with database.operator() as operator:
        await operator.cassette.add(old)
        await operator.cassette.add(new)
        assert await operator.cassette.remove_before(NOW - timedelta(days=1)) == 1
        assert await operator.cassette.load([PROMPT.digest]) == (new,)
        assert await operator.cassette.remove_before(NOW + timedelta(days=1)) == 1
        assert await operator.cassette.load([PROMPT.digest]) == ()


def test_a_decision_without_a_raw_answer_has_no_entry() -> None:
    silent = Decision(
        model=ModelIdentity(name="a:1", vendor="a", is_offline=False),
        proposal=None,
        abstention=Abstention.DEADLINE,
    )
    assert record_exchange(PROMPT, silent, now=NOW) is None
