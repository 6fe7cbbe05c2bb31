"""One set of answers gives one decision, in whatever order the answers arrive."""

import random
from decimal import Decimal
from itertools import permutations

import pytest

from tests.trading.builders import make_decision
from trading.council.consensus import Consensus, is_settled, majority, reach_consensus
from trading.council.decisions import Action, Decision
from trading.risk.limits import RiskLimits

LIMITS = RiskLimits()
LONG = Action.OPEN_LONG
ANSWER_SETS = 10_000
MAKERS = ("anthropic", "deepseek", "mistral", "openai", "qwen")


def vote(maker: str, confidence: int, *, stop: str = "1", target: str = "2") -> Decision:
    return make_decision(
        LONG,
        vendor=maker,
        confidence=Decimal(confidence),
        stop_pct=Decimal(stop),
        target_pct=Decimal(target),
    )


def listen(order: tuple[Decision, ...], *, quorum: int) -> Consensus:
    """What a council that hears the answers in this order settles for."""
    for heard in range(len(order) + 1):
        pending = {decision.model.vendor for decision in order[heard:]}
        if is_settled(order[:heard], pending_vendors=pending, quorum=quorum, limits=LIMITS):
            return reach_consensus(order[:heard], quorum=quorum, limits=LIMITS)
    raise AssertionError("settled at the latest when all have answered")


def is_entered(consensus: Consensus) -> bool:
    """Whether confidence and levels pass the limits."""
    stop, target = consensus.stop_pct, consensus.target_pct
    return (
        consensus.action.is_entry
        and stop is not None
        and target is not None
        and consensus.confidence >= LIMITS.min_confidence
        and LIMITS.min_stop_pct <= stop <= LIMITS.max_stop_pct
        and target >= LIMITS.min_target_pct
        and target / stop >= LIMITS.min_reward_to_risk
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
    assert all(map(is_entered, heard))


def test_a_third_voice_with_levels_that_no_rule_allows_denies_nothing() -> None:
    careless = vote("deepseek", 90, stop="0.1", target="0.2")
    answers = (vote("openai", 80), vote("anthropic", 85), careless)
    heard = [listen(order, quorum=2) for order in permutations(answers)]
    assert all(map(is_entered, heard))
    assert {one.stop_pct for one in heard} == {Decimal(1)}


def test_two_that_do_not_pass_alone_wait_for_the_third() -> None:
    hesitant = (vote("openai", 80), vote("anthropic", 60))
    assert not is_settled(hesitant, pending_vendors=["deepseek"], limits=LIMITS)
    sure = (vote("openai", 80), vote("anthropic", 75))
    assert is_settled(sure, pending_vendors=["deepseek"], limits=LIMITS)


def test_the_quorum_is_a_majority_of_the_voices_and_at_least_two() -> None:
    assert [majority(MAKERS[:count]) for count in range(6)] == [2, 2, 2, 2, 3, 3]
    assert majority(["qwen", "qwen", "qwen", "openai"]) == 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_10_000_answer_sets_differ_in_no_order_of_arrival() -> None:
    rng = random.Random(20261130)
    differing = []
    entered = 0
    for _ in range(ANSWER_SETS):
        answers = make_answers(rng)
        quorum = majority(decision.model.vendor for decision in answers)
        orders = list(permutations(answers))
        rng.shuffle(orders)
        outcomes = {
            (heard.action, is_entered(heard))
            for heard in (listen(order, quorum=quorum) for order in orders[:6])
        }
        entered += any(is_in for _, is_in in outcomes)
        if len(outcomes) != 1:
            differing.append(answers)
    assert differing == []
    assert entered > ANSWER_SETS / 20
