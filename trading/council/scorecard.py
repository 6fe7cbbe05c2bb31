"""The scorecard: votes, results and costs of each model.

Forecast, Outcome ... -> score_models -> ModelScore per model -> build_scorecard

Abstentions are counted, never judged. The return of a model alone counts a single trade at a time
and pair: entries during the model's last open trade are left out, because a trader could not have
taken such entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.council.decisions import Abstention, Action, ModelIdentity, Proposal
from trading.council.forecasts import Forecast, Outcome, is_taken_alone
from trading.domain.units import HUNDRED, ONE, ZERO, Pair, sum_money

BUCKET_WIDTH = 10
_LAST_BUCKET = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Votes within a range of confidence; a calibrated model is right as often as sure."""

    lower: int
    votes: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScore:
    """
    A model's record.

    Attributes:
        votes, right: judged votes, and the right votes among them, by action.
        buckets: by confidence, lowest first; empty ones are left out.
        brier: mean squared difference of the stated win probability (0..1) and the result (1 for
            a profit) of judged entries; 0 is perfect, 0.25 is a coin; None without any.
        chances: number of entries behind `brier`.
        net_return: of the model alone, ratio of a single notional, after costs.
        cost_usd: of all answers; latency_ms: mean of the received answers, None without any.
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
    brier: Decimal | None = None
    chances: int = 0

    @property
    def fabricated_share(self) -> Decimal | None:
        """The share of answers with made-up figures, 0..1; None without an answer."""
        made_up = self.abstentions.get(Abstention.FABRICATED, 0)
        answers = made_up + self.asked - sum(self.abstentions.values())
        return Decimal(made_up) / answers if answers else None

    @property
    def accuracy(self) -> Decimal | None:
        """The share of right votes among the judged votes, 0..1; None without any."""
        votes = sum(self.votes.values())
        return Decimal(sum(self.right.values())) / votes if votes else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """
    A user's council since a moment; returns are ratios of a single notional, after costs.

    Doing nothing has earned 0.

    Attributes:
        models: in the order of their first forecast.
        quorum: the return of acting on every agreement, before risk; None without votes.
        buy_and_hold_return: from the first price to the last, summed over pairs; None without any.
    """

    since: datetime
    models: tuple[ModelScore, ...]
    quorum: ModelScore | None
    buy_and_hold_return: Decimal | None


def build_scorecard(
    judged: Sequence[tuple[Forecast, Outcome | None]],
    *,
    quorum: Iterable[tuple[Forecast, Outcome | None]],
    since: datetime,
) -> Scorecard:
    """All scores of the forecasts since a moment; forecasts oldest first."""
    ends: dict[Pair | None, tuple[Decimal, Decimal]] = {}
    for forecast, _ in judged:
        first, _ = ends.get(forecast.pair, (forecast.price, forecast.price))
        ends[forecast.pair] = (first, forecast.price)
    return Scorecard(
        since=since,
        models=score_models(judged),
        quorum=next(iter(score_models(quorum)), None),
        buy_and_hold_return=sum_money(last / first - ONE for first, last in ends.values())
        if ends
        else None,
    )


def score_models(judged: Iterable[tuple[Forecast, Outcome | None]]) -> tuple[ModelScore, ...]:
    """A score for each model, in the order of first forecasts; forecasts oldest first."""
    by_model: dict[ModelIdentity, list[tuple[Forecast, Outcome | None]]] = {}
    for forecast, outcome in judged:
        by_model.setdefault(forecast.decision.model, []).append((forecast, outcome))
    return tuple(_score(model, rows) for model, rows in by_model.items())


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
    errors = [
        (proposal.win_probability / HUNDRED - outcome.is_right) ** 2
        for _, proposal, outcome in judged
        if proposal.action.is_entry and proposal.win_probability is not None
    ]
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
        brier=sum_money(errors) / len(errors) if errors else None,
        chances=len(errors),
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
    total = ZERO
    free_at: dict[Pair | None, datetime] = {}
    for forecast, _, outcome in judged:
        if is_taken_alone(forecast, free_at=free_at.get(forecast.pair)):
            total += outcome.net_return
            free_at[forecast.pair] = outcome.ended_at
    return total
