"""Behind the Exchange port: the paper venue catches up, trades once, and says what is proven."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import override

import pytest

from blocks.venues.paper.catch_up import PAGE
from blocks.venues.paper.exchange import ATTEMPTS, MARK_LIFE, PaperExchange
from tests.doubles.market import ScriptedMarket, build_candles
from tests.doubles.paper import (
    BTC,
    ETH,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    build_order_book,
    build_stop,
    build_target,
    open_account,
)
from tests.doubles.paper_store import MemoryPaperStore
from trading.domain.errors import OutcomeUnknown, PermanentError, TransientError
from trading.domain.orders import Leg, OrderStatus, Outcome
from trading.domain.units import ZERO, ClientOrderId, Side
from trading.market.snapshot import MarketSource
from trading.ports import Exchange
from trading.simulation.account import PaperStep

FIVE = timedelta(minutes=5)
LONG = build_intent(Side.BUY)
STOP = build_stop("990")
TARGET = build_target("1020")
CLOSE = build_intent(Side.SELL, leg=Leg.EXIT)


@dataclass(slots=True)
class World:
    """A venue, what is behind it, and its clock."""

    store: MemoryPaperStore
    market: ScriptedMarket
    now: datetime = NOON

    def connect(self) -> Exchange:
        return PaperExchange(store=self.store, market=self.market, clock=lambda: self.now)

    def pass_time(self, *prices: int | str, reach: int = 0) -> None:
        """Write one candle from each price to the next, and let that time pass."""
        start = self.market.candles[-1].open_time + FIVE
        self.market.write(build_candles(prices, start=start, reach=Decimal(reach), volume=MILLION))
        self.now = self.market.candles[-1].open_time + FIVE


@pytest.fixture
def world() -> World:
    calm = build_candles([1000] * 13, start=NOON - timedelta(hours=1), volume=MILLION)
    market = ScriptedMarket(
        instrument=build_instrument(), candles=calm, order_book=build_order_book()
    )
    return World(store=MemoryPaperStore(book=open_account()), market=market)


async def test_a_position_is_opened_protected_and_shown(world: World) -> None:
    exchange = world.connect()
    for intent in (LONG, STOP, TARGET):
        assert (await exchange.place_order(intent)).outcome is Outcome.ACCEPTED

    (position,) = await exchange.fetch_positions()
    assert position.quantity == Decimal(1)
    assert (position.stop_price, position.target_price) == (Decimal(990), Decimal(1020))
    resting = await exchange.fetch_open_orders(BTC)
    assert [order.client_order_id for order in resting] == [
        STOP.client_order_id,
        TARGET.client_order_id,
    ]
    balance = await exchange.fetch_balance()
    assert balance.reserved == Decimal("1000.3")
    assert balance.total == balance.available + balance.reserved


async def test_a_stop_that_was_passed_while_nobody_looked_has_filled(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)
    world.pass_time(1000, 1005, 980, 1010)

    exchange = world.connect()  # another process, another day
    stop = await exchange.find_order(BTC, STOP.client_order_id)

    assert stop is not None
    assert stop.status is OrderStatus.FILLED
    assert await exchange.fetch_positions() == ()
    _, closing = await exchange.fetch_fills(BTC, since=NOON)
    assert closing.fill_price == Decimal("989.9")
    assert closing.filled_at == NOON + 2 * FIVE


async def test_funding_is_paid_while_nobody_looks(world: World) -> None:
    world.market.funding_rate = Decimal("0.0002")
    await world.connect().place_order(LONG)
    world.pass_time(*[1000] * 61)
    exchange = world.connect()
    (payment,) = await exchange.fetch_funding_payments(BTC, since=NOON)
    assert payment.amount == Decimal("0.2")
    assert payment.paid_at.hour == 16
    (position,) = await exchange.fetch_positions()
    assert position.funding == payment.amount


async def test_an_hourly_contract_makes_eight_payments_in_eight_hours(world: World) -> None:
    world.market.instrument = build_instrument(funding_interval=timedelta(hours=1))
    world.market.funding_rate = Decimal("0.0002")
    await world.connect().place_order(LONG)
    world.pass_time(*[1000] * 98)

    payments = await world.connect().fetch_funding_payments(BTC, since=NOON)

    assert [payment.paid_at.hour for payment in payments] == [13, 14, 15, 16, 17, 18, 19, 20]
    assert {payment.amount for payment in payments} == {Decimal("0.2")}
    assert len(world.market.funding_asked_at) == 8


async def test_a_contract_that_turns_hourly_pays_every_hour_from_then_on(world: World) -> None:
    await world.connect().place_order(LONG)
    world.pass_time(*[1000] * 20)
    await world.connect().fetch_balance()
    world.market.instrument = build_instrument(funding_interval=timedelta(hours=1))
    world.pass_time(*[1000] * 31)

    payments = await world.connect().fetch_funding_payments(BTC, since=NOON)

    assert [payment.paid_at.hour for payment in payments] == [14, 15, 16]
    assert {payment.amount for payment in payments} == {Decimal("0.0125")}


@pytest.mark.parametrize(
    ("source", "asked_at"),
    [
        (MarketSource.RECORDED, NOON.replace(hour=16)),
        (MarketSource.SAMPLE, NOON.replace(hour=15, minute=55)),
    ],
)
async def test_a_recording_is_asked_at_the_settlement_and_others_just_before_it(
    world: World, source: MarketSource, asked_at: datetime
) -> None:
    world.market.source = source
    world.market.funding_rate = Decimal("0.0001")
    await world.connect().place_order(LONG)
    world.pass_time(*[1000] * 61)
    await world.connect().fetch_balance()
    assert world.market.funding_asked_at == [asked_at]


async def test_where_the_source_knows_no_rate_one_basis_point_is_paid(world: World) -> None:
    await world.connect().place_order(LONG)
    world.pass_time(*[1000] * 49)
    (payment,) = await world.connect().fetch_funding_payments(BTC, since=NOON)
    assert payment.amount == Decimal("0.1")


async def test_a_flat_account_asks_the_market_nothing_and_saves_nothing(world: World) -> None:
    exchange = world.connect()
    await exchange.fetch_balance()
    await exchange.fetch_positions()
    assert await exchange.fetch_open_orders(BTC) == ()
    assert not world.market.calls
    assert world.store.saves == 0


async def test_within_a_moment_the_market_is_looked_at_once(world: World) -> None:
    await world.connect().place_order(LONG)
    world.pass_time(1000, 1000)
    exchange = world.connect()
    world.market.calls.clear()
    await exchange.fetch_balance()
    world.now += MARK_LIFE / 2
    await exchange.fetch_positions()
    assert world.market.calls["fetch_ticker"] == 1
    world.now += MARK_LIFE
    await exchange.fetch_positions()
    assert world.market.calls["fetch_ticker"] == 2


async def test_a_candle_that_closes_within_the_moment_is_looked_at(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)
    exchange = world.connect()
    world.now = NOON + FIVE - MARK_LIFE / 4
    await exchange.fetch_balance()
    world.market.write(build_candles([1000, 980], start=NOON, volume=MILLION))
    world.now = NOON + FIVE
    assert await exchange.fetch_positions() == ()


async def test_the_mark_triggers_before_the_candle_has_closed(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)
    world.now += timedelta(minutes=2)
    world.market.mark_price = Decimal(985)
    assert await world.connect().fetch_positions() == ()


async def test_a_long_absence_is_made_up_for_page_by_page(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(TARGET)
    world.pass_time(*[1000] * (2 * PAGE + 500), 1021)
    world.market.calls.clear()
    exchange = world.connect()
    fills = await exchange.fetch_fills(BTC, since=NOON + FIVE)
    assert [fill.filled_at for fill in fills] == [world.now]
    assert world.market.calls["fetch_candles"] == 3
    payments = await exchange.fetch_funding_payments(BTC, since=NOON)
    assert len(payments) == (world.now - NOON) // timedelta(hours=8)
    assert world.store.saves == 3


async def test_a_position_that_ended_early_in_a_long_absence_costs_no_more_reads(
    world: World,
) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)
    world.pass_time(1000, 980, *[1000] * (2 * PAGE))
    world.market.calls.clear()
    await world.connect().fetch_balance()
    assert world.market.calls["fetch_candles"] == 1


async def test_a_name_is_taken_for_ever(world: World) -> None:
    exchange = world.connect()
    await exchange.place_order(LONG)
    await exchange.place_order(CLOSE)
    again = await exchange.place_order(LONG)
    assert again.outcome is Outcome.DUPLICATE
    assert len(world.store.fills) == 2


async def test_a_rejected_order_leaves_no_trace(world: World) -> None:
    exchange = world.connect()
    placement = await exchange.place_order(replace(LONG, quantity=Decimal("0.0001")))
    assert placement.outcome is Outcome.REJECTED
    assert await exchange.find_order(BTC, LONG.client_order_id) is None
    assert world.store.saves == 0


async def test_without_a_book_one_is_made_from_the_last_candle(world: World) -> None:
    world.market.order_book = None
    placement = await world.connect().place_order(LONG)
    assert placement.order is not None
    assert placement.order.average_fill_price == Decimal("1000.3")  # 1000.1, half a bp away


async def test_where_nobody_trades_a_market_order_slips_by_a_whole_percent(world: World) -> None:
    world.market.candles = (replace(world.market.candles[-1], volume=ZERO),)
    placement = await world.connect().place_order(LONG)
    assert placement.order is not None
    assert placement.order.average_fill_price == Decimal("1010.2")


async def test_a_rival_that_saved_first_makes_the_call_start_again(world: World) -> None:
    other = build_intent(attempt=1)

    async def rival() -> None:
        assert (await world.connect().place_order(other)).outcome is Outcome.ACCEPTED

    world.store.before_save = rival
    placement = await world.connect().place_order(LONG)

    assert placement.outcome is Outcome.ACCEPTED
    (position,) = await world.connect().fetch_positions()
    assert position.quantity == Decimal(2)


async def test_a_rival_with_the_same_intent_places_it_and_we_do_not(world: World) -> None:
    async def rival() -> None:
        assert (await world.connect().place_order(LONG)).outcome is Outcome.ACCEPTED

    world.store.before_save = rival
    assert (await world.connect().place_order(LONG)).outcome is Outcome.DUPLICATE
    assert len(world.store.fills) == 1


class Restless(MemoryPaperStore):
    """Books that somebody else always changes first."""

    @override
    async def save_step(self, step: PaperStep) -> bool:
        return False


async def test_an_account_that_is_always_busy_places_nothing(world: World) -> None:
    world.store = Restless(book=world.store.book)
    exchange = world.connect()
    placement = await exchange.place_order(LONG)
    assert placement.outcome is Outcome.BACK_OFF
    assert world.store.loads == ATTEMPTS
    with pytest.raises(TransientError, match="busy"):
        await exchange.set_leverage(BTC, Decimal(2))


async def test_a_busy_account_can_neither_be_advanced_nor_canceled(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)
    world.store = Restless(book=world.store.book)
    placement = await world.connect().cancel_order(BTC, STOP.client_order_id)
    assert placement.outcome is Outcome.BACK_OFF
    world.pass_time(1000, 1001)
    with pytest.raises(TransientError, match="busy"):
        await world.connect().fetch_balance()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TransientError("The database does not answer.", retry_after_seconds=3), Outcome.BACK_OFF),
        (OutcomeUnknown("The database was lost."), Outcome.UNKNOWN),
        (PermanentError("The database refused."), Outcome.REJECTED),
    ],
)
async def test_a_failing_save_is_classed_by_what_it_proves(
    world: World, error: Exception, outcome: Outcome
) -> None:
    async def fail() -> None:
        raise error

    world.store.before_save = fail
    placement = await world.connect().place_order(LONG)
    assert placement.outcome is outcome
    assert not world.store.fills


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TransientError("No venue answers."), Outcome.BACK_OFF),
        (PermanentError("BTC/USDT is not traded here."), Outcome.REJECTED),
    ],
)
async def test_without_market_data_nothing_is_placed(
    world: World, error: Exception, outcome: Outcome
) -> None:
    world.market.fail_with = error
    assert (await world.connect().place_order(LONG)).outcome is outcome
    assert world.store.saves == 0


async def test_an_unknown_cancel_is_unknown(world: World) -> None:
    await world.connect().place_order(LONG)
    await world.connect().place_order(STOP)

    async def lose() -> None:
        raise OutcomeUnknown("The database was lost.")

    world.store.before_save = lose
    placement = await world.connect().cancel_order(BTC, STOP.client_order_id)
    assert placement.outcome is Outcome.UNKNOWN


async def test_canceling_shows_the_order_as_it_ended(world: World) -> None:
    exchange = world.connect()
    for intent in (LONG, STOP, TARGET):
        await exchange.place_order(intent)
    canceled = await exchange.cancel_order(BTC, TARGET.client_order_id)
    assert canceled.order is not None
    assert canceled.order.status is OrderStatus.CANCELED

    world.pass_time(1000, 980)
    filled = await exchange.cancel_order(BTC, STOP.client_order_id)
    assert filled.order is not None
    assert filled.order.status is OrderStatus.FILLED


async def test_canceling_what_is_unknown_or_another_pair_s_is_rejected(world: World) -> None:
    exchange = world.connect()
    await exchange.place_order(LONG)
    await exchange.place_order(STOP)
    for pair, name in ((BTC, ClientOrderId("q0")), (ETH, STOP.client_order_id)):
        assert (await exchange.cancel_order(pair, name)).outcome is Outcome.REJECTED
    assert await exchange.find_order(ETH, STOP.client_order_id) is None
    assert await exchange.find_order(BTC, ClientOrderId("q0")) is None


async def test_leverage_is_set_once_and_stays(world: World) -> None:
    exchange = world.connect()
    await exchange.set_leverage(BTC, Decimal(3))
    await exchange.set_leverage(BTC, Decimal(3))
    assert world.store.saves == 1
    await exchange.place_order(LONG)
    (position,) = await exchange.fetch_positions()
    assert position.leverage == Decimal(3)
    with pytest.raises(PermanentError):
        await exchange.set_leverage(BTC, Decimal(2))


async def test_the_market_is_not_the_venue_s_to_close(world: World) -> None:
    await world.connect().close()
    assert not world.market.is_closed
