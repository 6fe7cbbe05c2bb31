"""One matrix over binance, bybit and paper: whoever uses the port can't tell them apart."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from blocks.venues.paper.exchange import PaperExchange
from tests.blocks.venues.venue_cases import open_world
from tests.doubles.market import ScriptedMarket, build_candles
from tests.doubles.paper import (
    BTC,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    build_order_book,
    open_account,
)
from tests.doubles.paper_store import MemoryPaperStore
from trading.domain.errors import PermanentError
from trading.domain.orders import Leg, OrderIntent, OrderStatus, OrderType, Outcome
from trading.domain.units import ClientOrderId, PositionSide, Side, VenueName
from trading.ports import Exchange

KINDS = {Leg.STOP: OrderType.STOP_MARKET, Leg.TARGET: OrderType.TAKE_PROFIT_MARKET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One venue with 10,000 USDT; `move` puts the market at so many percent of its price."""

    exchange: Exchange
    venue: VenueName
    price: Decimal
    start: datetime
    move: Callable[[int], None]

    def wish(self, leg: Leg = Leg.ENTRY, *, side: Side = Side.BUY, pct: int = 100) -> OrderIntent:
        """An order of 0.010; exits and protection are of the other side."""
        kind = KINDS.get(leg, OrderType.MARKET)
        conditional = kind is not OrderType.MARKET
        return replace(
            build_intent(side if leg is Leg.ENTRY else side.opposite, "0.010", leg=leg),
            venue=self.venue,
            cycle_time=self.start,
            order_type=kind,
            expected_price=self.price,
            trigger_price=self.price * pct / 100 if conditional else None,
        )


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT, VenueName.PAPER])
async def seat(request: pytest.FixtureRequest) -> AsyncIterator[Seat]:
    if request.param is VenueName.PAPER:
        yield _seat_paper()
        return
    async with open_world(request.param) as world:
        price = Decimal(100_000)
        yield Seat(
            exchange=world.exchange,
            venue=world.name,
            price=price,
            start=world.clock(),
            move=lambda pct: world.server.engine.set_price("BTCUSDT", price * pct / 100),
        )


def _seat_paper() -> Seat:
    calm = build_candles([1000] * 13, start=NOON - timedelta(hours=1), volume=MILLION)
    market = ScriptedMarket(
        instrument=build_instrument(), candles=calm, order_book=build_order_book()
    )
    store = MemoryPaperStore(book=open_account())
    time = {"now": NOON}

    def move(pct: int) -> None:
        start = market.candles[-1].open_time + timedelta(minutes=5)
        market.write(build_candles([1000, 10 * pct], start=start, volume=MILLION))
        time["now"] = market.candles[-1].open_time + timedelta(minutes=5)

    exchange = PaperExchange(store=store, market=market, clock=lambda: time["now"])
    return Seat(
        exchange=exchange, venue=VenueName.PAPER, price=Decimal(1000), start=NOON, move=move
    )


@pytest.mark.parametrize("side", Side)
async def test_an_entry_fills_is_found_by_name_and_is_a_position(seat: Seat, side: Side) -> None:
    wish = seat.wish(side=side)

    placement = await seat.exchange.place_order(wish)
    found = await seat.exchange.find_order(BTC, wish.client_order_id)
    fills = await seat.exchange.fetch_fills(BTC, since=seat.start)
    (position,) = await seat.exchange.fetch_positions()

    assert placement.outcome is Outcome.ACCEPTED
    assert found is not None
    assert (found.status, found.filled_quantity) == (OrderStatus.FILLED, Decimal("0.010"))
    assert {fill.client_order_id for fill in fills} == {wish.client_order_id}
    assert position.side is (PositionSide.LONG if side is Side.BUY else PositionSide.SHORT)
    assert position.quantity == Decimal("0.010")


