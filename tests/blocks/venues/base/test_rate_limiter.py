"""One address, many users: the venue's limits are kept, its waits obeyed, exits go first."""

import fcntl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from blocks.venues.base.exchange import POST_WITHIN_SECONDS
from blocks.venues.base.rate_limiter import (
    BINANCE_ALLOWANCE,
    BYBIT_ALLOWANCE,
    URGENT_SHARE,
    AddressBudget,
    Allowance,
)
from blocks.venues.base.response_classifier import NO_ANSWER, RawAnswer
from reports.texts.catalog import render
from tests.blocks.venues.venue_cases import BTC, NOON, open_world
from tests.doubles.venue.clock import VirtualClock
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import QuorumError, TransientError
from trading.domain.orders import Leg, Outcome
from trading.domain.units import VenueName

SMALL = Allowance(weight=10, window=timedelta(minutes=1))


async def test_reads_leave_a_reserve_that_exits_may_use() -> None:
    clock = VirtualClock(NOON)
    budget = AddressBudget(SMALL, sleep=clock.sleep)
    for _ in range(int(SMALL.weight * (1 - URGENT_SHARE))):
        await budget.spend(1, is_urgent=False, now=clock())

    with pytest.raises(TransientError) as refused:
        await budget.spend(1, is_urgent=False, now=clock())
    await budget.spend(1, is_urgent=True, now=clock())

    assert refused.value.retry_after_seconds == 60


async def test_who_asks_near_the_end_of_a_window_waits_for_the_next() -> None:
    clock = VirtualClock(NOON + timedelta(seconds=57))
    budget = AddressBudget(SMALL, sleep=clock.sleep)
    for _ in range(9):
        await budget.spend(1, is_urgent=False, now=clock())

    assert clock() >= NOON + timedelta(seconds=60)


async def test_nobody_asks_before_a_ban_ends_not_even_for_an_exit() -> None:
    clock = VirtualClock(NOON)
    budget = AddressBudget(SMALL, sleep=clock.sleep)
    budget.note(NO_ANSWER, wait=120, now=clock())

    with pytest.raises(TransientError) as refused:
        await budget.spend(1, is_urgent=True, now=clock())
    clock.advance(120)
    await budget.spend(1, is_urgent=True, now=clock())

    assert refused.value.retry_after_seconds == 120


async def test_the_venues_own_count_replaces_ours_when_it_is_higher() -> None:
    budget = AddressBudget(BINANCE_ALLOWANCE)
    counted = RawAnswer(status=200, headers={"x-mbx-used-weight-1m": "2159"}, text="{}")
    budget.note(counted, wait=None, now=NOON)

    with pytest.raises(TransientError):
        await budget.spend(2, is_urgent=True, now=NOON)


async def test_processes_that_share_a_file_share_the_budget_and_the_ban(tmp_path: Path) -> None:
    path = tmp_path / "budgets" / "binance.json"
    one, other = AddressBudget(SMALL, path=path), AddressBudget(SMALL, path=path)
    for _ in range(4):
        await one.spend(1, is_urgent=False, now=NOON)
        await other.spend(1, is_urgent=False, now=NOON)

    with pytest.raises(TransientError):
        await one.spend(1, is_urgent=False, now=NOON)
    other.note(NO_ANSWER, wait=3600, now=NOON)
    with pytest.raises(TransientError):
        await one.spend(1, is_urgent=True, now=NOON + timedelta(minutes=5))


async def test_who_has_no_patience_is_told_at_once_which_limit_it_is() -> None:
    clock = VirtualClock(NOON + timedelta(seconds=57))
    budget = AddressBudget(BINANCE_ALLOWANCE, sleep=clock.sleep)
    budget.note(NO_ANSWER, wait=3, now=clock())

    with pytest.raises(TransientError, match=r"Binance's request limit .*2160 weight in 60 s"):
        await budget.spend(1, is_urgent=False, now=clock(), patience=2)
    assert clock() == NOON + timedelta(seconds=57)
    await budget.spend(1, is_urgent=False, now=clock(), patience=4)


async def test_a_process_that_was_stopped_with_the_file_in_hand_holds_up_no_exit(
    tmp_path: Path,
) -> None:
    path = tmp_path / "binance.json"
    clock = VirtualClock(NOON)
    budget = AddressBudget(SMALL, path=path, sleep=clock.sleep)
    with path.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(TransientError, match="Another process holds"):
            await budget.spend(1, is_urgent=False, now=clock())
        asked_at = clock()
        await budget.spend(1, is_urgent=True, now=clock())
        took = clock() - asked_at
        budget.note(NO_ANSWER, wait=60, now=clock())
        with pytest.raises(TransientError):
            await budget.spend(1, is_urgent=True, now=clock())

    assert took <= timedelta(seconds=1.1)
    with pytest.raises(TransientError, match="used up"):
        await budget.spend(1, is_urgent=True, now=clock())


