"""Figures as people read them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from trading.reporting.formatting import (
    show_age,
    show_dollars,
    show_figure,
    show_gain,
    show_money,
    show_percent,
    show_price,
)


def test_sums_are_shown_to_the_cent() -> None:
    assert show_money(Decimal("1234.5")) == "1,234.50"
    assert show_gain(Decimal("12.3")) == "+12.30"
    assert show_gain(Decimal("-1234.567")) == "-1,234.57"


def test_the_cost_of_an_answer_is_shown_to_a_hundredth_of_a_cent() -> None:
    assert show_dollars(Decimal("0.01234")) == "$0.0123"
    assert show_dollars(Decimal(0)) == "$0"


def test_a_ratio_is_shown_as_percent() -> None:
    assert show_percent(Decimal("0.0123")) == "1.23 %"
    assert show_percent(None) == show_price(None)


def test_a_price_has_nine_significant_digits() -> None:
    assert show_price(Decimal("0.000012345678912")) == "0.0000123456789"


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(minutes=120), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 d"),
    ],
)
def test_an_age_is_shown_in_one_unit(age: timedelta, text: str) -> None:
    assert show_age(age) == text


def test_a_figure_has_fixed_decimals() -> None:
    assert show_figure(Decimal("1.005"), decimals=1) == "1.0"
    assert show_figure(None) == show_money(None)
