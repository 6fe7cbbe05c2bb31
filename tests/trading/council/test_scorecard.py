"""The scorecard: a vote is judged by what came after it, after costs, the worse side first."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.trading.council_cases import NOW, make_abstention, make_vote
from trading.council.decisions import LATE, Abstention, Action, Decision, Usage
from trading.council.forecasts import (
    ROUND_TRIP_COST,
    Forecast,
    Outcome,
    judge_forecast,
    view_quorum,
)
from trading.council.scorecard import Bucket, score_models
from trading.domain.units import PositionSide
from trading.market.candles import Candle

PRICE = Decimal(100)
LONG, SHORT, CLOSE, HOLD = Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE, Action.HOLD


def forecast(
    decision: Decision, *, minutes: int = 0, side: PositionSide = PositionSide.FLAT
) -> Forecast:
    at = NOW + timedelta(minutes=minutes)
    return Forecast(decision=decision, decided_at=at, price=PRICE, position_side=side)


def path(*candles: tuple[str, str, str], step: int = 5) -> list[Candle]:
    """Candles of (high, low, close), one every `step` minutes."""
    return [
        Candle(
            open_time=NOW + timedelta(minutes=step * n),
            open=Decimal(close),
            high=Decimal(high),
            low=Decimal(low),
            close=Decimal(close),
            volume=Decimal(1),
        )
        for n, (high, low, close) in enumerate(candles)
    ]


@pytest.mark.parametrize(
    ("action", "candles", "net"),
    [
        (LONG, [("101", "99.9", "100.5"), ("102", "100", "101")], "0.015"),
        (LONG, [("101", "99", "100")], "-0.008"),
        (LONG, [("103", "99", "100")], "-0.008"),
        (LONG, [("101", "99.9", "100.5")], "0.005"),
        (SHORT, [("100.1", "98", "99")], "0.015"),
        (SHORT, [("101", "98", "99")], "-0.008"),
        (SHORT, [("100.5", "99.5", "100.2")], "-0.002"),
    ],
)
def test_an_entry_is_followed_to_its_stop_its_target_or_the_end(
    action: Action, candles: list[tuple[str, str, str]], net: str
) -> None:
    outcome = judge_forecast(forecast(make_vote(action)), path(*candles))
    assert outcome is not None
    assert outcome.net_return == Decimal(net) - ROUND_TRIP_COST
    assert outcome.is_right is (outcome.net_return > 0)


@pytest.mark.parametrize(
    ("action", "side", "close", "is_right"),
    [
        (HOLD, PositionSide.FLAT, "100.1", True),
        (HOLD, PositionSide.FLAT, "100.2", False),
        (HOLD, PositionSide.LONG, "105", True),
        (HOLD, PositionSide.LONG, "99", False),
        (HOLD, PositionSide.SHORT, "99", True),
        (CLOSE, PositionSide.LONG, "99", True),
        (CLOSE, PositionSide.LONG, "101", False),
        (CLOSE, PositionSide.SHORT, "101", True),
        (CLOSE, PositionSide.FLAT, "101", False),
    ],
)
def test_other_votes_are_judged_by_the_next_cycle(
    action: Action, side: PositionSide, close: str, is_right: bool
) -> None:
    made = forecast(make_vote(action), side=side)
    candles = [("110", "90", "100")] * 5 + [("110", "90", close), ("110", "90", "100")]
    outcome = judge_forecast(made, path(*candles))
    assert outcome == Outcome(
        is_right=is_right, net_return=Decimal(0), ended_at=NOW + timedelta(minutes=30)
    )


def test_an_abstention_and_an_unknown_future_are_not_judged() -> None:
    abstained = forecast(make_abstention(Abstention.DEADLINE))
    assert judge_forecast(abstained, path(("101", "99", "100"))) is None
    assert judge_forecast(forecast(make_vote(LONG)), []) is None


def test_a_model_has_one_score_with_all_that_it_said_and_took() -> None:
    paid = Usage(cost_usd=Decimal("0.002"), latency_ms=1500)
    rows = [
        (forecast(replace(make_vote(LONG, name="gpt"), usage=paid)), outcome(net="0.01")),
        (
            forecast(
                replace(make_vote(HOLD, name="gpt"), usage=replace(paid, latency_ms=500)),
                minutes=30,
            ),
            outcome(minutes=60, is_right=False),
        ),
        (forecast(make_abstention(Abstention.REFUSED, name="gpt"), minutes=60), None),
        (forecast(replace(make_vote(HOLD, name="gpt"), detail=LATE), minutes=90), None),
        (forecast(make_vote(HOLD, name="claude")), outcome()),
    ]
    gpt, claude = score_models(rows)
    assert (gpt.model.name, claude.model.name) == ("gpt", "claude")
    assert (gpt.asked, gpt.late) == (4, 1)
    assert gpt.abstentions == {Abstention.REFUSED: 1}
    assert (gpt.votes, gpt.right) == ({LONG: 1, HOLD: 1}, {LONG: 1})
    assert gpt.accuracy == Decimal("0.5")
    assert gpt.net_return == Decimal("0.01")
    assert gpt.cost_usd == Decimal("0.004")
    assert gpt.latency_ms == 667


def test_a_model_that_never_answered_has_no_accuracy() -> None:
    (score,) = score_models([(forecast(make_abstention(Abstention.UNAVAILABLE)), None)])
    assert score.accuracy is None
    assert score.latency_ms is None


def test_confidence_is_compared_with_how_often_it_was_right() -> None:
    said = [("75", True), ("79.9", False), ("70", True), ("100", True), ("5", False)]
    rows = [
        (
            forecast(make_vote(HOLD, confidence=Decimal(confidence)), minutes=30 * n),
            outcome(is_right=is_right),
        )
        for n, (confidence, is_right) in enumerate(said)
    ]
    (score,) = score_models(rows)
    assert score.buckets == (
        Bucket(lower=0, votes=1, right=0),
        Bucket(lower=70, votes=3, right=2),
        Bucket(lower=90, votes=1, right=1),
    )


def test_alone_it_holds_one_trade_at_a_time_and_takes_no_unsure_one() -> None:
    rows = [
        (forecast(make_vote(LONG)), outcome(net="0.01", minutes=45)),
        (forecast(make_vote(LONG), minutes=30), outcome(net="0.50", minutes=60)),
        (forecast(make_vote(SHORT), minutes=60), outcome(net="-0.02", minutes=65)),
        (forecast(make_vote(LONG, confidence=Decimal(69)), minutes=90), outcome(net="0.50")),
        (forecast(make_vote(HOLD), minutes=120), outcome(net="0.50")),
    ]
    (score,) = score_models(rows)
    assert score.net_return == Decimal("-0.01")


def outcome(*, net: str = "0", minutes: int = 5, is_right: bool = True) -> Outcome:
    return Outcome(
        is_right=is_right, net_return=Decimal(net), ended_at=NOW + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize(
    ("side", "market", "again", "acted"),
    [
        (PositionSide.FLAT, LONG, [LONG, LONG, None], LONG),
        (PositionSide.FLAT, LONG, [LONG, HOLD, None], HOLD),
        (PositionSide.FLAT, LONG, [SHORT, SHORT, SHORT], HOLD),
        (PositionSide.FLAT, LONG, [None, None, HOLD], HOLD),
        (PositionSide.LONG, HOLD, [CLOSE, CLOSE, HOLD], CLOSE),
        (PositionSide.LONG, HOLD, [LONG, LONG, LONG], HOLD),
    ],
)
def test_the_quorum_is_judged_by_the_outcome_of_both_questions(
    side: PositionSide, market: Action, again: list[Action | None], acted: Action
) -> None:
    cycle = [
        replace(
            forecast(make_vote(market, name=name), side=side),
            is_asked_about_news=True,
            news_action=action,
        )
        for name, action in zip("abc", again, strict=True)
    ]

    proposal = view_quorum(cycle).decision.proposal

    assert proposal is not None
    assert proposal.action is acted
    assert (proposal.stop_pct is None) is not acted.is_entry


@pytest.mark.parametrize("chance", ["-1", "100.1"])
def test_a_win_probability_is_a_percentage(chance: str) -> None:
    with pytest.raises(ValueError, match="win_probability"):
        make_vote(LONG, win_probability=Decimal(chance))
