"""What time does to a paper position: stops, targets, gaps, funding, liquidation."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.doubles.market import build_candles
from tests.doubles.paper import (
    BTC,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    build_stop,
    build_target,
    open_account,
    place_all,
)
from trading.domain.orders import OrderIntent, OrderStatus
from trading.domain.units import ZERO, Side
from trading.market.candles import Candle
from trading.simulation.account import PaperBook, PaperFill, PaperStep
from trading.simulation.clock import MarketTape, advance
from trading.simulation.exchange import set_leverage

FIVE = timedelta(minutes=5)
LONG = build_intent(Side.BUY)
SHORT = build_intent(Side.SELL)
STOP = build_stop("990")
TARGET = build_target("1020")
SHORT_STOP = build_stop("1010", side=Side.BUY)
SHORT_TARGET = build_target("980", side=Side.BUY)


def candle(
    first: str, high: str, low: str, last: str, *, at: datetime = NOON, volume: Decimal = MILLION
) -> Candle:
    return Candle(
        open_time=at,
        open=Decimal(first),
        high=Decimal(high),
        low=Decimal(low),
        close=Decimal(last),
        volume=volume,
    )


def play(
    book: PaperBook,
    *candles: Candle,
    now: datetime = NOON + timedelta(days=1),
    mark: str | None = None,
    rate: str | None = None,
) -> PaperStep:
    settlements = [NOON.replace(hour=h) + timedelta(days=d) for d in (0, 1) for h in (0, 8, 16)]
    tape = MarketTape(
        instrument=build_instrument(),
        candles=candles,
        now=now,
        mark_price=Decimal(mark) if mark else None,
        funding_rates={at: Decimal(rate) for at in settlements} if rate else {},
    )
    return advance(book, tape=tape)


def opened(
    *intents: OrderIntent, leverage: int = 1, amount: str = "10000", at: datetime = NOON
) -> PaperBook:
    book = open_account(amount)
    rules = build_instrument()
    book = set_leverage(book, Decimal(leverage), instrument=rules, at=at)
    return place_all(book, *intents, at=at).book


def only_fill(step: PaperStep) -> PaperFill:
    (fill,) = step.fills
    return fill


def test_a_candle_that_reaches_nothing_changes_only_the_cursor() -> None:
    step = play(opened(LONG, STOP, TARGET), candle("1000", "1019.9", "990.1", "1005"))
    assert not step.fills
    assert not step.orders
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.entry.advanced_to == NOON + FIVE


def test_a_stop_fills_at_its_trigger_plus_slippage_and_the_target_expires() -> None:
    step = play(opened(LONG, STOP, TARGET), candle("1000", "1005", "985", "1000"))

    fill = only_fill(step).fill
    assert fill.fill_price == Decimal("989.9")
    assert fill.filled_at == NOON + FIVE
    assert fill.client_order_id == STOP.client_order_id
    assert fill.trade_id == f"{fill.venue_order_id}-0"
    assert [(o.client_order_id, o.status) for o in step.orders] == [
        (STOP.client_order_id, OrderStatus.FILLED),
        (TARGET.client_order_id, OrderStatus.EXPIRED),
    ]
    assert step.book.find_open(BTC) is None


def test_touching_the_trigger_is_enough() -> None:
    assert play(opened(LONG, STOP), candle("1000", "1005", "990", "1000")).fills


def test_a_target_fills_at_its_trigger_less_slippage() -> None:
    step = play(opened(LONG, STOP, TARGET), candle("1000", "1025", "995", "1000"))
    assert only_fill(step).fill.fill_price == Decimal("1019.8")
    assert only_fill(step).realized_pnl == Decimal("19.5")


@pytest.mark.parametrize(
    ("side", "stop", "target", "price"),
    [(LONG, STOP, TARGET, "989.9"), (SHORT, SHORT_STOP, SHORT_TARGET, "1010.2")],
)
def test_where_both_could_have_triggered_the_stop_did(
    side: OrderIntent, stop: OrderIntent, target: OrderIntent, price: str
) -> None:
    step = play(opened(side, target, stop), candle("1000", "1040", "960", "1000"))
    fill = only_fill(step).fill
    assert fill.client_order_id == stop.client_order_id
    assert fill.fill_price == Decimal(price)


def test_a_gap_through_the_stop_fills_at_the_open_and_not_at_the_trigger() -> None:
    step = play(opened(LONG, STOP, TARGET), candle("970", "1040", "960", "1000"))
    fill = only_fill(step).fill
    assert fill.fill_price == Decimal("969.9")
    assert fill.filled_at == NOON


def test_a_gap_through_the_target_fills_at_the_open() -> None:
    step = play(opened(SHORT, SHORT_STOP, SHORT_TARGET), candle("970", "975", "960", "965"))
    assert only_fill(step).fill.fill_price == Decimal("970.1")


def test_the_nearest_of_several_stops_goes_first() -> None:
    half = Decimal("0.5")
    near = build_stop("995", quantity=half)
    far = build_stop("990", quantity=half, attempt=1)
    step = play(opened(LONG, far, near), candle("1000", "1001", "980", "985"))
    assert [f.fill.fill_price for f in step.fills] == [Decimal("994.8"), Decimal("989.9")]
    assert step.book.find_open(BTC) is None


def test_the_nearest_of_several_targets_goes_first() -> None:
    near = build_target("1010", quantity=Decimal("0.4"))
    far = build_target("1020", quantity=Decimal("0.4"), attempt=1)
    step = play(opened(LONG, far, near), candle("1000", "1030", "999", "1030"))
    assert [f.fill.fill_price for f in step.fills] == [Decimal("1009.8"), Decimal("1019.8")]
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.quantity == Decimal("0.2")


def test_a_stop_larger_than_the_position_closes_it_and_no_more() -> None:
    stop = build_stop("990", quantity=Decimal(3))
    step = play(opened(LONG, stop), candle("1000", "1001", "985", "1000"))
    assert only_fill(step).fill.quantity == Decimal(1)
    assert step.orders[0].status is OrderStatus.CANCELED
    assert step.orders[0].filled_quantity == Decimal(1)


def test_after_the_position_is_gone_nothing_triggers() -> None:
    crash = candle("1000", "1001", "985", "985")
    later = candle("985", "1100", "900", "1000", at=NOON + FIVE)
    step = play(opened(LONG, STOP, TARGET), crash, later, mark="900")
    assert len(step.fills) == 1


def test_a_stop_slips_more_where_little_is_traded() -> None:
    thin = candle("1000", "1001", "985", "1000", volume=Decimal(1))
    step = play(opened(LONG, STOP), thin)
    assert only_fill(step).fill.fill_price == Decimal("988.9")  # 11 bps


@pytest.mark.parametrize("seconds", [30, 299])
def test_a_candle_under_way_at_the_placing_triggers_the_stop_by_its_whole_range(
    seconds: int,
) -> None:
    book = opened(LONG, STOP, TARGET, at=NOON + timedelta(seconds=seconds))
    step = play(book, candle("980", "1010", "975", "1000"))
    fill = only_fill(step).fill
    assert fill.fill_price == Decimal("989.9")  # no gap: the open was before the order
    assert fill.filled_at == NOON + FIVE


def test_a_candle_under_way_at_the_placing_triggers_the_target_only_by_its_close() -> None:
    book = opened(LONG, TARGET, at=NOON + timedelta(seconds=30))
    assert not play(book, candle("1000", "1030", "995", "1010")).fills
    step = play(book, candle("1000", "1030", "995", "1025"))
    assert only_fill(step).fill.fill_price == Decimal("1019.8")


def test_a_trigger_outside_of_an_unfinished_candle_fills_at_its_nearest_price() -> None:
    book = opened(LONG, STOP, at=NOON + timedelta(seconds=30))
    step = play(book, candle("980", "985", "975", "980"))
    assert only_fill(step).fill.fill_price == Decimal("984.9")


def test_a_candle_that_ended_before_the_placing_is_past() -> None:
    book = opened(LONG, STOP, TARGET, at=NOON + timedelta(minutes=7))
    step = play(book, candle("1000", "1100", "900", "1000"))
    assert not step.fills


def test_a_candle_that_came_late_and_ended_before_a_later_order_is_past() -> None:
    book = opened(LONG)
    later = NOON + timedelta(minutes=6)
    book = place_all(book, STOP, at=later).book
    step = play(book, candle("1000", "1001", "900", "1000"))
    assert not step.fills
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.entry.advanced_to == NOON + FIVE


def test_candles_after_now_are_not_played() -> None:
    step = play(opened(LONG, STOP), candle("1000", "1001", "900", "900"), now=NOON + FIVE / 2)
    assert not step.fills


def test_a_candle_is_played_once() -> None:
    calm = candle("1000", "1001", "999", "1000")
    first = play(opened(LONG, STOP), calm)
    crash_told_anew = candle("1000", "1001", "900", "1000")
    assert play(first.book, crash_told_anew).fills == ()


@pytest.mark.parametrize(
    ("mark", "price"), [("985", "984.9"), ("1030", "1029.8"), ("990.1", None)]
)
def test_the_mark_triggers_between_candles(mark: str, price: str | None) -> None:
    calm = candle("1000", "1001", "999", "1000")
    now = NOON + timedelta(minutes=7)
    step = play(opened(LONG, STOP, TARGET), calm, now=now, mark=mark)
    assert [f.fill.fill_price for f in step.fills] == ([Decimal(price)] if price else [])
    assert all(f.fill.filled_at == now for f in step.fills)


def test_without_any_candle_the_mark_s_slippage_is_the_largest() -> None:
    step = play(opened(LONG, STOP), now=NOON, mark="980")
    assert only_fill(step).fill.fill_price == Decimal("970.2")


def test_a_long_pays_funding_on_the_close_before_each_settlement() -> None:
    at = datetime(2025, 3, 10, 15, 50, tzinfo=NOON.tzinfo)
    candles = build_candles([1000, 1000, 1010, 1010], start=at, volume=MILLION)
    step = play(opened(LONG, at=at), *candles, rate="0.0002")
    (payment,) = step.payments
    assert payment.amount == Decimal("0.202")
    assert payment.paid_at == at + 2 * FIVE
    assert payment.payment_id == "paper-1-BTC-USDT-20250310T16"
    assert step.book.ledger.funding == payment.amount
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.funding == payment.amount


def test_a_short_receives_what_longs_pay() -> None:
    at = NOON.replace(hour=15, minute=55)
    candles = build_candles([1000, 1000], start=at, volume=MILLION)
    step = play(opened(SHORT, at=at), *candles, rate="0.0002")
    assert step.payments[0].amount == Decimal("-0.2")
    assert step.book.balance > opened(SHORT, at=at).balance


def test_a_settlement_that_nobody_knows_the_rate_of_costs_one_basis_point() -> None:
    at = NOON.replace(hour=15, minute=55)
    step = play(opened(LONG, at=at), *build_candles([1000, 1000], start=at))
    assert step.payments[0].amount == Decimal("0.1")


def test_a_position_opened_at_the_settlement_does_not_pay_it() -> None:
    at = NOON.replace(hour=16)
    step = play(opened(LONG, at=at), *build_candles([1000, 1000], start=at), mark="1000", now=at)
    assert not step.payments


def test_settlements_that_no_candle_covers_are_paid_at_the_mark() -> None:
    step = play(opened(LONG), now=NOON + timedelta(hours=24), mark="1100", rate="0.0001")
    assert [p.amount for p in step.payments] == [Decimal("0.11")] * 3
    assert [p.paid_at.hour for p in step.payments] == [16, 0, 8]


def test_funding_beyond_the_free_balance_comes_out_of_the_margin() -> None:
    at = NOON.replace(hour=15, minute=55)
    book = opened(LONG, amount="1001", at=at)
    free = book.available
    step = play(book, *build_candles([1000, 1000], start=at), rate="0.01")
    assert step.book.available == ZERO
    assert step.book.reserved == Decimal("1000.3") - (Decimal(10) - free)


def test_funding_never_takes_more_than_there_is() -> None:
    at = NOON.replace(hour=15, minute=55)
    book = opened(LONG, amount="1001", at=at)
    step = play(book, *build_candles([1000, 1000], start=at), rate="3")
    assert step.book.balance == ZERO
    assert step.payments[0].amount == book.balance


@pytest.mark.parametrize(
    ("side", "crash", "price"),
    [
        (LONG, candle("1000", "1001", "890", "900"), "905.3"),
        (SHORT, candle("1000", "1110", "999", "1100"), "1093.6"),
    ],
)
def test_a_liquidated_position_loses_its_margin_and_no_more(
    side: OrderIntent, crash: Candle, price: str
) -> None:
    book = opened(side, leverage=10)
    step = play(book, crash)
    done = only_fill(step)
    assert done.fill.is_liquidation
    assert done.fill.client_order_id is None
    assert done.fill.fill_price == Decimal(price)
    assert step.book.balance == book.balance - book.reserved
    assert step.orders[0].client_order_id is None
    assert step.orders[0].status is OrderStatus.FILLED


def test_a_gap_past_bankruptcy_still_loses_only_the_margin() -> None:
    book = opened(LONG, leverage=10)
    step = play(book, candle("500", "510", "490", "500"))
    assert only_fill(step).fill.fill_price == Decimal("900.3")
    assert step.book.balance == book.balance - book.reserved


def test_a_gap_between_liquidation_and_bankruptcy_fills_at_the_open() -> None:
    step = play(opened(LONG, leverage=10), candle("903", "904", "890", "900"))
    assert only_fill(step).fill.fill_price == Decimal(903)


def test_a_stop_before_the_liquidation_price_saves_the_rest() -> None:
    book = opened(LONG, STOP, leverage=10)
    step = play(book, candle("1000", "1001", "890", "900"))
    assert not only_fill(step).fill.is_liquidation
    assert step.book.balance > book.balance - book.reserved


@pytest.mark.parametrize("trigger", ["905.3", "905.4", "900"])
def test_a_stop_at_or_past_the_liquidation_price_comes_too_late(trigger: str) -> None:
    step = play(
        opened(LONG, build_stop(trigger), leverage=10), candle("1000", "1001", "890", "900")
    )
    assert only_fill(step).fill.is_liquidation
    assert step.orders[-1].status is OrderStatus.EXPIRED


def test_the_mark_liquidates_too() -> None:
    step = play(opened(LONG, leverage=10), now=NOON, mark="904")
    assert only_fill(step).fill.is_liquidation


def test_a_long_without_leverage_cannot_be_liquidated() -> None:
    step = play(opened(LONG), candle("1000", "1001", "0.1", "1"))
    assert not step.fills


def test_advancing_a_pair_that_was_never_touched_does_nothing() -> None:
    book = open_account()
    assert play(book, candle("1000", "1001", "999", "1000"), mark="1000") == PaperStep(book=book)