@pytest.mark.parametrize(("side", "stop", "target"), [(Side.BUY, 98, 103), (Side.SELL, 102, 97)])
async def test_a_stop_and_a_target_rest_and_the_stop_closes(
    seat: Seat, side: Side, stop: int, target: int
) -> None:
    await seat.exchange.place_order(seat.wish(side=side))
    wishes = [
        seat.wish(Leg.STOP, side=side, pct=stop),
        seat.wish(Leg.TARGET, side=side, pct=target),
    ]
    for wish in wishes:
        assert (await seat.exchange.place_order(wish)).outcome is Outcome.ACCEPTED
    resting = await seat.exchange.fetch_open_orders(BTC)
    assert {(o.client_order_id, o.order_type, o.trigger_price) for o in resting} == {
        (wish.client_order_id, wish.order_type, wish.trigger_price) for wish in wishes
    }

    seat.move(stop)

    assert await seat.exchange.fetch_positions() == ()
    stopped = await seat.exchange.find_order(BTC, wishes[0].client_order_id)
    assert stopped is not None
    assert stopped.status is OrderStatus.FILLED
    fills = await seat.exchange.fetch_fills(BTC, since=seat.start)
    assert fills[-1].client_order_id == wishes[0].client_order_id


async def test_an_exit_closes_and_a_second_one_is_refused(seat: Seat) -> None:
    await seat.exchange.place_order(seat.wish())

    first = await seat.exchange.place_order(seat.wish(Leg.EXIT))
    second = await seat.exchange.place_order(replace(seat.wish(Leg.EXIT), attempt=1))

    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.REJECTED)
    assert await seat.exchange.fetch_positions() == ()


async def test_a_stop_is_canceled_by_its_name_and_an_unknown_name_is_refused(seat: Seat) -> None:
    await seat.exchange.place_order(seat.wish())
    stop = seat.wish(Leg.STOP, pct=98)
    await seat.exchange.place_order(stop)

    canceled = await seat.exchange.cancel_order(BTC, stop.client_order_id)
    unknown = await seat.exchange.cancel_order(BTC, ClientOrderId("q" + "f" * 30))

    assert canceled.order is not None
    assert canceled.order.status is OrderStatus.CANCELED
    assert unknown.outcome is Outcome.REJECTED
    assert await seat.exchange.fetch_open_orders(BTC) == ()


async def test_a_stop_that_would_go_off_at_once_is_refused(seat: Seat) -> None:
    await seat.exchange.place_order(seat.wish())

    placement = await seat.exchange.place_order(seat.wish(Leg.STOP, pct=101))

    assert placement.outcome is Outcome.REJECTED


async def test_a_resting_name_is_a_duplicate(seat: Seat) -> None:
    await seat.exchange.place_order(seat.wish())
    stop = seat.wish(Leg.STOP, pct=98)
    await seat.exchange.place_order(stop)

    assert (await seat.exchange.place_order(stop)).outcome is Outcome.DUPLICATE


async def test_what_was_never_placed_is_not_found(seat: Seat) -> None:
    assert await seat.exchange.find_order(BTC, ClientOrderId("q" + "a" * 30)) is None
    assert await seat.exchange.fetch_fills(BTC, since=seat.start) == ()
    assert await seat.exchange.fetch_positions() == ()


async def test_off_step_oversize_and_beyond_the_margin_are_refused(seat: Seat) -> None:
    for quantity in ("0.0105", "5000", "100"):
        wish = replace(seat.wish(), quantity=Decimal(quantity))
        assert (await seat.exchange.place_order(wish)).outcome is Outcome.REJECTED
    assert await seat.exchange.fetch_positions() == ()


async def test_leverage_is_set_twice_without_harm_and_too_much_is_refused(seat: Seat) -> None:
    await seat.exchange.set_leverage(BTC, Decimal(3))
    await seat.exchange.set_leverage(BTC, Decimal(3))
    with pytest.raises(PermanentError):
        await seat.exchange.set_leverage(BTC, Decimal(500))

    await seat.exchange.place_order(seat.wish())
    (position,) = await seat.exchange.fetch_positions()
    assert position.leverage == 3


async def test_the_balance_pays_the_fee_and_the_margin_is_reserved(seat: Seat) -> None:
    await seat.exchange.set_leverage(BTC, Decimal(2))
    await seat.exchange.place_order(seat.wish())

    balance = await seat.exchange.fetch_balance()
    fees = sum(fill.fee for fill in await seat.exchange.fetch_fills(BTC, since=seat.start))

    assert balance.total == Decimal(10_000) - fees
    assert balance.reserved > 0
    assert balance.available == balance.total - balance.reserved
