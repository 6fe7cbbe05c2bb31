"""Intents: one licence to send, whoever asks, however many ask, whatever crashed before."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from db.engine.settings import DatabaseSettings
from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.values import BTC, ETH, LEASE, make_intent
from trading.domain.errors import StaleLease
from trading.domain.intents import IntentRecord
from trading.domain.messages import plain
from trading.domain.orders import IntentStatus, Leg, OrderIntent
from trading.domain.units import UserId

ROUNDS = int(os.environ.get("QUORUM_TEST_CLAIM_ROUNDS", "5"))
RACERS = 100


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wide(database_run: TestDatabase) -> AsyncIterator[Database]:
    """The database through as many connections as there are racers, who wait for each other."""
    settings = DatabaseSettings(
        database_pool_size=RACERS,
        database_lock_timeout_ms=60_000,
        database_statement_timeout_ms=60_000,
        database_idle_in_transaction_timeout_ms=60_000,
    )
    pools = Database(database_run.urls.app, settings=settings)
    yield pools
    await pools.close()


@pytest_asyncio.fixture
async def intent(database: Database, make_user: MakeUser, now: datetime) -> OrderIntent:
    """A wish that was written down."""
    user_id = await make_user()
    written = make_intent(user_id, now)
    async with database.tenant(user_id) as tenant:
        assert await tenant.intents.add_intent(written, now=now) is True
    return written


async def claim(
    database: Database, intent: OrderIntent, *, worker: str, now: datetime
) -> int | None:
    async with database.tenant(intent.user_id) as tenant:
        claimed = await tenant.intents.claim_intent(
            intent.client_order_id, worker=worker, now=now, lease=LEASE
        )
    return None if claimed is None else claimed.fence


async def mark_sending(
    database: Database, intent: OrderIntent, *, fence: int, now: datetime
) -> None:
    async with database.tenant(intent.user_id) as tenant:
        await tenant.intents.mark_sending(intent.client_order_id, fence=fence, now=now)


async def finish(
    database: Database, intent: OrderIntent, status: IntentStatus, *, fence: int, now: datetime
) -> None:
    async with database.tenant(intent.user_id) as tenant:
        await tenant.intents.finish_intent(
            intent.client_order_id, fence=fence, status=status, now=now, reason=plain("as tested")
        )


async def load(database: Database, intent: OrderIntent) -> IntentRecord:
    async with database.tenant(intent.user_id) as tenant:
        record = await tenant.intents.load_intent(intent.client_order_id)
    assert record is not None
    return record


async def test_a_wish_comes_back_as_it_was_written(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    assert await load(database, intent) == IntentRecord(
        intent=intent,
        status=IntentStatus.PENDING,
        reason=plain(""),
        fence=0,
        worker="",
        lease_until=None,
        created_at=now,
        sending_at=None,
        finished_at=None,
    )


async def test_the_same_wish_is_written_once(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    async with database.tenant(intent.user_id) as tenant:
        again = replace(
            intent, quantity=Decimal(5)
        )  # the same slot: user, pair, time, leg, attempt
        assert await tenant.intents.add_intent(again, now=now) is False
        assert await tenant.intents.add_intent(replace(intent, attempt=1), now=now) is True
    assert (await load(database, intent)).intent == intent


@pytest.mark.timeout(3600)
async def test_of_100_claims_of_one_slot_one_wins(
    wide: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    for number in range(ROUNDS):
        wish = make_intent(user_id, now + timedelta(hours=number))
        async with wide.tenant(user_id) as tenant:
            await tenant.intents.add_intent(wish, now=now)
        fences = await asyncio.gather(
            *(claim(wide, wish, worker=f"w{racer}", now=now) for racer in range(RACERS))
        )
        assert [fence for fence in fences if fence is not None] == [1]


async def test_of_100_writers_of_one_slot_one_wins(
    wide: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()

    async def write(wish: OrderIntent) -> bool:
        async with wide.tenant(user_id) as tenant:
            return await tenant.intents.add_intent(wish, now=now)

    for number in range(ROUNDS):
        wish = make_intent(user_id, now + timedelta(hours=number))
        assert sum(await asyncio.gather(*(write(wish) for _ in range(RACERS)))) == 1


async def test_the_holder_sends_and_says_what_came_of_it(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    fence = await claim(database, intent, worker="w1", now=now)
    assert fence == 1
    await mark_sending(database, intent, fence=fence, now=now)
    sending = await load(database, intent)
    assert (sending.status, sending.worker, sending.sending_at, sending.lease_until) == (
        IntentStatus.SENDING,
        "w1",
        now,
        now + LEASE,
    )
    await finish(database, intent, IntentStatus.PLACED, fence=fence, now=now)
    placed = await load(database, intent)
    assert (placed.status, placed.reason, placed.lease_until, placed.finished_at) == (
        IntentStatus.PLACED,
        plain("as tested"),
        None,
        None,
    )
    assert placed.is_open


async def test_an_order_is_marked_as_sending_once_in_its_life(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    """After a crash nobody knows whether it was posted: the next worker may only look it up."""
    fence = await claim(database, intent, worker="w1", now=now)
    assert fence is not None
    await mark_sending(database, intent, fence=fence, now=now)
    later = now + 2 * LEASE
    second = await claim(database, intent, worker="w2", now=later)
    assert second == fence + 1
    with pytest.raises(StaleLease):
        await mark_sending(database, intent, fence=second, now=later)
    await finish(database, intent, IntentStatus.UNKNOWN, fence=second, now=later)
    third = await claim(database, intent, worker="w3", now=later)
    assert third is not None
    with pytest.raises(StaleLease):
        await mark_sending(database, intent, fence=third, now=later)


async def test_a_stale_fence_sends_and_says_nothing(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    slow = await claim(database, intent, worker="slow", now=now)
    later = now + LEASE
    quick = await claim(database, intent, worker="quick", now=later)
    assert (slow, quick) == (1, 2)
    assert slow is not None
    with pytest.raises(StaleLease):
        await mark_sending(database, intent, fence=slow, now=later)
    with pytest.raises(StaleLease):
        await finish(database, intent, IntentStatus.ABANDONED, fence=slow, now=later)
    assert (await load(database, intent)).status is IntentStatus.PENDING


async def test_a_lease_that_ran_out_sends_nothing_even_if_nobody_took_over(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    fence = await claim(database, intent, worker="slow", now=now)
    assert fence is not None
    with pytest.raises(StaleLease):
        await mark_sending(database, intent, fence=fence, now=now + LEASE)


async def test_a_running_lease_keeps_others_out(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    assert await claim(database, intent, worker="w1", now=now) == 1
    just_before = now + LEASE - timedelta(microseconds=1)
    assert await claim(database, intent, worker="w2", now=just_before) is None


@pytest.mark.parametrize("status", [IntentStatus.RESOLVED, IntentStatus.ABANDONED])
async def test_a_closed_intent_stays_closed(
    database: Database, intent: OrderIntent, now: datetime, status: IntentStatus
) -> None:
    fence = await claim(database, intent, worker="w1", now=now)
    assert fence is not None
    await finish(database, intent, status, fence=fence, now=now)
    closed = await load(database, intent)
    assert (closed.is_open, closed.finished_at) == (False, now)
    assert await claim(database, intent, worker="w2", now=now + 2 * LEASE) is None
    with pytest.raises(StaleLease):
        await finish(database, intent, IntentStatus.PLACED, fence=fence, now=now)


@pytest.mark.parametrize("status", [IntentStatus.PENDING, IntentStatus.SENDING])
async def test_what_is_no_result_finishes_nothing(
    database: Database, intent: OrderIntent, now: datetime, status: IntentStatus
) -> None:
    fence = await claim(database, intent, worker="w1", now=now)
    assert fence is not None
    with pytest.raises(ValueError, match="no result"):
        await finish(database, intent, status, fence=fence, now=now)


async def test_open_intents_reserve_until_they_are_closed(
    database: Database, intent: OrderIntent, now: datetime
) -> None:
    exit_intent = make_intent(intent.user_id, now, Leg.EXIT)
    other_pair = replace(intent, pair=ETH, reserved_notional=Decimal("0.5"))
    async with database.tenant(intent.user_id) as tenant:
        await tenant.intents.add_intent(exit_intent, now=now + LEASE)
        await tenant.intents.add_intent(other_pair, now=now + LEASE)
        assert await tenant.intents.sum_reserved_notional() == Decimal("1200.5")
        in_btc = await tenant.intents.list_open_intents(BTC)
        assert [record.intent for record in in_btc] == [intent, exit_intent]
        assert len(await tenant.intents.list_open_intents()) == 3
        assert len(await tenant.intents.list_intents(BTC, cycle_time=now)) == 2
    fence = await claim(database, intent, worker="w1", now=now)
    assert fence is not None
    await finish(database, intent, IntentStatus.RESOLVED, fence=fence, now=now)
    async with database.tenant(intent.user_id) as tenant:
        assert await tenant.intents.sum_reserved_notional() == Decimal("600.5")
    async with database.operator() as operator:
        assert await operator.intents.list_users_with_open_intents() == (intent.user_id,)


async def test_nobody_with_open_intents_is_nobody_to_reconcile(
    database: Database, make_user: MakeUser
) -> None:
    await make_user()
    async with database.operator() as operator:
        assert await operator.intents.list_users_with_open_intents() == ()


async def test_reservations_of_one_user_never_pass_a_limit_together(
    wide: Database, make_user: MakeUser, now: datetime
) -> None:
    """100 concurrent cycles want 600 each where 1,000 are free: one gets it, in every round."""

    async def reserve(user_id: UserId, attempt: int) -> bool:
        async with wide.tenant(user_id) as tenant:
            await tenant.lock_risk()
            wish = replace(make_intent(user_id, now), attempt=attempt)
            if await tenant.intents.sum_reserved_notional() + wish.reserved_notional > 1000:
                return False
            return await tenant.intents.add_intent(wish, now=now)

    for number in range(ROUNDS):
        user_id = await make_user(f"user {number}")
        granted = await asyncio.gather(*(reserve(user_id, attempt) for attempt in range(RACERS)))
        assert sum(granted) == 1
        async with wide.tenant(user_id) as tenant:
            assert await tenant.intents.sum_reserved_notional() == 600


async def test_one_users_lock_keeps_no_other_waiting(
    database: Database, make_user: MakeUser
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    async with database.tenant(ann) as first, database.tenant(bob) as second:
        await first.lock_risk()
        async with asyncio.timeout(5) as patience:
            await second.lock_risk()
        assert not patience.expired()


async def test_a_wish_is_written_in_its_own_users_session_only(
    database: Database, intent: OrderIntent, make_user: MakeUser, now: datetime
) -> None:
    async with database.tenant(await make_user("bob")) as tenant:
        with pytest.raises(ValueError, match="own user"):
            await tenant.intents.add_intent(intent, now=now)
