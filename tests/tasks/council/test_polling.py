"""The poll: the cycle goes on as soon as nobody can change the outcome, and not before."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from tasks.council.polling import Poll
from tests.trading.council_cases import make_abstention, make_vote
from trading.council.decisions import LATE, Abstention, Action, Decision, ModelIdentity

A, B, C = (ModelIdentity(name=name, vendor=name, is_offline=False) for name in "abc")
LONG, SHORT, HOLD = Action.OPEN_LONG, Action.OPEN_SHORT, Action.HOLD


async def say(identity: ModelIdentity, action: Action, *, after: float) -> Decision:
    await asyncio.sleep(after)
    return make_vote(action, name=identity.name)


async def fail() -> Decision:
    raise RuntimeError("unforeseen")


def polled(*asks: tuple[ModelIdentity, Coroutine[Any, Any, Decision]]) -> Poll:
    return Poll(dict(asks))


def actions(decisions: tuple[Decision, ...]) -> list[Action | None]:
    return [decision.proposal.action if decision.proposal else None for decision in decisions]


async def settle(poll: Poll, *, deadline: float = 1.0) -> tuple[tuple[Decision, ...], float]:
    started = time.monotonic()
    decisions = await poll.settle(quorum=2, deadline_seconds=deadline)
    return decisions, time.monotonic() - started


async def test_two_that_agree_are_not_kept_waiting_by_the_third() -> None:
    poll = polled(
        (A, say(A, LONG, after=0.05)), (B, say(B, LONG, after=0.15)), (C, say(C, LONG, after=0.9))
    )
    decisions, seconds = await settle(poll)
    assert actions(decisions) == [LONG, LONG, None]
    assert 0.15 <= seconds < 0.4
    poll.cancel()


async def test_two_that_disagree_wait_for_the_third() -> None:
    poll = polled(
        (A, say(A, LONG, after=0.0)), (B, say(B, SHORT, after=0.0)), (C, say(C, LONG, after=0.2))
    )
    decisions, seconds = await settle(poll)
    assert actions(decisions) == [LONG, SHORT, LONG]
    assert seconds >= 0.2


async def test_the_deadline_ends_the_waiting() -> None:
    poll = polled(
        (A, say(A, LONG, after=0.0)), (B, say(B, SHORT, after=0.0)), (C, say(C, LONG, after=5.0))
    )
    decisions, seconds = await settle(poll, deadline=0.2)
    assert decisions[2].abstention is Abstention.DEADLINE
    assert 0.2 <= seconds < 0.5
    poll.cancel()


async def test_a_late_answer_is_recorded_as_late() -> None:
    poll = polled(
        (A, say(A, HOLD, after=0.0)), (B, say(B, HOLD, after=0.0)), (C, say(C, LONG, after=0.1))
    )
    settled, _ = await settle(poll)
    finished = await poll.finish(grace_seconds=1.0)
    assert actions(settled) == [HOLD, HOLD, None]
    assert actions(finished) == [HOLD, HOLD, LONG]
    assert [decision.detail for decision in finished] == ["", "", LATE]
    assert [decision.is_late for decision in finished] == [False, False, True]


async def test_a_late_abstention_says_why_and_that_it_is_late() -> None:
    async def refuse() -> Decision:
        await asyncio.sleep(0.05)
        return make_abstention(Abstention.REFUSED, name="c", detail="the model declined")

    poll = polled((A, say(A, HOLD, after=0)), (B, say(B, HOLD, after=0)), (C, refuse()))
    await settle(poll)
    assert (await poll.finish(grace_seconds=1.0))[2].detail == "late: the model declined"


async def test_nobody_is_waited_for_beyond_the_grace() -> None:
    poll = polled(
        (A, say(A, HOLD, after=0.0)), (B, say(B, HOLD, after=0.0)), (C, say(C, LONG, after=9.0))
    )
    settled, _ = await settle(poll)
    started = time.monotonic()
    assert await poll.finish(grace_seconds=0.1) == settled
    assert time.monotonic() - started < 0.5


async def test_all_in_time_leave_nothing_to_finish() -> None:
    poll = polled((A, say(A, LONG, after=0.0)), (B, say(B, SHORT, after=0.0)))
    settled, _ = await settle(poll)
    assert await poll.finish(grace_seconds=0.0) == settled


@pytest.mark.parametrize("others", [LONG, HOLD])
async def test_a_model_that_raises_abstains(others: Action) -> None:
    poll = polled((A, fail()), (B, say(B, others, after=0.0)), (C, say(C, others, after=0.0)))
    decisions, _ = await settle(poll)
    assert decisions[0].abstention is Abstention.UNAVAILABLE
    assert actions(decisions)[1:] == [others, others]


async def test_a_maker_with_an_open_vote_has_no_voice_yet() -> None:
    early, late = (
        ModelIdentity(name=name, vendor="c", is_offline=False) for name in ("c-1", "c-2")
    )
    poll = polled(
        (A, say(A, LONG, after=0)),
        (B, say(B, LONG, after=0)),
        (early, say(early, LONG, after=0)),
        (late, say(late, SHORT, after=0.3)),
    )
    settled, seconds = await settle(poll)
    assert seconds < 0.3
    assert actions(settled) == [LONG, LONG, None, None]
    finished = await poll.finish(grace_seconds=1.0)
    assert actions(finished) == [LONG, LONG, LONG, SHORT]
    assert [one.is_late for one in finished] == [False, False, True, True]


async def test_an_empty_council_decides_nothing() -> None:
    poll = polled()
    assert await poll.settle(quorum=2, deadline_seconds=1.0) == ()
    assert await poll.finish(grace_seconds=0.0) == ()
