"""Limits: the defaults of the house, and overrides that can only make them stricter."""

from contextlib import suppress
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.texts.catalog import tell
from trading.domain.errors import BadInput
from trading.risk.limits import RiskLimits, tighten, tighten_where_stricter

NAMES = [limit.name for limit in fields(RiskLimits)]
RAISED_ONLY = {
    "quorum",
    "min_confidence",
    "min_stop_pct",
    "min_target_pct",
    "min_reward_to_risk",
    "min_expected_value_ratio",
    "min_book_notional",
    "min_liquidation_gap",
    "breaker_cooldown",
    "loss_cooldown",
    "duplicate_window",
}
FREE = {"profit_withdrawal_ratio"}
LOWERED_ONLY = set(NAMES) - RAISED_ONLY - FREE


def measure(value: Any) -> Decimal:
    """A limit as one number; durations in seconds."""
    if isinstance(value, timedelta):
        return Decimal(str(value.total_seconds()))
    return Decimal(value)


def read(limits: RiskLimits, name: str) -> Decimal:
    return measure(getattr(limits, name))


def test_the_defaults_are_the_designs() -> None:
    assert RiskLimits() == RiskLimits(
        quorum=2,
        min_confidence=Decimal(70),
        min_stop_pct=Decimal("0.5"),
        max_stop_pct=Decimal(10),
        min_target_pct=Decimal(1),
        min_reward_to_risk=Decimal("1.5"),
        max_cost_ratio=Decimal("0.5"),
        news_veto_score=Decimal("0.6"),
        max_spread_ratio=Decimal("0.005"),
        max_bollinger_width_ratio=Decimal("0.1"),
        max_price_deviation_ratio=Decimal("0.01"),
        max_funding_ratio=Decimal("0.003"),
        min_book_notional=Decimal(5000),
        max_book_share_ratio=Decimal("0.1"),
        max_market_age=timedelta(minutes=5),
        max_rules_age=timedelta(days=2),
        max_clock_offset=timedelta(seconds=0.5),
        risk_per_trade_ratio=Decimal("0.01"),
        max_position_ratio=Decimal("0.3"),
        max_leverage=Decimal(3),
        max_exposure_ratio=Decimal(1),
        max_direction_ratio=Decimal("0.6"),
        max_order_notional=Decimal(100_000),
        min_liquidation_gap=Decimal("1.5"),
        max_drawdown_ratio=Decimal("0.15"),
        max_day_loss_ratio=Decimal("0.05"),
        max_losses_in_a_row=3,
        breaker_cooldown=timedelta(hours=4),
        loss_cooldown=timedelta(minutes=25),
        duplicate_window=timedelta(minutes=25),
        max_entries_per_day=12,
        max_rejections_per_day=5,
        max_open_positions=10,
        profit_withdrawal_ratio=Decimal("1.1"),
    )


def test_nothing_overridden_changes_nothing() -> None:
    assert tighten(RiskLimits(), {}) == RiskLimits()


@pytest.mark.parametrize("name", NAMES)
def test_a_limit_may_be_set_to_what_it_is(name: str) -> None:
    same = str(read(RiskLimits(), name))
    assert tighten(RiskLimits(), {name: same}) == RiskLimits()


@pytest.mark.parametrize("name", sorted(LOWERED_ONLY))
def test_an_upper_limit_can_only_be_lowered(name: str) -> None:
    old = read(RiskLimits(), name)
    step = Decimal(1) if old == old.to_integral_value() else Decimal("0.0001")
    if old > 1:
        assert read(tighten(RiskLimits(), {name: str(old - step)}), name) == old - step
    with pytest.raises(BadInput) as refused:
        tighten(RiskLimits(), {name: str(old + step)})
    assert tell(refused.value) == (
        f"{name} can only be lowered: {old + step} is above the limit of {old}."
    )


@pytest.mark.parametrize("name", sorted(RAISED_ONLY))
def test_a_lower_limit_can_only_be_raised(name: str) -> None:
    old = read(RiskLimits(), name)
    assert read(tighten(RiskLimits(), {name: str(old + 1)}), name) == old + 1
    lower = old - 1 if old > 1 else old / 2
    with pytest.raises(BadInput) as refused:
        tighten(RiskLimits(), {name: str(lower)})
    assert tell(refused.value) == (
        f"{name} can only be raised: {lower} is below the limit of {old}."
    )


