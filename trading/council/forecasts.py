"""Forecasts: votes with their market, and the results of votes.

    Decision, candles after it -> judge_forecast -> Outcome
    all votes of one cycle     -> view_quorum    -> the quorum's, judged like a model's

An entry is followed to the entry's stop or target (the worse side first when a single candle
touches both) and left at the end of the horizon; the entry was right if the net return is above 0.
A hold was right if the next cycle's move was too small to pay for a trade; a close, if the move
went against the position. Returns are ratios of the notional without leverage.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading.council.consensus import (
    Consensus,
    find_agreed_action,
    majority,
    reach_consensus,
)
from trading.council.decisions import Action, Decision, ModelIdentity, Proposal
from trading.domain.units import (
    CYCLE_INTERVAL,
    HUNDRED,
    ONE,
    ZERO,
    Pair,
    PositionSide,
    require_utc,
)
from trading.market.candles import Candle

ROUND_TRIP_COST = Decimal("0.0012")
"""Two taker fees and the slippage of two market orders, ratio of the notional."""

ENTRY_CONFIDENCE = Decimal(70)
"""Below it a vote would not have been taken, so it earns and loses nothing."""

HORIZON = timedelta(hours=12)
"""How long an entry is followed when neither its stop nor its target is touched."""

QUORUM_MODEL = ModelIdentity(name="quorum", vendor="quorum", is_offline=False)
"""What the council agreed on, scored beside its members."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """
    A decision with market and position at the cycle time.

    Attributes:
        decided_at: the cycle time.
        price: quote per base at the cycle time.
        position_side: the user's position at the cycle time; FLAT for nothing.
        pair: None where there is only one.
        is_asked_about_news: whether the model was asked again with headlines.
        news_action: the answer to that question in time; None for an abstention.
    """

    decision: Decision
    decided_at: datetime
    price: Decimal
    position_side: PositionSide = PositionSide.FLAT
    pair: Pair | None = None
    is_asked_about_news: bool = False
    news_action: Action | None = None

    def __post_init__(self) -> None:
        require_utc(decided_at=self.decided_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    The result of a vote.

    Attributes:
        net_return: of an entry, after costs; 0 for a vote that opens nothing.
        ended_at: when the entry was over, or the next cycle.
    """

    is_right: bool
    net_return: Decimal
    ended_at: datetime


def judge_forecast(
    forecast: Forecast, path: Sequence[Candle], *, cost_ratio: Decimal = ROUND_TRIP_COST
) -> Outcome | None:
    """
    The result of a vote; None for an abstention and for a path too short for a result.

    Args:
        forecast: The vote with the market at the cycle time.
        path: Candles that open at or after `decided_at`, oldest first, up to the horizon.
        cost_ratio: Of a whole trade.
    """
    proposal = forecast.decision.proposal
    next_cycle = [c for c in path if c.open_time < forecast.decided_at + CYCLE_INTERVAL]
    if proposal is None or not next_cycle:
        return None
    if proposal.action.is_entry:
        return _follow(forecast, proposal, path=path, cost_ratio=cost_ratio)
    move = next_cycle[-1].close / forecast.price - ONE
    is_right = (
        move * forecast.position_side.sign < 0
        if proposal.action is Action.CLOSE
        else _was_worth_holding(move, forecast.position_side, cost_ratio=cost_ratio)
    )
    return Outcome(
        is_right=is_right, net_return=ZERO, ended_at=forecast.decided_at + CYCLE_INTERVAL
    )


def view_quorum(cycle: Sequence[Forecast]) -> Forecast:
    """
    The council's consensus in a cycle, as another forecast; late votes do not count.

    The view is the outcome of both questions: an entry without the agreement of the question with
    headlines is a hold, and a position that the headlines closed is closed.

    Args:
        cycle: Forecasts of all models, at least one.
    """
    quorum = majority(f.decision.model.vendor for f in cycle)
    consensus = reach_consensus(
        (f.decision for f in cycle if not f.decision.is_late), quorum=quorum
    )
    if any(forecast.is_asked_about_news for forecast in cycle):
        return _view_after_news(cycle, consensus, quorum=quorum)
    return _build_view(cycle[0], consensus)


def _view_after_news(cycle: Sequence[Forecast], market: Consensus, *, quorum: int) -> Forecast:
    """The quorum's view after the question with headlines, as `trading.council.news_check`."""
    again = find_agreed_action(
        ((f.decision.model.vendor, f.news_action) for f in cycle if f.news_action is not None),
        quorum=quorum,
    )
    is_held = cycle[0].position_side is not PositionSide.FLAT
    acted = again if is_held and again is Action.CLOSE else market.action
    if not is_held and again is not market.action:
        acted = Action.HOLD
    is_same = acted is market.action
    levels = (market.stop_pct, market.target_pct) if is_same else (None, None)
    stop_pct, target_pct = levels
    return _build_view(
        cycle[0],
        replace(
            market,
            action=acted,
            stop_pct=stop_pct,
            target_pct=target_pct,
            win_probability=market.win_probability if is_same else None,
        ),
    )


def _build_view(first: Forecast, consensus: Consensus) -> Forecast:
    proposal = Proposal(
        action=consensus.action,
        confidence=consensus.confidence,
        win_probability=consensus.win_probability,
        stop_pct=consensus.stop_pct,
        target_pct=consensus.target_pct,
    )
    return replace(first, decision=Decision(model=QUORUM_MODEL, proposal=proposal))


def is_taken_alone(forecast: Forecast, *, free_at: datetime | None) -> bool:
    """
    Whether a trader following only this voice would have traded on the forecast.

    Args:
        free_at: End of the trader's last trade; None before the first.
    """
    proposal = forecast.decision.proposal
    return (
        proposal is not None
        and proposal.action.is_entry
        and proposal.confidence >= ENTRY_CONFIDENCE
        and (free_at is None or forecast.decided_at > free_at)
    )


def _follow(
    forecast: Forecast, proposal: Proposal, *, path: Sequence[Candle], cost_ratio: Decimal
) -> Outcome:
    sign = 1 if proposal.action is Action.OPEN_LONG else -1
    stop = forecast.price * (ONE - sign * (proposal.stop_pct or ZERO) / HUNDRED)
    target = forecast.price * (ONE + sign * (proposal.target_pct or ZERO) / HUNDRED)
    exit_price, ended_at = path[-1].close, path[-1].open_time
    for candle in path:
        worst, best = (candle.low, candle.high) if sign > 0 else (candle.high, candle.low)
        reached = _touched(worst, best, stop=stop, target=target, sign=sign)
        if reached is not None:
            exit_price, ended_at = reached, candle.open_time
            break
    net_return = sign * (exit_price / forecast.price - ONE) - cost_ratio
    return Outcome(is_right=net_return > 0, net_return=net_return, ended_at=ended_at)


def _touched(
    worst: Decimal, best: Decimal, *, stop: Decimal, target: Decimal, sign: int
) -> Decimal | None:
    """The level touched by a candle, the stop before the target; None for neither."""
    if (worst - stop) * sign <= 0:
        return stop
    return target if (best - target) * sign >= 0 else None


def _was_worth_holding(move: Decimal, side: PositionSide, *, cost_ratio: Decimal) -> bool:
    """Flat: nothing to earn; with a position: the loss stayed within the cost of a trade."""
    if side is PositionSide.FLAT:
        return abs(move) <= cost_ratio
    return move * side.sign >= -cost_ratio
