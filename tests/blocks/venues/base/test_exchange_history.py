"""What venues do to a position, and how long they remember: proof is to be asked for in time."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from tests.blocks.venues.venue_cases import BTC, World, open_world
from trading.domain.orders import Leg, OrderStatus, Outcome
from trading.domain.units import VenueName

UNFILLED = {VenueName.BINANCE: timedelta(days=3), VenueName.BYBIT: timedelta(days=1)}
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(
    params=[VenueName.BINANCE, VenueName.BYBIT], scope="module", loop_scope="session"
)
async def venue(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as world:
        yield world


@pytest.fixture
def world(venue: World) -> World:
    venue.reset()
    return venue


async def test_a_canceled_order_is_shown_for_days_only_so_doubt_is_settled_within_a_day(
    world: World,
) -> None:
    await world.exchange.place_order(world.intend())
    stop = world.intend(Leg.STOP, price="99000")
    await world.exchange.place_order(stop)
    await world.exchange.cancel_order(BTC, stop.client_order_id)

    world.clock.advance((UNFILLED[world.name] - HOUR).total_seconds())
    remembered = await world.exchange.find_order(BTC, stop.client_order_id)
    world.clock.advance(2 * HOUR.total_seconds())
    forgotten = await world.exchange.find_order(BTC, stop.client_order_id)

    assert remembered is not None
    assert remembered.status is OrderStatus.CANCELED
    assert forgotten is None
    assert UNFILLED[world.name] >= timedelta(hours=24), "the horizon of the protocol"


async def test_a_filled_order_is_remembered_longer(world: World) -> None:
    entry = world.intend()
    await world.exchange.place_order(entry)

    world.clock.advance(timedelta(days=30).total_seconds())
    found = await world.exchange.find_order(BTC, entry.client_order_id)

    assert found is not None
    assert found.status is OrderStatus.FILLED


@pytest.mark.parametrize("kind", ["AdlTrade", "BustTrade"])
async def test_what_the_venue_closes_by_force_is_told_apart_and_has_no_name_of_ours(
    world: World, kind: str
) -> None:
    entry = world.intend()
    assert (await world.exchange.place_order(entry)).outcome is Outcome.ACCEPTED
    world.clock.advance(60)

    world.server.engine.liquidate(world.account, "BTCUSDT", kind=kind)
    world.clock.advance(1)

    opened, closed = await world.exchange.fetch_fills(BTC, since=world.start)
    assert (opened.client_order_id, opened.is_liquidation) == (entry.client_order_id, False)
    assert closed.is_liquidation
    assert closed.client_order_id != entry.client_order_id
    assert await world.exchange.fetch_positions() == ()