@pytest.mark.parametrize("ratio", ["1.01", "1.05", "1.5"])
def test_the_withdrawal_notice_is_the_users_own(ratio: str) -> None:
    limits = tighten(RiskLimits(), {"profit_withdrawal_ratio": ratio})
    assert limits.profit_withdrawal_ratio == Decimal(ratio)


def test_counts_and_durations_keep_their_kind() -> None:
    limits = tighten(
        RiskLimits(), {"quorum": "3", "max_market_age": "90.5", "max_entries_per_day": " 4 "}
    )
    assert (limits.quorum, limits.max_entries_per_day) == (3, 4)
    assert isinstance(limits.quorum, int)
    assert limits.max_market_age == timedelta(seconds=90, milliseconds=500)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("max_lever", "2", "“max_lever” is not a limit."),
        ("x" * 80, "2", f"“{'x' * 40}” is not a limit."),
        ("max_leverage", "two", "max_leverage: “two” is not a number."),
        ("max_leverage", "NaN", "max_leverage: NaN is not a finite number."),
        ("max_leverage", "0.5", "max_leverage must be at least 1, not 0.5."),
        ("max_leverage", "-1", "max_leverage must be above 0, not -1."),
        ("max_position_ratio", "0", "max_position_ratio must be above 0, not 0."),
        ("max_market_age", "0", "max_market_age must be above 0, not 0.0."),
        ("quorum", "2.5", "quorum must be a whole number, not 2.5."),
        ("quorum", "1e30", "quorum must be at most 1000000000."),
        ("max_leverage", "-1e30", "max_leverage must be at most 1000000000."),
        ("breaker_cooldown", "1000000001", "breaker_cooldown must be at most 1000000000."),
        ("min_confidence", "100.5", "min_confidence must be at most 100."),
        ("profit_withdrawal_ratio", "1", "profit_withdrawal_ratio must be at least 1.01, not 1."),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(name: str, text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        tighten(RiskLimits(), {name: text})
    assert tell(refused.value) == sentence


def test_the_largest_number_is_a_number() -> None:
    assert tighten(RiskLimits(), {"quorum": "1000000000"}).quorum == 10**9
    assert tighten(RiskLimits(), {"min_confidence": "100"}).min_confidence == 100


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quorum": 1}, "quorum must be at least 2, got 1"),
        ({"min_liquidation_gap": Decimal("1.09")}, "min_liquidation_gap must be at least 1.1"),
        ({"max_spread_ratio": Decimal("Infinity")}, "max_spread_ratio must be above 0"),
        ({"max_clock_offset": timedelta(0)}, "max_clock_offset must be above 0"),
        ({"max_entries_per_day": 0}, "max_entries_per_day must be above 0"),
        ({"max_entries_per_day": 10**9 + 1}, "max_entries_per_day must be at most 1000000000"),
        ({"min_confidence": Decimal(101)}, "min_confidence must be at most 100, got 101"),
    ],
)
def test_limits_without_meaning_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        RiskLimits(**changes)


@given(
    overrides=st.dictionaries(
        st.sampled_from(NAMES),
        st.decimals(min_value=0, max_value=200, places=3).map(str),
        max_size=5,
    )
)
def test_no_set_of_overrides_ever_loosens_a_limit(overrides: dict[str, str]) -> None:
    before, after = RiskLimits(), None
    with suppress(BadInput):
        after = tighten(before, overrides)
    if after is not None:
        assert all(read(after, name) <= read(before, name) for name in LOWERED_ONLY)
        assert all(read(after, name) >= read(before, name) for name in RAISED_ONLY)
        assert all(read(after, name) == measure(text) for name, text in overrides.items())


def test_an_older_override_that_is_looser_than_its_limit_is_ignored() -> None:
    """The operator may have tightened a limit since the user chose an override."""
    limits = RiskLimits(max_leverage=Decimal(2))
    changed = tighten_where_stricter(limits, {"max_leverage": "3", "quorum": "3"})
    assert (changed.max_leverage, changed.quorum) == (Decimal(2), 3)
