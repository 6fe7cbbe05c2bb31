"""Headlines stop or weaken an entry, or close a position, and do nothing else."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.texts.catalog import render
from tests.trading.builders import make_decision
from trading.council.consensus import Consensus, reach_consensus
from trading.council.decisions import Action
from trading.council.news_check import NewsEffect, is_due, weigh_news
from trading.domain.units import PositionSide

LONG, SHORT, CLOSE, HOLD = Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE, Action.HOLD
FLAT = PositionSide.FLAT
VENDORS = ("anthropic", "deepseek", "openai")

actions = st.lists(st.sampled_from([*Action, None]), min_size=3, max_size=3)
confidences = st.integers(min_value=0, max_value=100).map(Decimal)


def agree(*votes: Action | None, confidence: Decimal = Decimal(80)) -> Consensus:
    return reach_consensus(
        make_decision(action, vendor=vendor, **({"confidence": confidence} if action else {}))
        for action, vendor in zip(votes, VENDORS, strict=False)
    )


def weigh(
    market: Consensus, answer: Consensus, side: PositionSide = FLAT
) -> tuple[Consensus, NewsEffect]:
    return weigh_news(market, answer, position_side=side, headlines=3)


@pytest.mark.parametrize(
    ("votes", "side", "due"),
    [
        ((LONG, LONG), FLAT, True),
        ((HOLD, HOLD), FLAT, False),
        ((CLOSE, CLOSE), FLAT, False),
        ((HOLD, HOLD), PositionSide.LONG, True),
        ((LONG, LONG), PositionSide.LONG, True),
        ((SHORT, SHORT), PositionSide.LONG, False),
        ((CLOSE, CLOSE), PositionSide.LONG, False),
    ],
)
def test_headlines_are_asked_about_only_where_they_can_change_something(
    votes: tuple[Action, Action], side: PositionSide, due: bool
) -> None:
    assert is_due(agree(*votes), position_side=side) is due


def test_the_same_side_twice_is_an_entry() -> None:
    market = agree(LONG, LONG, HOLD)
    kept, effect = weigh(market, agree(LONG, LONG, LONG, confidence=Decimal(90)))
    assert effect is NewsEffect.KEPT
    assert (kept.action, kept.confidence, kept.size_share) == (LONG, Decimal(80), Decimal(1))
    assert (kept.stop_pct, kept.target_pct) == (market.stop_pct, market.target_pct)
    assert render(kept.reason) == (
        "2 of 3 answers say open long (2 needed). Asked again with headlines (3), the council "
        "confirms: confidence 80, acted on 80."
    )


def test_a_lower_confidence_makes_the_entry_smaller() -> None:
    kept, effect = weigh(agree(SHORT, SHORT), agree(SHORT, SHORT, confidence=Decimal(72)))
    assert effect is NewsEffect.WEAKENED
    assert (kept.action, kept.confidence, kept.size_share) == (
        SHORT,
        Decimal(72),
        Decimal("0.90"),
    )
    assert "72 instead of 80: the order is smaller" in render(kept.reason)


@pytest.mark.parametrize(
    ("votes", "effect"),
    [
        ((HOLD, HOLD, HOLD), NewsEffect.STOPPED),
        ((SHORT, SHORT, SHORT), NewsEffect.STOPPED),
        ((CLOSE, CLOSE), NewsEffect.STOPPED),
        ((LONG, SHORT, HOLD), NewsEffect.STOPPED),
        ((LONG, None, None), NewsEffect.UNANSWERED),
        ((None, None, None), NewsEffect.UNANSWERED),
    ],
)
def test_any_other_answer_is_a_hold_with_a_reason(
    votes: tuple[Action | None, ...], effect: NewsEffect
) -> None:
    held, found = weigh(agree(LONG, LONG), agree(*votes))
    assert found is effect
    assert (held.action, held.confidence, held.stop_pct) == (HOLD, Decimal(0), None)
    assert render(held.reason).startswith("2 of 2 answers say open long (2 needed). Asked again")


def test_headlines_can_close_a_position() -> None:
    closed, effect = weigh(agree(HOLD, HOLD), agree(CLOSE, CLOSE), PositionSide.LONG)
    assert effect is NewsEffect.CLOSED
    assert closed.action is CLOSE
    assert "leaves the position. 2 of 2 answers say close" in render(closed.reason)


@pytest.mark.parametrize("votes", [(SHORT, SHORT), (LONG, LONG), (HOLD, HOLD), (None, None)])
def test_headlines_neither_flip_nor_add_to_a_position(votes: tuple[Action | None, ...]) -> None:
    market = agree(HOLD, HOLD)
    assert weigh(market, agree(*votes), PositionSide.LONG) == (market, NewsEffect.UNMOVED)


def test_an_entry_without_confidence_stays_without() -> None:
    none = agree(LONG, LONG, confidence=Decimal(0))
    kept, effect = weigh(none, none)
    assert (kept.confidence, effect) == (Decimal(0), NewsEffect.KEPT)


@given(actions, actions, confidences, confidences)
def test_news_never_opens_flips_or_enlarges(
    market_votes: list[Action | None],
    news_votes: list[Action | None],
    market_confidence: Decimal,
    news_confidence: Decimal,
) -> None:
    market = agree(*market_votes, confidence=market_confidence)
    if not is_due(market, position_side=FLAT):
        return
    acted, _ = weigh(market, agree(*news_votes, confidence=news_confidence))
    assert acted.action in {market.action, HOLD}
    assert acted.confidence <= market.confidence
    assert acted.size_share <= 1
    if acted.action.is_entry:
        assert (acted.stop_pct, acted.target_pct) == (market.stop_pct, market.target_pct)
