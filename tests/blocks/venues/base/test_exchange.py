"""One account at each live venue: real ccxt over HTTP against a double of both."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from reports.texts.catalog import render
from tests.blocks.venues.venue_cases import BTC, World, open_world
from tests.doubles.venue.engine import VenueOrder
from trading.domain.errors import PermanentError, TransientError
from trading.domain.orders import Leg, OrderStatus, OrderType, Outcome
from trading.domain.units import ClientOrderId, PositionSide, VenueName

ORDER_PATH = {
    VenueName.BINANCE: "POST /fapi/v1/order",
    VenueName.BYBIT: "POST /v5/order/create",
}


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT], scope="module")
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as world:
        yield world


@pytest.fixture
def world(opened: World) -> World:
    opened.reset()
    return opened


async def test_an_entry_is_posted_once_and_found_by_our_name(world: World) -> None:
    intent = world.intend()

    placement = await world.exchange.place_order(intent)
    found = await world.exchange.find_order(BTC, intent.client_order_id)

    assert placement.outcome is Outcome.ACCEPTED
    assert world.server.count(ORDER_PATH[world.name]) == 1
    assert found is not None
    assert (found.client_order_id, found.status) == (intent.client_order_id, OrderStatus.FILLED)
    assert found.filled_quantity == Decimal("0.010")
    assert found.average_fill_price == 100_000


async def test_an_order_that_was_never_placed_is_not_found(world: World) -> None:
    await world.exchange.place_order(world.intend())

    assert await world.exchange.find_order(BTC, ClientOrderId("q" + "0" * 30)) is None


async def test_fills_carry_our_name_fee_and_exact_price(world: World) -> None:
    world.server.engine.price["BTCUSDT"] = Decimal("100000.1")
    world.server.engine.pieces = 3
    intent = world.intend()
    await world.exchange.place_order(intent)

    fills = await world.exchange.fetch_fills(BTC, since=world.start - timedelta(days=20))

    assert [fill.client_order_id for fill in fills] == [intent.client_order_id] * 3
    assert sum(fill.quantity for fill in fills) == Decimal("0.010")
    assert {str(fill.fill_price) for fill in fills} == {"100000.1"}
    assert sum(fill.fee for fill in fills) == Decimal("100000.1") * Decimal("0.010") / 2000


async def test_position_and_balance_are_the_venues(world: World) -> None:
    await world.exchange.set_leverage(BTC, Decimal(2))
    await world.exchange.place_order(world.intend())

    (position,) = await world.exchange.fetch_positions()
    balance = await world.exchange.fetch_balance()

    assert (position.side, position.quantity) == (PositionSide.LONG, Decimal("0.010"))
    assert position.average_entry_price == 100_000
    assert position.leverage == 2
    assert balance.total == Decimal(10_000) - Decimal("0.5")
    assert balance.reserved == 500
    assert balance.available == balance.total - 500


async def test_stop_and_target_rest_and_are_told_apart(world: World) -> None:
    await world.exchange.place_order(world.intend())
    stop = world.intend(Leg.STOP, price="99000")
    target = world.intend(Leg.TARGET, price="102000")
    for intent in (stop, target):
        assert (await world.exchange.place_order(intent)).outcome is Outcome.ACCEPTED

    resting = await world.exchange.fetch_open_orders(BTC)

    assert {(o.client_order_id, o.order_type, o.trigger_price) for o in resting} == {
        (stop.client_order_id, OrderType.STOP_MARKET, Decimal(99_000)),
        (target.client_order_id, OrderType.TAKE_PROFIT_MARKET, Decimal(102_000)),
    }
    assert all(order.reduce_only for order in resting)
    assert world.server.engine.end_bare(world.account)[-1] < 1000


async def test_a_stop_that_went_off_is_filled_and_its_fill_has_the_stops_name(
    world: World,
) -> None:
    await world.exchange.place_order(world.intend())
    stop = world.intend(Leg.STOP, price="99000")
    await world.exchange.place_order(stop)

    world.server.engine.set_price("BTCUSDT", Decimal(98_990))

    found = await world.exchange.find_order(BTC, stop.client_order_id)
    fills = await world.exchange.fetch_fills(BTC, since=world.start)
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, Decimal("0.010"))
    assert fills[-1].client_order_id == stop.client_order_id
    assert await world.exchange.fetch_positions() == ()


async def test_a_canceled_stop_is_final_and_canceling_again_is_harmless(world: World) -> None:
    await world.exchange.place_order(world.intend())
    stop = world.intend(Leg.STOP, price="99000")
    await world.exchange.place_order(stop)

    first = await world.exchange.cancel_order(BTC, stop.client_order_id)
    again = await world.exchange.cancel_order(BTC, stop.client_order_id)
    unknown = await world.exchange.cancel_order(BTC, ClientOrderId("q" + "1" * 30))

    assert first.order is not None
    assert first.order.status is OrderStatus.CANCELED
    assert again.outcome is Outcome.ACCEPTED
    assert unknown.outcome is Outcome.REJECTED
    assert await world.exchange.fetch_open_orders(BTC) == ()


async def test_an_exit_only_reduces(world: World) -> None:
    await world.exchange.place_order(world.intend())

    closed = await world.exchange.place_order(world.intend(Leg.EXIT))
    nothing = await world.exchange.place_order(world.intend(Leg.EXIT, attempt=1))

    assert closed.outcome is Outcome.ACCEPTED
    assert nothing.outcome is Outcome.REJECTED
    assert world.account.signed["BTCUSDT"] == 0


async def test_the_same_name_twice_is_a_duplicate_while_it_is_known(world: World) -> None:
    await world.exchange.place_order(world.intend())
    stop = world.intend(Leg.STOP, price="99000")
    await world.exchange.place_order(stop)

    assert (await world.exchange.place_order(stop)).outcome is Outcome.DUPLICATE


async def test_a_filled_name_is_free_again_at_binance_only(world: World) -> None:
    """Why nothing is ever posted twice: VENUES.md, finding 1."""
    await world.exchange.place_order(world.intend())
    again = await world.exchange.place_order(world.intend())

    is_binance = world.name is VenueName.BINANCE
    assert again.outcome is (Outcome.ACCEPTED if is_binance else Outcome.DUPLICATE)


async def test_funding_is_positive_when_we_pay(world: World) -> None:
    await world.exchange.place_order(world.intend())
    world.server.engine.settle_funding("BTCUSDT", Decimal("0.0001"))

    (payment,) = await world.exchange.fetch_funding_payments(BTC, since=world.start)

    assert payment.amount == Decimal("0.1")


async def test_a_liquidation_is_seen_as_the_venues(world: World) -> None:
    await world.exchange.place_order(world.intend())
    world.server.engine.liquidate(world.account, "BTCUSDT")

    fills = await world.exchange.fetch_fills(BTC, since=world.start)

    assert fills[-1].is_liquidation
    assert await world.exchange.fetch_positions() == ()


async def test_an_order_that_shows_late_is_found_when_it_shows(world: World) -> None:
    world.server.engine.late_ms = 40 * 60_000
    intent = world.intend()
    await world.exchange.place_order(intent)

    before = await world.exchange.find_order(BTC, intent.client_order_id)
    world.clock.advance(41 * 60)
    after = await world.exchange.find_order(BTC, intent.client_order_id)

    assert before is None
    assert after is not None


async def test_foreign_orders_are_seen_without_our_name(world: World) -> None:
    world.server.engine.place(
        world.account,
        VenueOrder(
            number=0,
            name="web_abc",
            symbol="BTCUSDT",
            is_buy=True,
            kind="TAKE_PROFIT_MARKET",
            quantity=Decimal("0.5"),
            trigger=Decimal(90_000),
        ),
    )

    (foreign,) = await world.exchange.fetch_open_orders(BTC)

    assert foreign.client_order_id == "web_abc"
    assert not foreign.reduce_only


async def test_modes_of_the_account_are_refused_and_never_switched(world: World) -> None:
    world.account.is_hedged = True
    with pytest.raises(PermanentError, match="hedge mode"):
        await world.exchange.set_leverage(BTC, Decimal(2))
    world.account.is_hedged, world.account.is_isolated = False, False
    world.account.is_multi = True  # Binance: isolated margin can't be had in this mode
    with pytest.raises(PermanentError, match=r"margin"):
        await world.exchange.set_leverage(BTC, Decimal(2))

    assert not world.account.is_isolated


async def test_leverage_that_is_so_already_is_fine_and_too_much_is_refused(world: World) -> None:
    await world.exchange.set_leverage(BTC, Decimal(3))
    await world.exchange.set_leverage(BTC, Decimal(3))
    with pytest.raises(PermanentError):
        await world.exchange.set_leverage(BTC, Decimal(500))
    with pytest.raises(PermanentError):
        await world.exchange.set_leverage(BTC, Decimal("2.5"))

    assert world.account.leverage["BTCUSDT"] == 3


@pytest.mark.parametrize("skew_ms", [520, -550, 60_000])
async def test_no_entry_goes_out_while_the_clocks_differ(world: World, skew_ms: int) -> None:
    world.server.dialect.skew_ms = skew_ms

    placement = await world.exchange.place_order(world.intend())

    assert placement.outcome is Outcome.BACK_OFF
    assert "clock" in render(placement.reason)
    assert world.server.posted == []


async def test_a_small_offset_is_fine(world: World) -> None:
    world.server.dialect.skew_ms = 400

    assert (await world.exchange.place_order(world.intend())).outcome is Outcome.ACCEPTED
    offset = await world.exchange.measure_clock_offset()
    assert -450 < offset / timedelta(milliseconds=1) < -350


@pytest.mark.parametrize("quantity", ["0.0105", "0.00001", "5000"])
async def test_what_the_rules_forbid_is_not_posted(world: World, quantity: str) -> None:
    placement = await world.exchange.place_order(world.intend(quantity=quantity))

    assert placement.outcome is Outcome.REJECTED
    assert world.server.posted == []


async def test_a_wrong_secret_gets_nothing_and_is_never_shown() -> None:
    for name in (VenueName.BINANCE, VenueName.BYBIT):
        async with open_world(name, secret="canary-secret-1") as world:
            with pytest.raises((PermanentError, TransientError)) as failure:
                await world.exchange.fetch_balance()
            assert "canary" not in str(failure.value)
            assert failure.value.__cause__ is None
            assert world.account.orders == []


async def test_leverage_tiers_are_read_and_kept(world: World) -> None:
    tiers = await world.exchange.fetch_leverage_tiers(BTC)
    assert sorted((int(t.max_notional), int(t.max_leverage)) for t in tiers) == [
        (2_000_000, 100),
        (4_000_000, 50),
    ]

    await world.exchange.set_leverage(BTC, Decimal(60))
    placement = await world.exchange.place_order(world.intend(quantity="25"))

    assert placement.outcome is Outcome.REJECTED
    assert "allows leverage 50" in render(placement.reason)
    assert world.server.posted.count("") == len(world.server.posted)
    with pytest.raises(PermanentError, match="101"):
        await world.exchange.set_leverage(BTC, Decimal(101))
