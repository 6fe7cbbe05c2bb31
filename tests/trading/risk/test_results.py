"""What the rules answer: figures for people, and plans that can't contradict themselves."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reports.texts.catalog import render
from trading.domain.units import PositionSide
from trading.risk.results import (
    DenialReason,
    RiskVerdict,
    RuleResult,
    TradePlan,
    Verdict,
    judge,
    show_figure,
)

PLAN = TradePlan(
    side=PositionSide.LONG,
    quantity=Decimal("0.01"),
    expected_price=Decimal(50_000),
    stop_price=Decimal(49_000),
    target_price=Decimal(52_000),
    leverage=Decimal(2),
)
PASSED = RuleResult(rule="spread", verdict=Verdict.APPROVED)
SHRUNK = RuleResult(rule="leverage", verdict=Verdict.CLAMPED, code="LEVERAGE_LIMIT")
DENIED = RuleResult(rule="drawdown", verdict=Verdict.DENIED, code="DRAWDOWN_LIMIT")


def test_a_judged_rule_shows_its_figures_passed_or_not() -> None:
    figures = {"spread_ratio": Decimal("0.0060"), "limit": Decimal("0.005"), "count": 3}
    code = DenialReason.SPREAD_TOO_WIDE
    passed = judge("spread", passes=True, code=code, **figures)
    assert passed == RuleResult(
        rule="spread",
        verdict=Verdict.APPROVED,
        figures={"spread_ratio": "0.006", "limit": "0.005", "count": "3"},
    )
    denied = judge("spread", passes=False, code=code, **figures)
    assert denied.verdict is Verdict.DENIED
    assert render(denied.told) == (
        "the spread is too wide (spread ratio 0.006; limit 0.005; count 3)"
    )
    assert render(judge("spread", passes=False, code=code).told) == "the spread is too wide"
    unknown = RuleResult(rule="spread", verdict=Verdict.DENIED, code="OF_A_LATER_VERSION")
    assert render(unknown.told) == "OF_A_LATER_VERSION"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("100"), "100"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0"), "0"),
        (Decimal("0.10"), "0.1"),
        (Decimal("0.123456789"), "0.12345679"),
        (Decimal("-0.000000001"), "0"),
        (Decimal("0.000000001"), "0"),
        (Decimal("-0.5"), "-0.5"),
        (7, "7"),
        ("text.0", "text.0"),
    ],
)
def test_figures_are_short_and_plain(value: object, text: str) -> None:
    assert show_figure(value) == text


@pytest.mark.parametrize(
    ("verdict", "code"),
    [(Verdict.APPROVED, "SPREAD_TOO_WIDE"), (Verdict.CLAMPED, ""), (Verdict.DENIED, "")],
)
def test_exactly_what_is_not_approved_has_a_code(verdict: Verdict, code: str) -> None:
    with pytest.raises(ValueError, match=f"^spread: {verdict} with code '{code}'$"):
        RuleResult(rule="spread", verdict=verdict, code=code)


def test_verdicts_are_spelled_as_they_are_stored() -> None:
    assert [verdict.value for verdict in Verdict] == ["approved", "clamped", "denied"]


def test_every_denial_reason_is_its_own_name() -> None:
    assert all(reason.value == reason.name for reason in DenialReason)


def test_a_plan_knows_its_notional() -> None:
    assert PLAN.notional == 500


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": Decimal(0)}, "quantity must be above 0"),
        ({"expected_price": Decimal(0)}, "expected_price must be above 0"),
        ({"stop_price": Decimal(0)}, "stop_price must be above 0"),
        ({"target_price": Decimal(0)}, "target_price must be above 0"),
        ({"leverage": Decimal(0)}, "leverage must be above 0"),
        ({"leverage": Decimal("0.9")}, "leverage must be at least 1, got 0.9"),
        ({"stop_price": Decimal(50_000)}, "can't have its stop at 50000"),
        ({"target_price": Decimal(50_000)}, "and its target at 50000"),
        ({"side": PositionSide.SHORT}, "short at 50000 can't have its stop at 49000"),
        ({"side": PositionSide.FLAT}, "flat at 50000 can't have"),
    ],
)
def test_a_plan_without_protection_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        replace(PLAN, **changes)


def test_a_plan_may_have_no_leverage_and_go_either_way() -> None:
    assert replace(PLAN, leverage=Decimal(1)).leverage == 1
    short = replace(
        PLAN,
        side=PositionSide.SHORT,
        stop_price=Decimal(51_000),
        target_price=Decimal(48_000),
    )
    assert short.notional == 500


def test_a_cheap_coin_has_a_plan_too() -> None:
    cheap = replace(
        PLAN,
        expected_price=Decimal("0.1"),
        stop_price=Decimal("0.098"),
        target_price=Decimal("0.104"),
    )
    assert cheap.notional == Decimal("0.001")


def test_a_verdict_tells_denials_and_clamps_apart() -> None:
    verdict = RiskVerdict(plan=None, close=False, results=(PASSED, SHRUNK, DENIED))
    assert verdict.denials == (DENIED,)
    assert verdict.clamps == (SHRUNK,)
    assert RiskVerdict(plan=PLAN, close=False, results=(PASSED, SHRUNK)).denials == ()


@pytest.mark.parametrize(("close", "results"), [(True, ()), (False, (PASSED, DENIED))])
def test_a_plan_stands_alone(close: bool, results: tuple[RuleResult, ...]) -> None:
    with pytest.raises(
        ValueError, match=r"a plan stands alone: no exit beside it and no denial against it$"
    ):
        RiskVerdict(plan=PLAN, close=close, results=results)


def test_nothing_and_an_exit_need_no_plan() -> None:
    assert RiskVerdict(plan=None, close=True, results=(DENIED,)).close
    assert not RiskVerdict(plan=None, close=False).close
