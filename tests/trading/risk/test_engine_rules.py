"""Each gate has an order that it alone stops, and one at its edge that it lets through."""

import pytest

from tests.trading.builders import make_asked
from tests.trading.risk.rule_cases import CASES, Case
from trading.risk.engine import RULES, check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason

LIMITS = RiskLimits()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.code}")
def test_each_rule_has_an_order_that_it_alone_stops(case: Case) -> None:
    verdict = check_risk(case.over, limits=LIMITS)
    assert verdict.plan is None
    assert not verdict.close
    assert [(result.rule, result.code) for result in verdict.denials] == [(case.rule, case.code)]
    assert verdict.clamps == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.code}")
def test_each_rule_lets_the_order_at_its_edge_through(case: Case) -> None:
    verdict = check_risk(case.at, limits=LIMITS)
    assert verdict.denials == ()
    assert verdict.plan is not None


def test_every_gate_is_among_the_cases() -> None:
    names = {result.rule for result in check_risk(make_asked(), limits=LIMITS).results}
    gates = [rule.__name__.removeprefix("check_") for rule in RULES]
    assert {case.rule for case in CASES} == set(gates) <= names
    assert len(gates) == len(set(gates)) >= 20


def test_a_denial_is_always_one_of_the_reasons() -> None:
    assert {case.code for case in CASES} <= {reason.value for reason in DenialReason}
