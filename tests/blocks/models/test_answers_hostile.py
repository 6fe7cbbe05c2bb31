"""Hostile answers followed to the order: what is no valid vote never moves anything.

Ten thousand answers, three at a time as three vendors would give them, go through the parser, the
consensus and every rule of risk, with everything else in order, so that nothing but the answers
stands between them and an order.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from blocks.models.answers import MalformedAnswer, parse_answer
from tests.doubles.hostile_answers import make_hostile_answer
from tests.trading.builders import make_asked
from trading.council.consensus import reach_consensus
from trading.council.decisions import Abstention, Decision, ModelIdentity
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import TradePlan

ANSWERS = 10_000
VENDORS = ("openai", "deepseek", "anthropic")
LIMITS = RiskLimits()


def hear(vendor: str, text: str) -> Decision:
    model = ModelIdentity(name=vendor, vendor=vendor, is_offline=False)
    try:
        return Decision(model=model, proposal=parse_answer(text))
    except MalformedAnswer:
        return Decision(model=model, proposal=None, abstention=Abstention.MALFORMED)


def follow(decisions: Sequence[Decision]) -> TradePlan | None:
    """What would be ordered."""
    asked = replace(make_asked(), consensus=reach_consensus(decisions))
    return check_risk(asked, limits=LIMITS).plan


@pytest.mark.slow
def test_10_000_hostile_answers_order_nothing() -> None:
    rng = random.Random(20260303)
    answers = [make_hostile_answer(rng) for _ in range(ANSWERS)]
    caused = []
    for number, text in enumerate(answers):
        around = (text, answers[number - 1], answers[number - 2])
        decisions = [hear(vendor, said) for vendor, said in zip(VENDORS, around, strict=True)]
        valid = sum(decision.proposal is not None for decision in decisions)
        if follow(decisions) is not None and valid < LIMITS.quorum:
            caused.append(around)
    assert caused == []


def test_one_hostile_answer_that_all_three_give_orders_nothing_either() -> None:
    rng = random.Random(20260304)
    for _ in range(ANSWERS // 10):
        text = make_hostile_answer(rng)
        decisions = [hear(vendor, text) for vendor in VENDORS]
        plan = follow(decisions)
        assert plan is None or decisions[0].proposal is not None
        assert plan is None or plan.leverage <= LIMITS.max_leverage
