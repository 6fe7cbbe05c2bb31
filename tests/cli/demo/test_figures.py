"""The figures of a demo: counted from the venue's own fills and orders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.demo.figures import count_turns, measure_bare_seconds
from tests.trading.builders import NOW, make_fill, make_order
from trading.domain.orders import Fill, Order, OrderStatus, OrderType
from trading.domain.units import Side

END = NOW + timedelta(hours=1)


def fill(minutes: float, quantity: str, side: Side = Side.BUY) -> Fill:
    return make_fill(
        side=side, quantity=Decimal(quantity), filled_at=NOW + timedelta(minutes=minutes)
    )


def stop(
    minutes: float,
    quantity: str = "1",
    *,
    until: float | None = None,
    status: OrderStatus = OrderStatus.ACCEPTED,
) -> Order:
    ended = OrderStatus.CANCELED if until is not None and not status.is_final else status
    return make_order(
        order_type=OrderType.STOP_MARKET,
        side=Side.SELL,
        quantity=Decimal(quantity),
        trigger_price=Decimal(49_000),
        reduce_only=True,
        status=ended,
        created_at=NOW + timedelta(minutes=minutes),
        updated_at=NOW + timedelta(minutes=until if until is not None else minutes),
    )


@pytest.mark.parametrize(
    ("fills", "orders", "seconds"),
    [
        ([], [], 0),
        ([fill(0, "1")], [stop(0)], 0),
        ([fill(0, "1")], [], 3600),
        ([fill(0, "1")], [stop(2)], 120),
        ([fill(0, "1")], [stop(0, "0.5")], 3600),
        ([fill(0, "1")], [stop(0, status=OrderStatus.REJECTED)], 3600),
        ([fill(0, "1"), fill(5, "1", Side.SELL)], [], 300),
        ([fill(0, "1"), fill(5, "1", Side.SELL)], [stop(0, until=5)], 0),
        ([fill(0, "1")], [stop(0, until=10), stop(13)], 180),
        ([fill(0, "1")], [stop(1, until=10), stop(13), stop(20)], 180),
    ],
)
def test_bare_time_is_the_longest_stretch_without_a_stop_for_all_of_it(
    fills: Sequence[Fill], orders: Sequence[Order], seconds: float
) -> None:
    assert measure_bare_seconds(fills, orders=orders, until=END) == seconds


def test_a_target_is_no_stop() -> None:
    target = replace(stop(0), order_type=OrderType.TAKE_PROFIT_MARKET)

    assert measure_bare_seconds([fill(0, "1")], orders=[target], until=END) == 3600


@given(st.lists(st.integers(0, 59), min_size=1, max_size=6, unique=True))
def test_bare_time_never_exceeds_the_time_that_was_looked_at(minutes: list[int]) -> None:
    fills = [fill(minute, "1") for minute in sorted(minutes)]
    looked: datetime = fills[0].filled_at

    seconds = measure_bare_seconds(fills, orders=[], until=END)

    assert seconds == (END - looked).total_seconds()


@pytest.mark.parametrize(
    ("fills", "turns"),
    [
        ([], (0, 0)),
        ([fill(0, "1")], (1, 0)),
        ([fill(0, "1"), fill(1, "1"), fill(2, "2", Side.SELL)], (1, 1)),
        ([fill(0, "2", Side.SELL), fill(1, "1"), fill(2, "1")], (1, 1)),
        ([fill(0, "1"), fill(1, "3", Side.SELL)], (2, 1)),
    ],
)
def test_positions_are_counted_from_flat_to_flat(
    fills: Sequence[Fill], turns: tuple[int, int]
) -> None:
    assert count_turns(fills) == turns
