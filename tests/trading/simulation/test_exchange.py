"""What the paper exchange makes of an order: fills, fees, slippage, refusals."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reports.texts.catalog import render
from tests.doubles.paper import (
    BTC,
    ETH,
    NOON,
    build_instrument,
    build_intent,
    build_market,
    build_order_book,
    build_stop,
    build_target,
    open_account,
    place_all,
    place_one,
)
from trading.domain.errors import PermanentError
from trading.domain.orders import Leg, OrderIntent, OrderStatus, OrderType, Outcome
from trading.domain.units import ClientOrderId, Pair, PositionSide, Side, UserId, VenueName
from trading.simulation.account import PaperStep
from trading.simulation.exchange import cancel, set_leverage
from trading.simulation.fills import apply_slippage
from trading.simulation.validation import MAX_RESTING_ORDERS, PaperMarket, is_triggered

LONG = build_intent(Side.BUY)
SHORT = build_intent(Side.SELL)
CLOSE_LONG = build_intent(Side.SELL, leg=Leg.EXIT)


def test_a_market_order_takes_the_best_price_plus_slippage_and_pays_the_taker_fee() -> None:
    step, placement = place_one(open_account(), LONG)

    (fill,) = (one.fill for one in step.fills)
    assert fill.fill_price == Decimal("1000.3")  # 1000.1 + 1.01 bps, up to the tick
    assert fill.quantity == Decimal(1)
    assert fill.fee == Decimal("0.50015")
    assert (fill.venue, fill.filled_at) == (VenueName.PAPER, NOON)
    assert placement.order is not None
    assert placement.order.status is OrderStatus.FILLED
    assert placement.order.average_fill_price == fill.fill_price
    assert step.book.balance == Decimal("10000") - fill.fee
    assert step.book.reserved == Decimal("1000.3")


def test_a_market_order_walks_the_book_level_by_level() -> None:
    market = build_market(order_book=build_order_book(asks="1000:0.4 1001:0.4 1005:9"))

    step, placement = place_one(open_account(), LONG, market=market)

    taken = [(one.fill.fill_price, one.fill.quantity) for one in step.fills]
    assert taken == [
        (Decimal("1000.2"), Decimal("0.4")),
        (Decimal("1001.2"), Decimal("0.4")),
        (Decimal("1005.2"), Decimal("0.2")),
    ]
    assert placement.order is not None
    assert placement.order.average_fill_price == Decimal("1001.6")
    ids = [one.fill.trade_id for one in step.fills]
    assert ids == ["paper-1-2-0", "paper-1-2-1", "paper-1-2-2"]


def test_what_a_thin_book_cannot_give_is_canceled() -> None:
    market = build_market(order_book=build_order_book(asks="1000:0.3 1001:0.0004"))

    step, placement = place_one(open_account(), LONG, market=market)

    assert placement.order is not None
    assert placement.order.status is OrderStatus.CANCELED
    assert placement.order.filled_quantity == Decimal("0.3")
    assert step.book.pairs[0].orders == ()


def test_an_empty_book_fills_nothing() -> None:
    market = build_market(order_book=build_order_book(asks=""))
    _assert_refused(LONG, "UNABLE_TO_FILL", market=market)


def test_an_order_as_large_as_the_volume_slips_by_eleven_basis_points() -> None:
    market = build_market(volume=Decimal(1))
    step, _ = place_one(open_account(), SHORT, market=market)
    assert step.fills[0].fill.fill_price == Decimal("998.8")  # 999.9 - 11 bps, down to the tick


def test_where_nobody_trades_a_whole_percent_slips() -> None:
    market = build_market(volume=Decimal(0))
    step, _ = place_one(open_account(), SHORT, market=market)
    assert step.fills[0].fill.fill_price == Decimal("989.9")


def test_a_price_never_slips_below_one_tick() -> None:
    tick = Decimal("0.1")
    slipped = apply_slippage(tick, side=Side.SELL, slippage_bps=Decimal(1), tick_size=tick)
    assert slipped == tick


@pytest.mark.parametrize(
    ("intent", "word"),
    [
        (build_intent(quantity="0.0005"), "QUANTITY_OFF_STEP"),
        (build_intent(quantity="1.0005"), "QUANTITY_OFF_STEP"),
        (build_intent(quantity="1001"), "QUANTITY_OFF_STEP"),
        (build_intent(quantity="0.004"), "NOTIONAL_BELOW_MIN notional=4.000 min_notional=5"),
        (build_intent(quantity="11"), "INSUFFICIENT_MARGIN"),
        (build_intent(pair=Pair("BTC", "USDC")), "WRONG_CURRENCY"),
        (CLOSE_LONG, "REDUCE_ONLY_REJECTED"),
        (build_stop("990"), "REDUCE_ONLY_REJECTED"),
    ],
)
def test_a_flat_account_is_refused_what_a_venue_refuses(intent: OrderIntent, word: str) -> None:
    _assert_refused(intent, word)


@pytest.mark.parametrize(
    ("intent", "word"),
    [
        (build_stop("990.05"), "PRICE_OFF_TICK"),
        (build_stop("1000"), "WOULD_TRIGGER_IMMEDIATELY"),
        (build_target("1000"), "WOULD_TRIGGER_IMMEDIATELY"),
        (build_stop("990", reduce_only=False), "MUST_REDUCE_ONLY"),
        (build_stop("1010", side=Side.BUY), "REDUCE_ONLY_REJECTED"),
        (build_stop("990", quantity=Decimal(1001)), "QUANTITY_OFF_STEP"),
        (build_stop("990", quantity=Decimal("0.0005")), "QUANTITY_OFF_STEP"),
    ],
)
def test_a_long_is_refused_protection_that_a_venue_refuses(intent: OrderIntent, word: str) -> None:
    book = place_all(open_account(), LONG).book
    step, placement = place_one(book, intent)
    assert placement.outcome is Outcome.REJECTED
    assert render(placement.reason).startswith(word)
    assert step.book is book


def test_a_pair_takes_ten_resting_orders() -> None:
    stops = [build_stop(f"{900 + n}", attempt=n) for n in range(MAX_RESTING_ORDERS)]
    book = place_all(open_account(), LONG, *stops).book
    _, placement = place_one(book, build_stop("950", attempt=99))
    assert render(placement.reason) == "TOO_MANY_ORDERS max=10"


def test_leverage_that_the_venue_no_longer_allows_refuses_entries() -> None:
    book = set_leverage(open_account(), Decimal(20), instrument=build_instrument(), at=NOON)
    market = build_market(instrument=build_instrument(max_leverage=Decimal(10)))
    _, placement = place_one(book, LONG, market=market)
    assert render(placement.reason) == "LEVERAGE_ABOVE_MAX leverage=20 max_leverage=10"


def test_an_entry_that_would_be_liquidated_at_once_is_refused() -> None:
    book = set_leverage(open_account(), Decimal(20), instrument=build_instrument(), at=NOON)
    market = build_market(order_book=build_order_book(asks="1050:10"))
    _, placement = place_one(book, LONG, market=market)
    assert render(placement.reason).startswith("INSUFFICIENT_MARGIN")


def test_leverage_locks_less_margin() -> None:
    book = set_leverage(open_account(), Decimal(4), instrument=build_instrument(), at=NOON)
    step = place_all(book, LONG)
    assert step.book.reserved == Decimal("250.075")
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.leverage == Decimal(4)


def test_the_same_leverage_again_changes_nothing() -> None:
    book = set_leverage(open_account(), Decimal(4), instrument=build_instrument(), at=NOON)
    assert set_leverage(book, Decimal(4), instrument=build_instrument(), at=NOON) is book


@pytest.mark.parametrize("leverage", ["0.5", "21"])
def test_leverage_outside_of_the_venue_s_range_is_refused(leverage: str) -> None:
    with pytest.raises(PermanentError, match="1 to 20"):
        set_leverage(open_account(), Decimal(leverage), instrument=build_instrument(), at=NOON)


def test_leverage_needs_more_initial_than_maintenance_margin() -> None:
    rules = build_instrument(maintenance_margin_ratio=Decimal("0.1"))
    with pytest.raises(PermanentError):
        set_leverage(open_account(), Decimal(10), instrument=rules, at=NOON)


def test_leverage_cannot_change_while_a_position_is_open() -> None:
    book = place_all(open_account(), LONG).book
    with pytest.raises(PermanentError, match="position is open"):
        set_leverage(book, Decimal(2), instrument=build_instrument(), at=NOON)


def test_a_name_that_rests_is_a_duplicate() -> None:
    book = place_all(open_account(), LONG, build_stop("990")).book
    step, placement = place_one(book, build_stop("980"))
    assert placement.outcome is Outcome.DUPLICATE
    assert step.book is book


def test_an_intent_for_another_account_or_venue_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="not for this account"):
        place_one(open_account(), replace(LONG, user_id=UserId(2)))
    with pytest.raises(ValueError, match="not for this account"):
        place_one(open_account(), replace(LONG, venue=VenueName.BINANCE))


def test_a_reduce_only_order_larger_than_the_position_closes_it_and_no_more() -> None:
    book = place_all(open_account(), LONG).book
    step, placement = place_one(book, replace(CLOSE_LONG, quantity=Decimal(3)))
    assert step.book.find_open(BTC) is None
    assert placement.order is not None
    assert placement.order.status is OrderStatus.CANCELED
    assert placement.order.filled_quantity == Decimal(1)


def test_dust_below_the_venue_s_minimum_can_be_closed() -> None:
    rules = build_instrument(min_quantity=Decimal("0.1"))
    thin = build_market(order_book=build_order_book(asks="1000:0.05"), instrument=rules)
    book = place_all(open_account(), LONG, market=thin).book
    deep = build_market(instrument=rules)
    step, _ = place_one(book, replace(CLOSE_LONG, quantity=Decimal("0.05")), market=deep)
    assert step.book.find_open(BTC) is None


def test_closing_realizes_and_expires_what_rested() -> None:
    book = place_all(open_account(), LONG, build_stop("990"), build_target("1020")).book
    step, _ = place_one(book, CLOSE_LONG)

    (done,) = step.fills
    assert done.realized_pnl == Decimal("-0.6")  # 999.7 - 1000.3
    assert [order.status for order in step.orders] == [
        OrderStatus.FILLED,
        OrderStatus.EXPIRED,
        OrderStatus.EXPIRED,
    ]
    assert step.book.reserved == Decimal(0)
    assert step.book.balance == Decimal("10000") - Decimal("0.6") - step.book.ledger.fees


def test_reducing_a_part_frees_its_share_of_the_margin_and_keeps_the_stop() -> None:
    book = place_all(open_account(), LONG, build_stop("990")).book
    step, _ = place_one(book, replace(CLOSE_LONG, quantity=Decimal("0.25")))
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.quantity == Decimal("0.75")
    assert found.entry.margin == Decimal("750.225")
    assert len(found.entry.orders) == 1


def test_an_opposite_order_larger_than_the_position_turns_it_round() -> None:
    book = place_all(open_account(), LONG, build_stop("990")).book
    opposite = build_intent(Side.SELL, "1.5", attempt=1)
    step, _ = place_one(book, opposite)
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.side is PositionSide.SHORT
    assert found.position.quantity == Decimal("0.5")
    assert found.entry.orders == ()
    assert found.entry.margin == Decimal("499.85")
    assert step.book.ledger.realized_pnl == Decimal("-0.6")


def test_an_opposite_order_without_reduce_only_can_close_exactly() -> None:
    book = place_all(open_account(), LONG).book
    step, placement = place_one(book, build_intent(Side.SELL, attempt=1))
    assert placement.outcome is Outcome.ACCEPTED
    assert step.book.find_open(BTC) is None


def test_increasing_averages_the_entry_and_adds_margin() -> None:
    book = place_all(open_account(), LONG).book
    higher = build_market(order_book=build_order_book(asks="1100:9"), mark_price=Decimal(1100))
    step = place_all(book, build_intent(attempt=1), market=higher)
    found = step.book.find_open(BTC)
    assert found is not None
    assert found.position.average_entry_price == Decimal("1050.25")  # of 1000.3 and 1100.2
    assert found.entry.margin == Decimal("2100.5")


def test_an_exit_is_not_filled_past_the_liquidation_price() -> None:
    book = set_leverage(open_account(), Decimal(10), instrument=build_instrument(), at=NOON)
    book = place_all(book, LONG).book
    falling = build_market(order_book=build_order_book(bids="950:0.4 900:9"))
    step, placement = place_one(book, CLOSE_LONG, market=falling)
    assert placement.order is not None
    assert placement.order.filled_quantity == Decimal("0.4")  # liquidated at 905.3
    assert step.book.find_open(BTC) is not None


def test_canceling_a_resting_order_leaves_the_others() -> None:
    stop, target = build_stop("990"), build_target("1020")
    book = place_all(open_account(), LONG, stop, target).book
    step, placement = cancel(book, BTC, client_order_id=stop.client_order_id, at=NOON)
    assert placement.order is not None
    assert placement.order.status is OrderStatus.CANCELED
    assert step.orders == (placement.order,)
    left = step.book.pairs[0].orders
    assert [order.client_order_id for order in left] == [target.client_order_id]


def test_canceling_what_does_not_rest_is_rejected() -> None:
    book = place_all(open_account(), LONG).book
    for pair, known in ((ETH, book), (BTC, book)):
        step, placement = cancel(known, pair, client_order_id=ClientOrderId("q0"), at=NOON)
        assert placement.outcome is Outcome.REJECTED
        assert step.book is known


def test_pairs_stand_beside_each_other_with_their_own_margin() -> None:
    ether = build_market(instrument=build_instrument(pair=ETH, symbol="ETHUSDT"))
    book = place_all(open_account(), build_intent(pair=ETH), market=ether).book
    book = place_all(book, LONG).book
    assert [entry.pair for entry in book.pairs] == [BTC, ETH]
    assert book.reserved == Decimal("2000.6")
    assert book.available == book.balance - Decimal("2000.6")


def test_a_market_order_has_no_trigger() -> None:
    assert LONG.order_type is OrderType.MARKET
    assert not is_triggered(LONG, price=Decimal(1))


def _assert_refused(intent: OrderIntent, word: str, *, market: PaperMarket | None = None) -> None:
    book = open_account()
    own = build_market(instrument=build_instrument(pair=intent.pair))
    step, placement = place_one(book, intent, market=market or own)
    assert placement.outcome is Outcome.REJECTED
    assert render(placement.reason).startswith(word)
    assert step == PaperStep(book=book)