@pytest.mark.parametrize("allowance", [BINANCE_ALLOWANCE, BYBIT_ALLOWANCE])
async def test_two_hundred_users_for_an_hour_stay_below_the_venues_limit(
    allowance: Allowance,
) -> None:
    """Each user asks about 30 things every 30 minutes, all in the same minute."""
    limits = {BINANCE_ALLOWANCE: 2400, BYBIT_ALLOWANCE: 600}
    clock = VirtualClock(NOON)
    budget = AddressBudget(allowance, sleep=clock.sleep)
    used: dict[int, int] = {}
    async for at, weight in demand(clock):
        while True:
            try:
                await budget.spend(weight, is_urgent=False, now=clock())
            except TransientError as refused:
                clock.advance(refused.retry_after_seconds or 1)
                continue
            break
        window = int(clock.ms / 1000 // allowance.window.total_seconds())
        used[window] = used.get(window, 0) + weight
        assert at <= clock()
    assert max(used.values()) <= limits[allowance]
    assert sum(used.values()) == 2 * 200 * 40


async def demand(clock: VirtualClock) -> AsyncIterator[tuple[datetime, int]]:
    """200 users, twice in the hour: nine light questions and one heavy one, four times over."""
    for burst in range(2):
        clock.set_ms(max(clock.ms, int((NOON.timestamp() + burst * 1800) * 1000)))
        for _ in range(200):
            for weight in (*[1] * 10, 30):
                yield clock(), weight


@pytest.mark.parametrize("venue", [VenueName.BINANCE, VenueName.BYBIT])
async def test_a_refusal_stops_everybody_until_its_end(venue: VenueName) -> None:
    """Through real ccxt: after one refusal nobody asks before the wait is over."""
    async with open_world(venue) as world:
        status = 429 if venue is VenueName.BINANCE else 403
        world.server.faults.append(
            Fault(
                where="GET",
                action=Action.ANSWER,
                status=status,
                body="{}",
                is_done=False,
                headers={"Retry-After": "90"},
            )
        )
        for _ in range(20):
            with pytest.raises(QuorumError):
                await world.exchange.fetch_open_orders(BTC)
            world.clock.advance(1)

        assert len(world.server.requests) == 1
        world.clock.advance(600)
        assert await world.exchange.fetch_open_orders(BTC) == ()


async def test_an_entry_that_the_limit_would_hold_up_is_dropped_and_its_exit_goes_out() -> None:
    async with open_world(VenueName.BINANCE) as world:
        await world.exchange.place_order(world.intend())
        world.exchange._client.has_entered = False
        used = RawAnswer(status=200, headers={"x-mbx-used-weight-1m": "1900"}, text="{}")
        world.exchange._client._budget.note(used, wait=None, now=world.clock())
        world.server.posted.clear()

        dropped = await world.exchange.place_order(world.intend(attempt=1))
        closed = await world.exchange.place_order(world.intend(Leg.EXIT))

        assert dropped.outcome is Outcome.BACK_OFF
        assert "Binance's request limit" in render(dropped.reason)
        assert closed.outcome is Outcome.ACCEPTED
        assert len(world.server.posted) == 1


async def test_an_entry_whose_checks_took_too_long_is_not_sent() -> None:
    async with open_world(VenueName.BYBIT) as world:

        async def permit() -> None:
            world.clock.advance(POST_WITHIN_SECONDS + 0.1)

        world.exchange.permit = permit
        late = await world.exchange.place_order(world.intend())

        assert late.outcome is Outcome.BACK_OFF
        assert "4 s are the limit" in render(late.reason)
        assert world.server.posted == []


@pytest.mark.parametrize("venue", [VenueName.BINANCE, VenueName.BYBIT])
async def test_what_follows_an_entry_may_use_the_reserve(venue: VenueName) -> None:
    async with open_world(venue) as world:
        budget = world.exchange._client._budget
        allowance = BINANCE_ALLOWANCE if venue is VenueName.BINANCE else BYBIT_ALLOWANCE
        await world.exchange.place_order(world.intend())
        left = int(allowance.weight * (1 - URGENT_SHARE)) - 10
        await budget.spend(left - 20, is_urgent=True, now=world.clock())
        await budget.spend(30, is_urgent=True, now=world.clock())

        with pytest.raises(TransientError):
            await budget.spend(30, is_urgent=False, now=world.clock(), patience=0)
        assert len(await world.exchange.fetch_positions()) == 1


@pytest.mark.parametrize("venue", [VenueName.BINANCE, VenueName.BYBIT])
async def test_a_busy_hour_gets_no_refusal_from_the_double(venue: VenueName) -> None:
    async with open_world(venue) as world:
        for _ in range(300):
            try:
                await world.exchange.fetch_balance()
                await world.exchange.fetch_funding_payments(BTC, since=world.clock())
            except TransientError as refused:
                world.clock.advance(refused.retry_after_seconds or 1)

        assert world.server.refused == 0
        assert len(world.server.requests) > 400
