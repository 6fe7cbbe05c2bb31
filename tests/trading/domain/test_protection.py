"""Orders that reduce a position: planned for the whole of it, counted only when they reduce."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.pair_configs import make_config
from tests.trading.builders import (
    NOW,
    USER,
    make_fill,
    make_intent,
    make_order,
    make_position,
)
from trading.domain.orders import (
    IntentStatus,
    Leg,
    OrderStatus,
    OrderType,
    build_filled_order,
)
from trading.domain.protection import (
    attach_triggers,
    find_trigger_distance,
    is_covered,
    plan_exit,
    plan_trigger,
)
from trading.domain.units import Mode, PositionSide, Side, VenueName

CONFIG = make_config(USER, mode=Mode.LIVE)
POSITION = make_position()


def rest(**changes: Any) -> Any:
    stop: dict[str, Any] = {
        "side": POSITION.side.exit_side,
        "order_type": OrderType.STOP_MARKET,
        "status": OrderStatus.ACCEPTED,
        "quantity": POSITION.quantity,
        "filled_quantity": Decimal(0),
        "reduce_only": True,
        "trigger_price": Decimal(49_000),
        "average_fill_price": None,
    }
    return make_order(**{**stop, **changes})


def test_an_exit_is_a_reduce_only_market_order_for_the_whole_position() -> None:
    intent = plan_exit(POSITION, config=CONFIG, cycle_time=NOW, attempt=2)
    assert (intent.side, intent.quantity) == (Side.SELL, POSITION.quantity)
    assert (intent.order_type, intent.reduce_only) == (OrderType.MARKET, True)
    assert (intent.leg, intent.attempt, intent.venue) == (Leg.EXIT, 2, VenueName.BINANCE)


def test_a_pair_that_is_not_live_trades_at_the_paper_venue() -> None:
    paper = replace(CONFIG, mode=Mode.PAPER)
    assert (CONFIG.trade_venue, paper.trade_venue) == (VenueName.BINANCE, VenueName.PAPER)


def test_a_trigger_reserves_nothing_and_has_a_name_of_its_own() -> None:
    entry = make_intent(reserved_notional=Decimal(100))
    stop = plan_trigger(entry, leg=Leg.STOP, price=Decimal(49_000))
    target = plan_trigger(entry, leg=Leg.TARGET, price=Decimal(52_000))
    assert (stop.order_type, target.order_type) == (
        OrderType.STOP_MARKET,
        OrderType.TAKE_PROFIT_MARKET,
    )
    assert stop.reduce_only
    assert stop.reserved_notional == 0
    assert len({entry.client_order_id, stop.client_order_id, target.client_order_id}) == 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"quantity": POSITION.quantity / 2}, False),
        ({"filled_quantity": POSITION.quantity / 2}, False),
        ({"side": POSITION.side.entry_side}, False),
        ({"reduce_only": False}, False),
        ({"order_type": OrderType.TAKE_PROFIT_MARKET}, False),
    ],
)
def test_only_reduce_only_stops_for_the_whole_position_cover_it(
    changes: dict[str, Any], expected: bool
) -> None:
    assert is_covered(POSITION, [rest(**changes)], leg=Leg.STOP) is expected


def test_two_stops_cover_a_position_together() -> None:
    half = rest(quantity=POSITION.quantity / 2)
    assert is_covered(POSITION, [half, half], leg=Leg.STOP)


def test_a_position_shows_the_prices_that_rest_for_it() -> None:
    foreign = rest(reduce_only=False, trigger_price=Decimal(1))
    target = rest(order_type=OrderType.TAKE_PROFIT_MARKET, trigger_price=Decimal(52_000))
    shown = attach_triggers(POSITION, [rest(), target, foreign])
    assert (shown.stop_price, shown.target_price) == (Decimal(49_000), Decimal(52_000))
    assert attach_triggers(shown, []).stop_price is None


def test_fills_prove_an_order_and_its_average_price() -> None:
    intent = make_intent(quantity=Decimal(2))
    first = make_fill(quantity=Decimal(1), fill_price=Decimal(100))
    second = make_fill(
        quantity=Decimal(1), fill_price=Decimal(110), filled_at=NOW + timedelta(seconds=1)
    )
    part = build_filled_order(intent, [first])
    whole = build_filled_order(intent, [first, second])
    assert (part.status, part.filled_quantity) == (OrderStatus.PARTIALLY_FILLED, Decimal(1))
    assert (whole.status, whole.average_fill_price) == (OrderStatus.FILLED, Decimal(105))
    assert whole.updated_at == second.filled_at


def test_an_order_that_was_sent_without_a_proof_is_in_doubt() -> None:
    doubtful = {status for status in IntentStatus if status.is_in_doubt}
    assert doubtful == {IntentStatus.SENDING, IntentStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("side", "stop", "target", "expected"),
    [
        (PositionSide.LONG, "99", "104", "0.01"),
        (PositionSide.LONG, "90", "102", "0.02"),
        (PositionSide.SHORT, "101", "96", "0.01"),
        (PositionSide.SHORT, "110", "98", "0.02"),
        (PositionSide.LONG, "100", None, "0"),
        (PositionSide.SHORT, "99", None, "-0.01"),
        (PositionSide.LONG, None, "103", "0.03"),
        (PositionSide.LONG, None, None, "1"),
    ],
)
def test_the_nearest_trigger_counts(
    side: PositionSide, stop: str | None, target: str | None, expected: str
) -> None:
    position = replace(
        POSITION,
        side=side,
        stop_price=None if stop is None else Decimal(stop),
        target_price=None if target is None else Decimal(target),
    )

    assert find_trigger_distance(position, mark_price=Decimal(100)) == Decimal(expected)
