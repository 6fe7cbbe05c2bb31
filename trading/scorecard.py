"""The scorecard: what each model said, what came of it, and what it cost.

    Decision, candles after it -> judge_forecast -> Outcome
    Forecast, Outcome ...      -> score_models   -> ModelScore per model

An entry is followed to its own stop or target (the worse side first when one candle touches both)
and left at the end of the horizon; it was right if it earned something after costs. A hold was
right if the next cycle's move was too small to pay for a trade; a close, if that move went against
the position. Abstentions are counted, never judged. Returns are ratios of the notional without
leverage. What a model alone would have earned counts one trade at a time: entries while its last
one is still open are left out, as a trader could not have taken them.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.candles import Candle
from trading.decisions import Abstention
from trading.decisions import Action
from trading.decisions import Decision
from trading.decisions import ModelIdentity
from trading.decisions import Proposal
from trading.units import CYCLE_INTERVAL
from trading.units import HUNDRED
from trading.units import ONE
from trading.units import ZERO
from trading.units import PositionSide
from trading.units import require_utc
from trading.units import sum_money

ROUND_TRIP_COST = Decimal("0.0012")
"""Two taker fees and the slippage of two market orders, ratio of the notional."""

ENTRY_CONFIDENCE = Decimal(70)
"""Below it a vote would not have been taken, so it earns and loses nothing."""

BUCKET_WIDTH = 10
_LAST_BUCKET = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """
    One decision in its place.

    Attributes:
        decided_at: the cycle time.
        price: quote per base when it was made.
        position_side: what the user held then; FLAT for nothing.
    """

    decision: Decision
    decided_at: datetime
    price: Decimal
    position_side: PositionSide = PositionSide.FLAT

    def __post_init__(self) -> None:
        require_utc(decided_at=self.decided_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What came of a vote.

    Attributes:
        net_return: of an entry, after costs; 0 for a vote that opens nothing.
        ended_at: when the entry was over, or the next cycle.
    """

    is_right: bool
    net_return: Decimal
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Votes of one range of confidence; a calibrated model is right as often as it is sure."""

    lower: int
    votes: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """
    One model's record.

    Attributes:
        votes, right: judged votes, and those that were right, by action.
        buckets: by confidence, lowest first; empty ones are left out.
        net_return: what it alone would have earned, ratio of one notional, after costs.
        cost_usd: of all its answers; latency_ms: the mean of those that came, None for none.
    """

    model: ModelIdentity
    asked: int
    late: int
    abstentions: Mapping[Abstention, int]
    votes: Mapping[Action, int]
    right: Mapping[Action, int]
    buckets: tuple[Bucket, ...]
    net_return: Decimal
    cost_usd: Decimal
    latency_ms: int | None

    @property
    def accuracy(self) -> Decimal | None:
        """The share of judged votes that were right, 0..1; None without any."""
        votes = sum(self.votes.values())
        return Decimal(sum(self.right.values())) / votes if votes else None


def judge_forecast(
    forecast: Forecast, path: Sequence[Candle], *, cost_ratio: Decimal = ROUND_TRIP_COST
) -> Outcome | None:
    """
    What came of a vote, or None for an abstention and for a path that is too short to tell.

    Args:
        forecast: What was said.
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


def score_models(judged: Iterable[tuple[Forecast, Outcome | None]]) -> tuple[ModelScore, ...]:
    """One score per model, in the order of their first forecast; forecasts oldest first."""
    by_model: dict[ModelIdentity, list[tuple[Forecast, Outcome | None]]] = {}
    for forecast, outcome in judged:
        by_model.setdefault(forecast.decision.model, []).append((forecast, outcome))
    return tuple(_score(model, rows) for model, rows in by_model.items())


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
    """The level that a candle touches, the stop before the target; None for neither."""
    if (worst - stop) * sign <= 0:
        return stop
    return target if (best - target) * sign >= 0 else None


def _was_worth_holding(move: Decimal, side: PositionSide, *, cost_ratio: Decimal) -> bool:
    """Flat: nothing to earn; with a position: it did not lose more than a trade costs."""
    if side is PositionSide.FLAT:
        return abs(move) <= cost_ratio
    return move * side.sign >= -cost_ratio


def _score(model: ModelIdentity, rows: list[tuple[Forecast, Outcome | None]]) -> ModelScore:
    decisions = [forecast.decision for forecast, _ in rows]
    judged = [
        (forecast, forecast.decision.proposal, outcome)
        for forecast, outcome in rows
        if forecast.decision.proposal is not None and outcome is not None
    ]
    actions = [proposal.action for _, proposal, _ in judged]
    right = [proposal.action for _, proposal, outcome in judged if outcome.is_right]
    causes = [d.abstention for d in decisions if d.abstention is not None]
    latencies = [d.usage.latency_ms for d in decisions if not d.abstained]
    return ModelScore(
        model=model,
        asked=len(rows),
        late=sum(decision.is_late for decision in decisions),
        abstentions={cause: causes.count(cause) for cause in Abstention if cause in causes},
        votes={action: actions.count(action) for action in Action if action in actions},
        right={action: right.count(action) for action in Action if action in right},
        buckets=_calibrate([(proposal, outcome) for _, proposal, outcome in judged]),
        net_return=_earn_alone(judged),
        cost_usd=sum_money(decision.usage.cost_usd for decision in decisions),
        latency_ms=round(sum(latencies) / len(latencies)) if latencies else None,
    )


def _calibrate(judged: list[tuple[Proposal, Outcome]]) -> tuple[Bucket, ...]:
    found: dict[int, list[bool]] = {}
    for proposal, outcome in judged:
        lower = min(int(proposal.confidence) // BUCKET_WIDTH * BUCKET_WIDTH, _LAST_BUCKET)
        found.setdefault(lower, []).append(outcome.is_right)
    return tuple(
        Bucket(lower=lower, votes=len(hits), right=sum(hits))
        for lower, hits in sorted(found.items())
    )


def _earn_alone(judged: list[tuple[Forecast, Proposal, Outcome]]) -> Decimal:
    total, free_at = ZERO, None
    for forecast, proposal, outcome in judged:
        is_taken = proposal.action.is_entry and proposal.confidence >= ENTRY_CONFIDENCE
        if is_taken and (free_at is None or forecast.decided_at > free_at):
            total += outcome.net_return
            free_at = outcome.ended_at
    return total
