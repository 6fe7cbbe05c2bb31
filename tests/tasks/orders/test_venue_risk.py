"""What else is in a real account, and its clock: seen, left alone, counted before an entry."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from db.session import Database
from tasks.recovery.reconciliation import reconcile_user
from tests.database import MakeUser
from tests.live_stage import CAPITAL, LiveStage, open_live_stage, place_foreign
from tests.order_path import take
from tests.stage import PAIR
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.units import VenueName
from trading.risk.results import DenialReason

LONG = Action.OPEN_LONG
TOO_MUCH = {DenialReason.EXPOSURE_LIMIT, DenialReason.DIRECTION_LIMIT, DenialReason.BALANCE_LIMIT}


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        yield made


async def deny(live: LiveStage) -> set[DenialReason]:
    path = await take(live, LONG)
    assert path.execution is None
    return {DenialReason(denial.code) for denial in path.decision.verdict.denials}


async def test_an_account_with_nothing_else_in_it_is_entered(live: LiveStage) -> None:
    path = await take(live, LONG)

    assert path.execution is not None, path.decision.verdict.denials
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason


async def test_a_foreign_position_counts_and_is_left_alone(live: LiveStage) -> None:
    place_foreign(live, "ETHUSDT", quantity="0.900")
    before = dict(live.world.account.signed)

    denied = await deny(live)

    assert denied & TOO_MUCH, denied
    assert live.world.account.signed == before


async def test_a_foreign_order_that_may_open_a_position_counts(live: LiveStage) -> None:
    above = live.world.server.engine.price_of("BTCUSDT") + 5_000
    place_foreign(live, "BTCUSDT", quantity="0.900", trigger=str(above))

    denied = await deny(live)

    assert denied & TOO_MUCH, denied
    assert [order.name for order in live.world.account.resting("BTCUSDT")] == ["web-BTCUSDT"]


async def test_a_clock_that_is_half_a_second_off_enters_nothing(live: LiveStage) -> None:
    live.world.server.dialect.skew_ms = 700

    assert DenialReason.CLOCK_OFFSET in await deny(live)
    assert live.world.server.posted.count("") == len(live.world.server.posted)


@pytest.mark.parametrize("kind", ["AdlTrade", "BustTrade"])
async def test_a_position_that_the_venue_closed_by_force_is_booked_and_its_stops_are_swept(
    live: LiveStage, kind: str
) -> None:
    await take(live, LONG)
    assert len(live.world.account.resting("BTCUSDT")) == 2
    live.world.clock.advance(60)
    live.world.server.engine.liquidate(live.world.account, "BTCUSDT", kind=kind)
    live.world.clock.advance(60)
    live.now = live.world.clock()

    with live.in_use():
        await reconcile_user(live.user_id)

    assert await live.load_position() is None
    assert live.world.account.resting("BTCUSDT") == []
    assert await live.list_open_intents() == ()
    async with live.database.tenant(live.user_id) as tenant:
        (closed,) = await tenant.positions.list_closed_positions(PAIR)
    assert closed.net_pnl == live.world.account.balance - CAPITAL


async def test_what_rests_of_an_earlier_position_neither_protects_nor_cuts_the_next(
    live: LiveStage,
) -> None:
    """A target that filled leaves its stop resting at the venue, at the old position's price."""
    engine = live.world.server.engine
    await take(live, LONG)
    (target,) = [o for o in live.world.account.resting("BTCUSDT") if o.kind != "STOP_MARKET"]
    price = engine.price_of("BTCUSDT")
    engine.set_price("BTCUSDT", target.trigger)
    orphans = {order.name for order in live.world.account.resting("BTCUSDT")}
    engine.set_price("BTCUSDT", price)
    live.world.clock.advance(2 * 3600)
    live.now = live.world.clock()

    path = await take(live, LONG)

    assert path.execution is not None, path.decision.verdict.denials
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason
    assert len(orphans) == 1
    rests = {order.name: order.quantity for order in live.world.account.resting("BTCUSDT")}
    assert not orphans & rests.keys()
    assert list(rests.values()) == [live.world.account.signed["BTCUSDT"]] * 2


async def test_a_flat_account_is_asked_for_no_funding_and_for_little_of_the_past(
    live: LiveStage,
) -> None:
    """A pair that was added long ago: its first look reads all of it, the next ones a day."""
    income = {VenueName.BINANCE: "GET /fapi/v1/income", VenueName.BYBIT: "GET /v5/execution/list"}
    server, used, asked_flat = live.world.server, [], -1
    async with live.database.tenant(live.user_id) as tenant:
        config = replace(await live.load_config(), created_at=live.now - timedelta(days=300))
        await tenant.pairs.remove_pair(PAIR)
        await tenant.pairs.add_pair(config)

    for _ in range(2):
        server.requests.clear()
        await take(live, Action.HOLD)
        used.append(len(server.requests))
        asked_flat = server.count(income[live.world.name])
        live.world.clock.advance(1800)
        live.now = live.world.clock()
    await take(live, LONG)
    server.requests.clear()
    with live.in_use():
        await reconcile_user(live.user_id)

    assert used[1] < used[0] / 2  # Binance remembers 89 days of the 300
    assert used[1] <= 10
    is_binance = live.world.name is VenueName.BINANCE
    assert asked_flat == (0 if is_binance else 1)  # Bybit's fills come from the same place
    assert server.count(income[live.world.name]) > asked_flat
