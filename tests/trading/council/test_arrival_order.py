"""One set of answers gives one decision, in whatever order the answers arrive."""

import random
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest

from tests.trading.builders import make_asked, make_decision
from tests.trading.risk.test_entry_gate import build_gate, make_input
from trading.council.consensus import Consensus, is_settled, majority, reach_consensus
from trading.council.decisions import Action, Decision
from trading.risk.context import RiskInput
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import TradePlan

LIMITS = RiskLimits()
ASKED = make_asked()
GATE = build_gate(ASKED)
LONG = Action.OPEN_LONG
ANSWER_SETS = 10_000
ORDERS = 6
MAKERS = ("anthropic", "deepseek", "mistral", "openai", "qwen")

type Levels = tuple[Action, Decimal, Decimal | None, Decimal | None]


def vote(maker: str, confidence: int, *, stop: str = "1", target: str = "2") -> Decision:
    return make_decision(
        LONG,
        vendor=maker,
        confidence=Decimal(confidence),
        stop_pct=Decimal(stop),
        target_pct=Decimal(target),
    )


def listen(order: tuple[Decision, ...], *, quorum: int, asked: RiskInput = ASKED) -> Consensus:
    """What a council that hears the answers in this order settles for."""
    gate = build_gate(asked)
    for heard in range(len(order) + 1):
        pending = {decision.model.vendor for decision in order[heard:]}
        if is_settled(order[:heard], pending_vendors=pending, quorum=quorum, gate=gate):
            known = [one for one in order[:heard] if one.model.vendor not in pending]
            return reach_consensus(known, quorum=quorum, gate=gate)
    raise AssertionError("settled at the latest when all have answered")


def plan(consensus: Consensus, *, asked: RiskInput = ASKED) -> TradePlan | None:
    """What every rule and the sizing make of the consensus."""
    return check_risk(replace(asked, consensus=consensus), limits=LIMITS).plan


def levels_of(consensus: Consensus) -> Levels:
    return (
        consensus.action,
        consensus.confidence,
        consensus.stop_pct,
        consensus.target_pct,
    )


def make_answers(rng: random.Random) -> tuple[Decision, ...]:
    """Two to five seats, sometimes two of one maker; numbers on both sides of every limit."""
    seats = rng.choice((2, 3, 3, 3, 3, 3, 3, 4, 5))
    makers = rng.sample(MAKERS, seats) if rng.random() < 0.7 else rng.choices(MAKERS, k=seats)
    return tuple(
        make_decision(
            rng.choice((LONG,) * 7 + (Action.OPEN_SHORT, Action.CLOSE, Action.HOLD, None)),
            vendor=maker,
            confidence=Decimal(rng.choice((55, 65, 69, 70, 75, 80, 95))),
            stop_pct=Decimal(rng.choice(("0.3", "0.5", "1", "1", "1", "4", "12"))),
            target_pct=Decimal(rng.choice(("0.8", "1.5", "2", "2", "6", "20"))),
        )
        for maker in makers
    )


def test_80_and_85_agree_and_a_third_at_60_denies_nothing_in_any_order() -> None:
    answers = (vote("openai", 80), vote("anthropic", 85), vote("deepseek", 60))
    heard = [listen(order, quorum=2) for order in permutations(answers)]
    assert len(heard) == 6
    assert {(one.action, one.confidence, one.settled_by) for one in heard} == {
        (LONG, Decimal(80), ("anthropic", "openai"))
    }
    assert all(map(plan, heard))


def test_a_third_voice_with_levels_that_no_rule_allows_denies_nothing() -> None:
    careless = vote("deepseek", 90, stop="0.1", target="0.2")
    answers = (vote("openai", 80), vote("anthropic", 85), careless)
    heard = [listen(order, quorum=2) for order in permutations(answers)]
    assert all(map(plan, heard))
    assert {one.stop_pct for one in heard} == {Decimal(1)}


def test_two_that_do_not_pass_alone_wait_for_the_third() -> None:
    hesitant = (vote("openai", 80), vote("anthropic", 60))
    assert not is_settled(hesitant, pending_vendors=["deepseek"], gate=GATE)
    sure = (vote("openai", 80), vote("anthropic", 75))
    assert is_settled(sure, pending_vendors=["deepseek"], gate=GATE)


def test_the_quorum_is_a_majority_of_the_voices_and_at_least_two() -> None:
    assert [majority(MAKERS[:count]) for count in range(6)] == [2, 2, 2, 2, 3, 3]
    assert majority(["qwen", "qwen", "qwen", "openai"]) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_10_000_answer_sets_differ_in_no_order_of_arrival() -> None:
    """
    One action, and one plan or none, in every order; levels follow from the voices that settled.

    All rules and the sizing judge each outcome, in markets of different fees, spreads and mark
    prices. Orders that settle with different voices may differ in levels, the same voices never.
    """
    rng = random.Random(20261130)
    entered, several = 0, 0
    for _ in range(ANSWER_SETS):
        answers, asked = make_answers(rng), make_input(rng)
        quorum = majority(decision.model.vendor for decision in answers)
        orders = list(permutations(answers))
        rng.shuffle(orders)
        heard = [listen(order, quorum=quorum, asked=asked) for order in orders[:ORDERS]]
        settled = {(one.settled_by, levels_of(one)) for one in heard}
        plans = {levels: plan(one, asked=asked) for one in heard for levels in [levels_of(one)]}
        assert len({one.action for one in heard}) == 1, answers
        assert len({made is not None for made in plans.values()}) == 1, answers
        assert len({names for names, _ in settled}) == len(settled), answers
        entered += any(plans.values())
        several += len(settled) > 1
    assert entered > ANSWER_SETS / 20
    assert several > 0


@pytest.mark.parametrize("seed", range(3))
def test_with_all_answers_heard_every_permutation_gives_the_same_consensus(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        answers = make_answers(rng)
        quorum = majority(decision.model.vendor for decision in answers)
        orders = permutations(answers)
        assert len({reach_consensus(one, quorum=quorum, gate=GATE) for one in orders}) == 1
