"""Cycles: claimed by one, closed once, explained even when they were cut off."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.session import Database
from reports.texts.catalog import render
from tests.database import MakeUser
from tests.db.reads import list_decisions
from tests.db.values import BTC, ETH, PAPER, make_key, make_record
from trading.cycle import CycleKey, CycleOutcome
from trading.domain.errors import PermanentError
from trading.domain.messages import plain
from trading.domain.units import CYCLE_INTERVAL, Mode


async def claim(database: Database, key: CycleKey, *, now: datetime) -> bool:
    async with database.tenant(key.user_id) as tenant:
        return await tenant.cycles.claim_cycle(key, mode=Mode.PAPER, venue=PAPER, now=now)


async def test_of_100_claims_of_one_cycle_one_wins(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    key = make_key(await make_user(), now)
    claims = await asyncio.gather(*(claim(database, key, now=now) for _ in range(100)))
    assert sum(claims) == 1


async def test_a_closed_cycle_is_not_closed_again(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    record = make_record(user_id, now)
    await claim(database, record.key, now=now)
    async with database.tenant(user_id) as tenant:
        assert await tenant.cycles.load_cycle(BTC, cycle_time=now) is None
        assert await tenant.cycles.close_cycle(record) is True
        assert await tenant.cycles.close_cycle(replace(record, reason=plain("second"))) is False
        assert await tenant.cycles.load_cycle(BTC) == record
    assert await claim(database, record.key, now=now) is False


async def test_a_cycle_that_was_never_claimed_may_still_leave_a_receipt(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    skipped = replace(make_record(user_id, now), outcome=CycleOutcome.SKIPPED, closed_at=None)
    async with database.tenant(user_id) as tenant:
        assert await tenant.cycles.close_cycle(skipped) is True
        assert await tenant.cycles.load_cycle(BTC, cycle_time=now) == skipped


async def test_cycles_are_listed_newest_first_by_pair(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    times = [now + number * CYCLE_INTERVAL for number in range(3)]
    async with database.tenant(user_id) as tenant:
        for at in times:
            await tenant.cycles.close_cycle(make_record(user_id, at))
        await tenant.cycles.claim_cycle(
            make_key(user_id, times[-1] + CYCLE_INTERVAL), mode=Mode.PAPER, venue=PAPER, now=now
        )
        listed = await tenant.cycles.list_cycles(BTC, limit=2)
        assert [record.key.cycle_time for record in listed] == [times[2], times[1]]
        newest = await tenant.cycles.load_cycle(BTC)
        assert newest is not None
        assert newest.key.cycle_time == times[2]
        assert await tenant.cycles.load_cycle(ETH) is None
        assert await tenant.cycles.list_cycles(ETH, limit=2) == ()


async def test_a_cycle_that_never_ended_is_found_and_explained(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    key = make_key(await make_user(), now)
    await claim(database, key, now=now)
    async with database.operator() as operator:
        assert await operator.cycles.list_unclosed_cycles(now) == ()
        assert await operator.cycles.list_unclosed_cycles(now + timedelta(seconds=1)) == (key,)
        assert await operator.cycles.interrupt_cycle(key, now=now) is True
        assert await operator.cycles.interrupt_cycle(key, now=now) is False
        assert await operator.cycles.list_unclosed_cycles(now + timedelta(hours=1)) == ()
    async with database.tenant(key.user_id) as tenant:
        record = await tenant.cycles.load_cycle(BTC)
    assert record is not None
    assert (record.key, record.outcome) == (key, CycleOutcome.INTERRUPTED)
    assert "ended before" in render(record.reason)


async def test_a_cycle_taken_for_interrupted_that_ends_gets_its_receipt(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    record = make_record(await make_user(), now)
    await claim(database, record.key, now=now)
    async with database.operator() as operator:
        await operator.cycles.interrupt_cycle(record.key, now=now)
    async with database.tenant(record.key.user_id) as tenant:
        assert await tenant.cycles.close_cycle(record) is True
        assert await tenant.cycles.load_cycle(BTC) == record


async def test_the_watch_sees_the_newest_closed_cycle_of_each_pair(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    for user_id, at in ((ann, now), (ann, now + CYCLE_INTERVAL), (bob, now)):
        async with database.tenant(user_id) as tenant:
            await tenant.cycles.close_cycle(make_record(user_id, at))
    await claim(database, make_key(bob, now + CYCLE_INTERVAL), now=now)
    async with database.operator() as operator:
        assert await operator.cycles.load_last_cycle_times() == {
            (ann, BTC): now + CYCLE_INTERVAL,
            (bob, BTC): now,
        }


async def test_a_cycle_is_kept_in_its_own_users_session_only(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    async with database.tenant(bob) as tenant:
        with pytest.raises(ValueError, match="own user"):
            await tenant.cycles.close_cycle(make_record(ann, now))


async def test_votes_come_back_without_their_reasons(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    record = make_record(await make_user(), now)
    await claim(database, record.key, now=now)
    async with database.tenant(record.key.user_id) as tenant:
        for _ in range(2):  # a cycle that is repeated after a crash keeps its first votes
            await tenant.decisions.add_decisions(record.key, decisions=record.decisions, now=now)
        await tenant.decisions.add_decisions(record.key, decisions=(), now=now)
        vote, abstention = record.decisions
        assert vote.proposal is not None
        bare = replace(vote.proposal, reasons=(), would_change_mind="")
        assert await list_decisions(tenant.decisions, record.key) == (
            abstention,
            replace(vote, proposal=bare),
        )


async def test_votes_need_a_claimed_cycle(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    record = make_record(await make_user(), now)
    with pytest.raises(PermanentError, match="fk_ai_decisions"):
        async with database.tenant(record.key.user_id) as tenant:
            await tenant.decisions.add_decisions(record.key, decisions=record.decisions, now=now)
