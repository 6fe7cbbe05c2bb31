"""Instruments round where it is safe for us, and know what is on their step."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from tests.trading.builders import NOW, make_instrument
from tests.trading.numbers import STEPS, decimals
from trading.domain.instruments import FeeRates, LeverageTier, find_max_leverage
from trading.domain.units import Side

prices = decimals("0", "250000", places=9)
BTC_RULES = make_instrument(tick_size=Decimal("0.5"), step_size=Decimal("0.001"))


def test_quantities_go_down_and_stay_within_the_largest_order() -> None:
    instrument = make_instrument(step_size=Decimal("0.01"), max_quantity=Decimal("7.555"))
    assert instrument.round_quantity(Decimal("1.2399")) == Decimal("1.23")
    assert instrument.round_quantity(Decimal("0.0099")) == 0
    assert instrument.round_quantity(Decimal(100)) == Decimal("7.55")


def test_a_stop_triggers_no_later_than_asked() -> None:
    assert BTC_RULES.round_stop_price(Decimal("99.7"), side=Side.SELL) == Decimal("100.0")
    assert BTC_RULES.round_stop_price(Decimal("99.7"), side=Side.BUY) == Decimal("99.5")


def test_a_target_triggers_no_later_than_asked() -> None:
    assert BTC_RULES.round_target_price(Decimal("99.7"), side=Side.SELL) == Decimal("99.5")
    assert BTC_RULES.round_target_price(Decimal("99.7"), side=Side.BUY) == Decimal("100.0")


@given(quantity=decimals("0", "2000", places=9), step=STEPS)
def test_rounded_quantities_are_on_the_step_and_never_larger(
    quantity: Decimal, step: Decimal
) -> None:
    instrument = make_instrument(step_size=step, max_quantity=Decimal(1000))
    rounded = instrument.round_quantity(quantity)
    assert rounded <= min(quantity, instrument.max_quantity) < rounded + step
    assert rounded % step == 0
    assert instrument.round_quantity(rounded) == rounded


@given(price=prices, tick=STEPS)
def test_rounded_prices_are_on_the_tick_on_the_safe_side_and_stay(
    price: Decimal, tick: Decimal
) -> None:
    instrument = make_instrument(tick_size=tick)
    below = {
        instrument.round_stop_price(price, side=Side.BUY),
        instrument.round_target_price(price, side=Side.SELL),
    }
    above = {
        instrument.round_stop_price(price, side=Side.SELL),
        instrument.round_target_price(price, side=Side.BUY),
    }
    assert len(below) == len(above) == 1
    for rounded in below:
        assert rounded <= price < rounded + tick
        assert instrument.round_stop_price(rounded, side=Side.BUY) == rounded
    for rounded in above:
        assert rounded - tick < price <= rounded
        assert instrument.round_stop_price(rounded, side=Side.SELL) == rounded
    assert all(rounded % tick == 0 for rounded in below | above)


@pytest.mark.parametrize(
    ("quantity", "fits"),
    [("0.002", True), ("0.003", True), ("5", True), ("0.001", False), ("5.001", False)],
)
def test_a_quantity_fits_within_the_bounds(quantity: str, *, fits: bool) -> None:
    instrument = make_instrument(
        step_size=Decimal("0.001"), min_quantity=Decimal("0.002"), max_quantity=Decimal(5)
    )
    assert instrument.is_on_step(quantity=Decimal(quantity)) is fits


def test_a_quantity_between_two_steps_does_not_fit() -> None:
    assert not BTC_RULES.is_on_step(quantity=Decimal("0.0025"))


@pytest.mark.parametrize(
    "name",
    [
        "tick_size",
        "step_size",
        "min_quantity",
        "max_quantity",
        "max_leverage",
        "maintenance_margin_ratio",
    ],
)
def test_an_instrument_needs_real_steps_and_bounds(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be above 0"):
        make_instrument(**{name: Decimal(0)})


@pytest.mark.parametrize("name", ["min_notional", "maker_fee_rate", "taker_fee_rate"])
def test_what_may_be_zero_may_not_be_negative(name: str) -> None:
    assert getattr(make_instrument(**{name: Decimal(0)}), name) == 0
    with pytest.raises(ValueError, match=f"{name} must be at least 0"):
        make_instrument(**{name: Decimal("-0.1")})


def test_the_time_of_the_rules_is_utc() -> None:
    with pytest.raises(ValueError, match="fetched_at must be aware UTC"):
        make_instrument(fetched_at=NOW.replace(tzinfo=None))


def test_the_leverage_that_a_notional_allows_shrinks_tier_by_tier() -> None:
    tiers = (
        LeverageTier(Decimal(100), Decimal(20)),
        LeverageTier(Decimal(500), Decimal(5)),
    )

    allowed = [find_max_leverage(tiers, notional=Decimal(n)) for n in (0, 100, 101, 500, 501)]

    assert allowed == [20, 20, 5, 5, 0]


@pytest.mark.parametrize(("notional", "leverage"), [("0", "5"), ("100", "0"), ("NaN", "5")])
def test_a_tier_of_nothing_is_no_tier(notional: str, leverage: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        LeverageTier(Decimal(notional), Decimal(leverage))


@pytest.mark.parametrize(
    ("quantity", "largest", "parts"),
    [
        ("0.250", "0.100", ["0.100", "0.100", "0.050"]),
        ("0.100", "0.100", ["0.100"]),
        ("0.2505", "1", ["0.250"]),
        ("0.0005", "1", []),
    ],
)
def test_a_quantity_is_cut_into_orders_that_the_venue_takes(
    quantity: str, largest: str, parts: list[str]
) -> None:
    rules = make_instrument(step_size=Decimal("0.001"), max_quantity=Decimal(largest))
    assert [str(part) for part in rules.split_quantity(Decimal(quantity))] == parts


def test_a_funding_interval_is_positive() -> None:
    with pytest.raises(ValueError, match="funding interval"):
        make_instrument(funding_interval=timedelta(0))


def test_an_accounts_own_fee_rates_replace_the_venues() -> None:
    rules = make_instrument()
    own = rules.with_fees(FeeRates(maker=Decimal("0.0001"), taker=Decimal("0.0003")))
    assert (own.maker_fee_rate, own.taker_fee_rate) == (Decimal("0.0001"), Decimal("0.0003"))
    assert rules.with_fees(None) == rules


def test_a_fee_rate_is_not_negative() -> None:
    with pytest.raises(ValueError, match="taker"):
        FeeRates(maker=Decimal(0), taker=Decimal("-0.0001"))
