"""Numbers of a question: plain, short, and "-" for what is unknown."""

from decimal import Decimal

import pytest

from trading.council.question.numbers import render_number, render_percent, render_series


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (Decimal("84210.55"), 5, "84211"),
        (Decimal("0.0000123456"), 3, "0.0000123"),
        (1e-9, 2, "0.000000001"),
        (1234567.0, 3, "1230000"),
        (0.1 + 0.2, 5, "0.3"),
        (Decimal("-0"), 3, "0"),
        (None, 3, "-"),
    ],
)
def test_a_number_is_plain_and_short(
    value: Decimal | float | None, digits: int, text: str
) -> None:
    assert render_number(value, digits=digits) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(Decimal("0.01234"), "1.234"), (-0.005, "-0.5"), (None, "-")]
)
def test_a_ratio_is_shown_in_percent(ratio: Decimal | float | None, text: str) -> None:
    assert render_percent(ratio) == text


def test_a_series_keeps_its_order_and_its_gaps() -> None:
    assert render_series([1.5, None, Decimal(2)], digits=3) == "1.5 - 2"
    assert render_series([], digits=3) == "-"
