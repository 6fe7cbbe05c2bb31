"""The rule-based voters: what each wants to see, when it lets go, and what it never does."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.council_cases import make_facts, make_mood
from trading.council.decisions import Action
from trading.council.question.facts import Facts, PositionView
from trading.council.rule_models import (
    MAX_CONFIDENCE,
    MAX_STOP_PCT,
    MIN_STOP_PCT,
    MOOD_PENALTY,
    vote_breakout,
    vote_mean_reversion,
    vote_trend,
)
from trading.domain.units import PositionSide
from trading.indicators.values import Indicators
from trading.market.candles import Interval

VOTERS = (vote_trend, vote_mean_reversion, vote_breakout)

UPTREND = {"trend": 1, "adx": 30.0, "macd_histogram": 5.0, "close": 84_100.0}
DOWNTREND = {"trend": -1, "adx": 30.0, "macd_histogram": -5.0, "close": 83_900.0}
OVERSOLD = {"rsi": 30.0, "bollinger_position_ratio": -0.1}
OVERBOUGHT = {"rsi": 70.0, "bollinger_position_ratio": 1.1}
ABOVE_RANGE = {"close": 85_100.0, "volume_ratio": 2.0}
BELOW_RANGE = {"close": 82_900.0, "volume_ratio": 2.0}


def view(side: PositionSide) -> PositionView:
    return PositionView(
        side=side, entry_distance_pct=Decimal(0), unrealized_pct=Decimal(0), age_minutes=30
    )


LONG, SHORT = view(PositionSide.LONG), view(PositionSide.SHORT)


@pytest.mark.parametrize("vote", VOTERS)
def test_a_calm_market_is_held(vote: Any) -> None:
    proposal = vote(make_facts(), None)
    assert proposal.action is Action.HOLD
    assert proposal.reasons


@pytest.mark.parametrize("vote", VOTERS)
def test_an_unknown_market_is_held(vote: Any) -> None:
    cold = replace(make_facts(), indicators={Interval.H1: Indicators(close=1.0)})
    for facts in (cold, replace(cold, indicators={})):
        assert vote(facts, None).action is Action.HOLD
        assert vote(facts, LONG).action is Action.HOLD


@pytest.mark.parametrize(
    ("h1", "h4", "action"),
    [
        (UPTREND, {"trend": 1}, Action.OPEN_LONG),
        (UPTREND, {"trend": 0}, Action.OPEN_LONG),
        (UPTREND, {"trend": -1}, Action.HOLD),
        (UPTREND | {"adx": 19.0}, {"trend": 1}, Action.HOLD),
        (UPTREND | {"macd_histogram": -1.0}, {"trend": 1}, Action.HOLD),
        (UPTREND | {"close": 83_900.0}, {"trend": 1}, Action.HOLD),
        (UPTREND | {"atr_ratio": None}, {"trend": 1}, Action.HOLD),
        (DOWNTREND, {"trend": -1}, Action.OPEN_SHORT),
        (DOWNTREND, {"trend": 1}, Action.HOLD),
    ],
)
def test_the_trend_voter_follows_a_strong_hour_that_4h_does_not_oppose(
    h1: dict[str, Any], h4: dict[str, Any], action: Action
) -> None:
    assert vote_trend(make_facts(h1=h1, h4=h4), None).action is action


@pytest.mark.parametrize(
    ("m15", "h4", "action"),
    [
        (OVERSOLD, {"trend": 1}, Action.OPEN_LONG),
        (OVERSOLD, {"trend": 0}, Action.OPEN_LONG),
        (OVERSOLD, {"trend": -1}, Action.HOLD),
        (OVERSOLD | {"rsi": 45.0}, {"trend": 1}, Action.HOLD),
        (OVERSOLD | {"bollinger_position_ratio": 0.1}, {"trend": 1}, Action.HOLD),
        (OVERBOUGHT, {"trend": -1}, Action.OPEN_SHORT),
        (OVERBOUGHT, {"trend": 1}, Action.HOLD),
    ],
)
def test_the_mean_reversion_voter_buys_weakness_that_4h_does_not_confirm(
    m15: dict[str, Any], h4: dict[str, Any], action: Action
) -> None:
    assert vote_mean_reversion(make_facts(m15=m15, h4=h4), None).action is action


@pytest.mark.parametrize(
    ("m15", "action"),
    [
        (ABOVE_RANGE, Action.OPEN_LONG),
        (BELOW_RANGE, Action.OPEN_SHORT),
        (ABOVE_RANGE | {"volume_ratio": 1.1}, Action.HOLD),
        ({"close": 84_999.0, "volume_ratio": 9.0}, Action.HOLD),
    ],
)
def test_the_breakout_voter_needs_the_range_left_on_volume(
    m15: dict[str, Any], action: Action
) -> None:
    assert vote_breakout(make_facts(m15=m15), None).action is action


@pytest.mark.parametrize(
    ("vote", "facts", "position", "action"),
    [
        (vote_trend, make_facts(h1=UPTREND), LONG, Action.HOLD),
        (vote_trend, make_facts(h1=UPTREND), SHORT, Action.CLOSE),
        (vote_trend, make_facts(h1={"trend": -1}), LONG, Action.CLOSE),
        (vote_trend, make_facts(h1={"close": 83_000.0}), LONG, Action.CLOSE),
        (vote_trend, make_facts(h1={"close": 83_000.0}), SHORT, Action.HOLD),
        (vote_mean_reversion, make_facts(m15=OVERSOLD), LONG, Action.HOLD),
        (vote_mean_reversion, make_facts(m15=OVERSOLD), SHORT, Action.CLOSE),
        (vote_mean_reversion, make_facts(m15=OVERBOUGHT, h4={"trend": 1}), LONG, Action.CLOSE),
        (vote_mean_reversion, make_facts(), SHORT, Action.HOLD),
        (vote_breakout, make_facts(m15=ABOVE_RANGE), LONG, Action.HOLD),
        (vote_breakout, make_facts(m15=ABOVE_RANGE), SHORT, Action.CLOSE),
        (vote_breakout, make_facts(h1={"close": 83_900.0}), LONG, Action.CLOSE),
        (vote_breakout, make_facts(h1={"close": 83_900.0}), SHORT, Action.HOLD),
    ],
)
def test_a_position_is_closed_when_its_reason_is_gone(
    vote: Any, facts: Facts, position: PositionView, action: Action
) -> None:
    assert vote(facts, position).action is action


def test_stronger_signals_are_surer() -> None:
    weak = vote_trend(make_facts(h1=UPTREND | {"adx": 21.0}), None)
    strong = vote_trend(make_facts(h1=UPTREND | {"adx": 60.0}, h4={"trend": 1}), None)
    assert weak.confidence < strong.confidence <= MAX_CONFIDENCE


@pytest.mark.parametrize(("mood", "penalty"), [("-0.29", 0), ("-0.3", MOOD_PENALTY), ("0.9", 0)])
def test_news_can_only_lower_a_confidence(mood: str, penalty: int) -> None:
    without = vote_trend(make_facts(h1=UPTREND), None)
    heard = vote_trend(make_facts(h1=UPTREND, news=make_mood(mood)), None)
    assert heard.confidence == without.confidence - penalty


@pytest.mark.parametrize("mood", ["-1", "1"])
@pytest.mark.parametrize("vote", VOTERS)
def test_news_alone_opens_and_closes_nothing(vote: Any, mood: str) -> None:
    facts = make_facts(news=make_mood(mood))
    assert vote(facts, None).action is Action.HOLD
    assert vote(facts, LONG).action is Action.HOLD


@pytest.mark.parametrize(
    ("atr_ratio", "stop"), [(0.0001, MIN_STOP_PCT), (0.01, Decimal("1.50")), (0.9, MAX_STOP_PCT)]
)
def test_the_stop_follows_the_atr_within_bounds(atr_ratio: float, stop: Decimal) -> None:
    proposal = vote_trend(make_facts(h1=UPTREND | {"atr_ratio": atr_ratio}), None)
    assert proposal.stop_pct == stop


_ANY = st.none() | st.floats(-200, 200_000)
_NUMBERS = st.fixed_dictionaries(
    {
        "close": st.floats(1e-6, 200_000),
        "rsi": st.none() | st.floats(0, 100),
        "macd_histogram": _ANY,
        "bollinger_position_ratio": st.none() | st.floats(-5, 5),
        "bollinger_middle": _ANY,
        "atr": _ANY,
        "atr_ratio": st.none() | st.floats(0, 2),
        "adx": st.none() | st.floats(0, 100),
        "ema_fast": _ANY,
        "ema_slow": _ANY,
        "trend": st.none() | st.sampled_from([-1, 0, 1]),
        "highest_20": _ANY,
        "lowest_20": _ANY,
        "volume_ratio": st.none() | st.floats(0, 1000),
    }
)


@given(m15=_NUMBERS, h1=_NUMBERS, h4=_NUMBERS, position=st.sampled_from([None, LONG, SHORT]))
def test_whatever_the_market_does_a_vote_is_valid_and_repeatable(
    m15: dict[str, Any], h1: dict[str, Any], h4: dict[str, Any], position: PositionView | None
) -> None:
    facts = make_facts(m15=m15, h1=h1, h4=h4)
    for vote in VOTERS:
        proposal = vote(facts, position)
        assert proposal == vote(facts, position)
        if position is not None:
            assert proposal.action in {Action.HOLD, Action.CLOSE}
        elif proposal.action is not Action.HOLD:
            assert proposal.stop_pct is not None
            assert proposal.target_pct is not None
            assert proposal.stop_pct >= Decimal("0.5")
            assert proposal.target_pct >= max(Decimal(1), proposal.stop_pct * Decimal("1.5"))
