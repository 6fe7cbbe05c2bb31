"""Statistics: what closed trades and the equity curve come to."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import NOW, make_closed_position, make_position
from tests.trading.numbers import decimals
from trading.portfolio.performance import (
    EquityPoint,
    Statistics,
    compute_max_drawdown,
    compute_statistics,
)

pnls = st.lists(decimals("-100", "100", places=2), max_size=20)


def curve(*equities: int) -> list[EquityPoint]:
    return [
        EquityPoint(as_of=NOW + timedelta(minutes=30 * number), equity=Decimal(equity))
        for number, equity in enumerate(equities)
    ]


def test_nothing_traded_has_no_rates() -> None:
    zero = Decimal(0)
    assert compute_statistics([make_position()]) == Statistics(
        trades=0,
        wins=0,
        losses=0,
        win_rate=None,
        profit_factor=None,
        net_pnl=zero,
        fees=zero,
        funding=zero,
        best_trade=None,
        worst_trade=None,
        average_holding=None,
        max_drawdown=zero,
    )


def test_trades_are_counted_after_their_fees_and_funding() -> None:
    won = make_closed_position(12, minutes_ago=50, fees=Decimal(2))
    lost = make_closed_position(0, minutes_ago=40, fees=Decimal(1), funding=Decimal(1))
    lost_more = make_closed_position(-2, minutes_ago=30, opened_at=NOW - timedelta(minutes=60))
    even = make_closed_position(2, minutes_ago=20, fees=Decimal(2))
    positions = [even, lost_more, make_position(), won, lost]
    assert compute_statistics(positions, equity_curve=curve(100, 80)) == Statistics(
        trades=4,
        wins=1,
        losses=2,
        win_rate=Decimal("0.25"),
        profit_factor=Decimal("2.5"),
        net_pnl=Decimal(6),
        fees=Decimal(5),
        funding=Decimal(1),
        best_trade=Decimal(10),
        worst_trade=Decimal(-2),
        average_holding=timedelta(minutes=52, seconds=30),
        max_drawdown=Decimal("0.2"),
    )


def test_a_cent_won_is_won_and_one_lost_is_lost() -> None:
    cents = [make_closed_position("0.01"), make_closed_position("-0.01"), make_closed_position(0)]
    statistics = compute_statistics(cents)
    assert (statistics.wins, statistics.losses, statistics.trades) == (1, 1, 3)
    assert statistics.profit_factor == 1


def test_a_fall_from_less_than_one_is_a_fall() -> None:
    falling = [
        EquityPoint(as_of=NOW + timedelta(hours=hours), equity=Decimal(equity))
        for hours, equity in enumerate(["0.5", "0.25"])
    ]
    assert compute_max_drawdown(falling) == Decimal("0.5")


def test_nothing_lost_has_no_profit_factor() -> None:
    assert compute_statistics([make_closed_position(5)]).profit_factor is None


@given(results=pnls)
def test_the_parts_are_the_whole(results: list[Decimal]) -> None:
    statistics = compute_statistics(
        make_closed_position(str(pnl), minutes_ago=number) for number, pnl in enumerate(results)
    )
    assert statistics.net_pnl == sum(results)
    assert statistics.trades == len(results)
    assert statistics.wins + statistics.losses <= statistics.trades


@pytest.mark.parametrize(
    ("equities", "drawdown"),
    [
        ((), "0"),
        ((100,), "0"),
        ((100, 120, 90, 130, 117), "0.25"),
        ((100, 90, 120, 60), "0.5"),
        ((100, -20), "1"),
        ((-5, -10, 100, 75), "0.25"),
        ((0, 0), "0"),
    ],
)
def test_the_deepest_fall_from_a_peak_counts(equities: tuple[int, ...], drawdown: str) -> None:
    assert compute_max_drawdown(reversed(curve(*equities))) == Decimal(drawdown)


def test_a_point_is_at_a_real_instant_and_a_real_number() -> None:
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        EquityPoint(as_of=NOW.replace(tzinfo=None), equity=Decimal(1))
    with pytest.raises(ValueError, match="equity must be a finite Decimal"):
        EquityPoint(as_of=NOW, equity=Decimal("Infinity"))
