"""Margin: where a venue takes over, by the formulas that the venues publish."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.numbers import decimals
from trading.domain.units import PositionSide
from trading.risk.margin import (
    choose_leverage,
    compute_affordable_notional,
    compute_liquidation_price,
    find_safe_leverage,
)

RATIO = Decimal("0.004")
LONG, SHORT = PositionSide.LONG, PositionSide.SHORT

leverages = st.integers(min_value=1, max_value=125).map(Decimal)
ratios = decimals("0.001", "0.05", places=3)
sides = st.sampled_from([LONG, SHORT])


def liquidation(side: PositionSide, leverage: str, *, entry: str = "50000") -> Decimal:
    return compute_liquidation_price(
        side=side,
        entry_price=Decimal(entry),
        leverage=Decimal(leverage),
        maintenance_margin_ratio=RATIO,
    )


def test_a_long_is_taken_over_where_bybit_does_it() -> None:
    """50,000 - (50,000 / 10 - 50,000 x 0.4 %); Binance would wait until 45,180.72."""
    assert liquidation(LONG, "10") == Decimal(45_200)


def test_a_short_is_taken_over_where_binance_does_it() -> None:
    """50,000 x 1.1 / 1.004; Bybit would wait until 54,800."""
    assert liquidation(SHORT, "10").quantize(Decimal("0.01")) == Decimal("54780.88")


def test_a_long_without_leverage_lives_almost_to_zero() -> None:
    assert liquidation(LONG, "1") == Decimal(200)


@given(side=sides, leverage=leverages, ratio=ratios)
def test_margin_left_at_that_price_covers_what_the_venue_asks(
    side: PositionSide, leverage: Decimal, ratio: Decimal
) -> None:
    """
    The definition, not the formula.

    At the price the margin less the loss is at least the maintenance margin (of the entry value
    and of the value then), and no more than one of the two.
    """
    price = compute_liquidation_price(
        side=side, entry_price=Decimal(1), leverage=leverage, maintenance_margin_ratio=ratio
    )
    left = 1 / leverage - (1 - price) * side.sign
    asked = (ratio, ratio * price)
    slack = Decimal("1e-20")
    assert left >= min(asked) - slack
    if 1 / leverage > ratio:
        assert left >= max(asked) - slack
        assert min(abs(left - one) for one in asked) <= slack


@pytest.mark.parametrize(
    ("side", "distance", "leverage"),
    [
        (LONG, "0.996", 1),
        (LONG, "0.997", 0),
        (LONG, "0.496", 2),
        (LONG, "0.4961", 1),
        (LONG, "0.096", 10),
        (LONG, "0.001", 20),
        (SHORT, "0.095", 10),
        (SHORT, "0.096", 9),
        (SHORT, "0.992", 1),
        (SHORT, "0.993", 0),
    ],
)
def test_the_largest_leverage_that_keeps_its_distance(
    side: PositionSide, distance: str, leverage: int
) -> None:
    safe = find_safe_leverage(
        side=side,
        max_leverage=Decimal("20.9"),
        min_distance_ratio=Decimal(distance),
        maintenance_margin_ratio=RATIO,
    )
    assert safe == leverage


def test_no_leverage_below_one_is_looked_at() -> None:
    safe = find_safe_leverage(
        side=LONG,
        max_leverage=Decimal("0.9"),
        min_distance_ratio=Decimal("0.01"),
        maintenance_margin_ratio=RATIO,
    )
    assert safe == 0


def test_margin_and_fees_of_both_ways_fit_what_is_available() -> None:
    notional = compute_affordable_notional(
        Decimal(100), leverage=Decimal(2), fee_rate=Decimal("0.001")
    )
    assert (notional / 2 + notional * Decimal("0.002")).quantize(Decimal("1e-20")) == 100


@given(
    notional=decimals("1", "1000", places=2),
    available=decimals("1", "1000", places=2),
    most=leverages,
)
def test_the_smallest_leverage_that_affords_it(
    notional: Decimal, available: Decimal, most: Decimal
) -> None:
    fee_rate = Decimal("0.0005")
    chosen = choose_leverage(notional, available=available, max_leverage=most, fee_rate=fee_rate)
    affordable = [
        leverage
        for leverage in range(1, int(most) + 1)
        if notional
        <= compute_affordable_notional(available, leverage=Decimal(leverage), fee_rate=fee_rate)
    ]
    assert chosen == min(affordable, default=most)
