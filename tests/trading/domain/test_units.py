"""The smallest values: sides, pairs, exact numbers, safe rounding, time."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.texts.catalog import tell
from tests.trading.builders import NOW
from tests.trading.numbers import STEPS, decimals
from trading.domain.errors import BadInput
from trading.domain.units import (
    BASIS_POINT,
    MONEY_STEP,
    Pair,
    PositionSide,
    Side,
    ceil_to_step,
    floor_time,
    floor_to_step,
    require_finite,
    require_not_negative,
    require_positive,
    require_utc,
    round_money,
    sum_money,
    to_decimal,
)

values = decimals("-1e12", "1e12", places=10)


def test_a_side_knows_its_opposite_and_its_sign() -> None:
    assert (Side.BUY.opposite, Side.SELL.opposite) == (Side.SELL, Side.BUY)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


def test_a_position_is_entered_on_one_side_and_left_on_the_other() -> None:
    assert (PositionSide.LONG.entry_side, PositionSide.LONG.exit_side) == (Side.BUY, Side.SELL)
    assert (PositionSide.SHORT.entry_side, PositionSide.SHORT.exit_side) == (Side.SELL, Side.BUY)
    assert [side.sign for side in PositionSide] == [1, -1, 0]


def test_a_flat_position_has_no_side_to_enter_or_leave() -> None:
    with pytest.raises(ValueError, match="a flat position has no entry side"):
        _ = PositionSide.FLAT.entry_side
    with pytest.raises(ValueError, match="a flat position has no entry side"):
        _ = PositionSide.FLAT.exit_side


@pytest.mark.parametrize(
    "text", ["BTC/USDT", "btc-usdt", " BTC_USDT ", "BTC/USDT:USDT", "Btc/uSdT", "btc_usdt:usdt"]
)
def test_a_pair_is_read_as_people_and_venues_write_it(text: str) -> None:
    pair = Pair.parse(text)
    assert pair == Pair("BTC", "USDT")
    assert str(pair) == "BTC/USDT"
    assert pair.slug == "BTC-USDT"


@pytest.mark.parametrize("text", ["", "BTC", "BTC/", "/USDT", "A/B/C", "BTC USDT", "BTC/US$"])
def test_what_is_no_pair_is_refused_with_the_text(text: str) -> None:
    with pytest.raises(BadInput, match="is not a pair like BTC/USDT"):
        Pair.parse(text)


def test_a_long_text_is_quoted_in_part_only() -> None:
    with pytest.raises(BadInput) as refused:
        Pair.parse("x" * 500)
    assert tell(refused.value) == f"“{'x' * 40}” is not a pair like BTC/USDT."


def test_a_pair_is_capital_ascii_of_two_different_currencies() -> None:
    assert Pair("A" * 20, "1000SHIB").base == "A" * 20
    for base, quote in [("btc", "USDT"), ("BTC", "usdt"), ("A" * 21, "USDT"), ("БТЦ", "USDT")]:
        with pytest.raises(BadInput, match="is not a pair"):
            Pair(base, quote)
    with pytest.raises(BadInput, match="both sides are BTC"):
        Pair("BTC", "BTC")


def test_pairs_are_ordered_by_name() -> None:
    assert sorted([Pair("ETH", "USDT"), Pair("BTC", "USDT")])[0] == Pair("BTC", "USDT")


@pytest.mark.parametrize(
    ("value", "number"),
    [(" 1.50 ", "1.50"), (7, "7"), (Decimal("-0.1"), "-0.1"), ("1e3", "1000"), ("0", "0")],
)
def test_numbers_are_read_exactly(value: str | int | Decimal, number: str) -> None:
    assert to_decimal(value) == Decimal(number)


@pytest.mark.parametrize("text", ["", "ten", "1,5", "0x10", "1.2.3"])
def test_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a number"):
        to_decimal(text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-inf", "sNaN"])
def test_numbers_without_an_end_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a finite number"):
        to_decimal(text)


@pytest.mark.parametrize("value", [1.5, True])
def test_floats_and_booleans_are_refused_as_inexact(value: object) -> None:
    with pytest.raises(TypeError, match="is not exact"):
        to_decimal(value)  # type: ignore[arg-type]


def test_the_first_number_that_is_wrong_is_named() -> None:
    require_finite(a=Decimal(0), b=Decimal(-1))
    require_positive(a=Decimal("0.1"))
    require_not_negative(a=Decimal(0))
    with pytest.raises(ValueError, match=r"b must be a finite Decimal, got Decimal\('NaN'\)"):
        require_finite(a=Decimal(0), b=Decimal("NaN"))
    with pytest.raises(ValueError, match="a must be a finite Decimal, got 1"):
        require_finite(a=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="b must be above 0, got 0"):
        require_positive(a=Decimal(1), b=Decimal(0))
    with pytest.raises(ValueError, match="a must be a finite Decimal"):
        require_positive(a=Decimal("Infinity"))
    with pytest.raises(ValueError, match=r"b must be at least 0, got -0\.1"):
        require_not_negative(a=Decimal(0), b=Decimal("-0.1"))
    with pytest.raises(ValueError, match="a must be a finite Decimal"):
        require_not_negative(a=Decimal("NaN"))


def test_instants_are_aware_and_utc() -> None:
    require_utc(a=NOW, b=NOW.astimezone(timezone(timedelta(0))))
    with pytest.raises(ValueError, match="b must be aware UTC"):
        require_utc(a=NOW, b=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="a must be aware UTC"):
        require_utc(a=NOW.astimezone(timezone(timedelta(hours=3))))


@given(value=values, step=STEPS)
def test_floor_is_the_nearest_multiple_below(value: Decimal, step: Decimal) -> None:
    floor = floor_to_step(value, step)
    assert floor <= value < floor + step
    assert floor % step == 0
    assert floor_to_step(floor, step) == floor


@given(value=values, step=STEPS)
def test_ceiling_is_the_nearest_multiple_above(value: Decimal, step: Decimal) -> None:
    ceiling = ceil_to_step(value, step)
    assert ceiling - step < value <= ceiling
    assert ceiling % step == 0
    assert ceil_to_step(ceiling, step) == ceiling


@given(value=values, step=STEPS)
def test_rounding_is_symmetric_around_zero(value: Decimal, step: Decimal) -> None:
    assert ceil_to_step(value, step) == -floor_to_step(-value, step)


def test_the_last_digit_never_lifts_a_value_over_a_step() -> None:
    """With `/` the quotient would be rounded to 28 digits first, here up to a whole 1."""
    just_below = Decimal("0." + "9" * 40)
    assert floor_to_step(just_below, Decimal(1)) == 0
    assert ceil_to_step(just_below, Decimal(1)) == 1
    assert ceil_to_step(just_below.copy_negate(), Decimal(1)) == 0
    assert floor_to_step(just_below.copy_negate(), Decimal(1)) == -1


def test_the_callers_precision_does_not_matter() -> None:
    with localcontext(prec=3):
        assert floor_to_step(Decimal("12345.678"), Decimal("0.01")) == Decimal("12345.67")


@pytest.mark.parametrize(("value", "step"), [("1e27", "0.00001"), ("1e40", "1")])
def test_a_multiple_that_would_need_more_digits_is_refused(value: str, step: str) -> None:
    with pytest.raises(ValueError, match="has no exact multiple"):
        floor_to_step(Decimal(value) + 1, Decimal(step))


def test_money_is_rounded_half_to_even_so_that_sums_do_not_drift() -> None:
    assert Decimal("0.00000001") == MONEY_STEP
    assert round_money(Decimal("1.000000005")) == Decimal("1.00000000")
    assert round_money(Decimal("1.000000015")) == Decimal("1.00000002")
    assert round_money(Decimal("-1.000000015")) == Decimal("-1.00000002")


def test_the_sum_of_nothing_is_a_decimal_zero() -> None:
    assert sum_money([]) == Decimal(0)
    assert isinstance(sum_money([]), Decimal)
    assert sum_money([Decimal("0.1")] * 3) == Decimal("0.3")
    assert Decimal("0.0001") == BASIS_POINT


@given(
    instant=st.datetimes(
        min_value=datetime(1969, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
        timezones=st.just(UTC),
    ),
    minutes=st.sampled_from([1, 5, 15, 30, 60, 240]),
)
def test_an_instant_is_floored_to_its_interval(instant: datetime, minutes: int) -> None:
    interval = timedelta(minutes=minutes)
    floor = floor_time(instant, interval)
    assert floor <= instant < floor + interval
    assert floor_time(floor, interval) == floor
    assert (floor - datetime(1970, 1, 1, tzinfo=UTC)) % interval == timedelta(0)


def test_a_naive_instant_is_not_floored() -> None:
    with pytest.raises(ValueError, match="instant must be aware UTC"):
        floor_time(NOW.replace(tzinfo=None), timedelta(minutes=30))


@pytest.mark.parametrize("text", ["BTC/USDT:USDT-251226", "BTC/USDT:BTC", "eth/usdt:usdc"])
def test_a_contract_that_is_no_perpetual_of_the_pair_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="perpetual"):
        Pair.parse(text)


def test_the_perpetual_of_a_pair_is_the_pair() -> None:
    assert Pair.parse("BTC/USDT:USDT") == Pair("BTC", "USDT")


@pytest.mark.parametrize("text", ["9" * 100_000, "1e999999999", "1e-999999999", "1e41"])
def test_a_number_of_too_many_digits_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        to_decimal(text)
