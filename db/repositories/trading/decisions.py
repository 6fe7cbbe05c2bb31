"""Votes and abstentions of models, the later outcomes of votes, and the scorecard of both.

    add_decisions -> (hours later) list_unjudged -> add_outcomes -> load_scorecard

The models' reasons are in the receipt only. A model call serves several users, who share the cost
evenly; a vote's cost is computed when read, because the share falls with each further user.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, func, select

from db.models.cycles import AiDecisionRow, AiOutcomeRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    do_nothing,
    table_of,
    to_columns,
    to_value,
)
from db.repositories.operations.spend import CALLS, SHARE, SPEND
from trading.council.decisions import Decision, ModelIdentity, Proposal, Usage
from trading.council.forecasts import Forecast, Outcome, view_quorum
from trading.council.scorecard import Scorecard, build_scorecard
from trading.council.turnout import STREAK, Turnout
from trading.cycle import CycleKey
from trading.domain.units import Pair, PositionSide

DECISIONS = table_of(AiDecisionRow)
OUTCOMES = table_of(AiOutcomeRow)
VOICES = func.count(func.distinct(DECISIONS.c.vendor)).filter(DECISIONS.c.action.is_not(None))
"""Number of makers with at least one vote in a group of decisions."""
SAME_CYCLE = ("user_id", "symbol", "cycle_time")
MODEL_RENAMES = {"name": "model"}
NO_PROPOSAL: Mapping[str, Any] = {
    "action": None,
    "confidence": None,
    "win_probability": None,
    "stop_pct": None,
    "target_pct": None,
}


class DecisionRepository(TenantRepository):
    """Votes of the tenant's cycles."""

    async def add_decisions(
        self,
        key: CycleKey,
        *,
        decisions: Iterable[Decision],
        news_decisions: Iterable[Decision] = (),
        now: datetime,
        seen: tuple[Decimal | None, PositionSide] = (None, PositionSide.FLAT),
    ) -> None:
        """
        Store the votes of a claimed cycle; a model's second vote in a cycle is dropped.

        Args:
            news_decisions: on the question with headlines, by models among `decisions`.
            seen: quote per base and side of the user's position at the time of the votes; votes
                without a price are never judged.
        """
        if key.user_id != self._user_id:
            raise ValueError("votes are kept in their own user's session")
        common = {
            "symbol": key.pair,
            "cycle_time": key.cycle_time,
            "decided_at": now,
            "price": seen[0],
            "position_side": seen[1],
        }
        second = {decision.model.name: decision for decision in news_decisions}
        for decision in decisions:
            row = {**common, **_to_columns(decision), **_to_news(second.get(decision.model.name))}
            await self._put(DECISIONS, row, on_conflict=do_nothing)

    async def list_turnouts(self, pair: Pair, *, cycles: int) -> tuple[Turnout, ...]:
        """The turnout of the pair's newest `cycles` cycles with decisions, newest first."""
        times = (
            self._select(DECISIONS, DECISIONS.c.cycle_time)
            .where(DECISIONS.c.symbol == pair)
            .distinct()
            .order_by(DECISIONS.c.cycle_time.desc())
            .limit(cycles)
        )
        rows = await self._all(
            self._select(DECISIONS)
            .where(DECISIONS.c.symbol == pair, DECISIONS.c.cycle_time.in_(times))
            .order_by(DECISIONS.c.cycle_time.desc(), DECISIONS.c.model)
        )
        return tuple(
            Turnout(cycle_time=at, decisions=tuple(_to_decision(row) for row in said))
            for at, said in groupby(rows, key=lambda row: row.cycle_time)
        )

    async def list_unjudged(
        self, pair: Pair, *, since: datetime, until: datetime
    ) -> tuple[Forecast, ...]:
        """Unjudged votes on a pair in cycles of [since, until], oldest first."""
        judged = self._select(OUTCOMES, OUTCOMES.c.model).where(
            *(OUTCOMES.c[name] == DECISIONS.c[name] for name in SAME_CYCLE)
        )
        statement = self._select(DECISIONS).where(
            DECISIONS.c.symbol == pair,
            DECISIONS.c.cycle_time.between(since, until),
            DECISIONS.c.price.is_not(None),
            ~judged.exists(),
        )
        rows = await self._all(statement.order_by(DECISIONS.c.cycle_time, DECISIONS.c.model))
        return tuple(_to_forecast(row) for row in rows)

    async def load_free_at(self, pair: Pair) -> Mapping[str, datetime]:
        """End of each model's last hypothetical trade; the next trade starts later."""
        statement = self._select(
            OUTCOMES, OUTCOMES.c.model, func.max(OUTCOMES.c.ended_at).label("ended_at")
        )
        taken = statement.where(OUTCOMES.c.symbol == pair, OUTCOMES.c.is_taken)
        rows = await self._all(taken.group_by(OUTCOMES.c.model))
        return {row.model: row.ended_at for row in rows}

    async def add_outcomes(
        self, pair: Pair, *, judged: Sequence[tuple[Forecast, Outcome, bool]]
    ) -> None:
        """Store outcomes of votes; the bool says whether the model alone would have traded."""
        rows = [
            {
                **to_columns(outcome),
                "symbol": pair,
                "cycle_time": forecast.decided_at,
                "model": forecast.decision.model.name,
                "action": forecast.decision.proposal.action,
                "confidence": forecast.decision.proposal.confidence,
                "is_taken": is_taken,
            }
            for forecast, outcome, is_taken in judged
            if forecast.decision.proposal is not None
        ]
        if rows:
            await self._run(self._insert(OUTCOMES, *rows).on_conflict_do_nothing())

    async def load_scorecard(self, *, since: datetime, pair: Pair | None = None) -> Scorecard:
        """The council's performance since an instant, on a pair or on all pairs."""
        outcomes = await self._load_outcomes(since, pair=pair)
        rows = await self._all(self._select_said(since, pair=pair))
        said = [_to_forecast(row) for row in rows if row.price is not None]
        cycles: dict[tuple[datetime, Pair | None], list[Forecast]] = {}
        for forecast in said:
            cycles.setdefault((forecast.decided_at, forecast.pair), []).append(forecast)
        agreed = [view_quorum(cycle) for cycle in cycles.values()]

        def judge(forecasts: Iterable[Forecast]) -> list[tuple[Forecast, Outcome | None]]:
            return [
                (one, outcomes.get((one.decided_at, one.pair, one.decision.model.name)))
                for one in forecasts
            ]

        return build_scorecard(judge(said), quorum=judge(agreed), since=since)

    def _select_said(self, since: datetime, *, pair: Pair | None) -> Select[Any]:
        share = (
            select(func.sum(SHARE))  # shared: joined to the user's own rows
            .select_from(SPEND.join(CALLS, CALLS.c.call_id == SPEND.c.call_id))
            .where(
                *(SPEND.c[name] == DECISIONS.c[name] for name in SAME_CYCLE),
                SPEND.c.model == DECISIONS.c.model,
            )
            .scalar_subquery()
        )
        columns = [one for one in DECISIONS.c if one is not DECISIONS.c.cost_usd]
        cost = func.coalesce(share, DECISIONS.c.cost_usd).label("cost_usd")
        statement = self._select(DECISIONS, *columns, cost).where(DECISIONS.c.cycle_time >= since)
        if pair is not None:
            statement = statement.where(DECISIONS.c.symbol == pair)
        return statement.order_by(DECISIONS.c.cycle_time, DECISIONS.c.symbol, DECISIONS.c.model)

    async def _load_outcomes(
        self, since: datetime, *, pair: Pair | None
    ) -> Mapping[tuple[datetime, Pair | None, str], Outcome]:
        statement = self._select(OUTCOMES).where(OUTCOMES.c.cycle_time >= since)
        if pair is not None:
            statement = statement.where(OUTCOMES.c.symbol == pair)
        return {
            (row.cycle_time, row.symbol, row.model): to_value(Outcome, row)
            for row in await self._all(statement)
        }


class OperatorDecisionRepository(OperatorRepository):
    """Votes across all users."""

    async def load_last_vote_at(self) -> datetime | None:
        """Time of the newest vote by any model; None without any."""
        last: datetime | None = await self._scalar(
            select(func.max(DECISIONS.c.decided_at)).where(DECISIONS.c.action.is_not(None))
        )
        return last

    async def count_pairs_below(self, quorum: int, *, since: datetime) -> int:
        """
        Number of pairs whose newest `STREAK` cycles since then all were below their quorum.

        Args:
            quorum: the installation's; the majority of the asked voices counts where higher.
            since: of the cycles' times.
        """
        majority = func.count(func.distinct(DECISIONS.c.vendor)) // 2 + 1
        missing = func.greatest(majority, quorum) - VOICES
        cycles = _rank_cycles(since, missing.label("missing"))
        below = (
            select(cycles.c.user_id)
            .where(cycles.c.age <= STREAK)
            .group_by(cycles.c.user_id, cycles.c.symbol)
            .having((func.count() == STREAK) & (func.min(cycles.c.missing) > 0))
            .subquery()
        )
        return int(await self._scalar(select(func.count()).select_from(below)))

    async def list_newest(self, *, since: datetime) -> tuple[Decision, ...]:
        """Each seat's newest decision among the newest cycles of all pairs since then, by name."""
        cycles = _rank_cycles(since)
        statement = (
            select(DECISIONS)
            .distinct(DECISIONS.c.model)
            .join(cycles, and_(*(cycles.c[name] == DECISIONS.c[name] for name in SAME_CYCLE)))
            .where(cycles.c.age == 1)
            .order_by(DECISIONS.c.model, DECISIONS.c.cycle_time.desc())
        )
        return tuple(_to_decision(row) for row in await self._all(statement))


def _rank_cycles(since: datetime, *figures: Any) -> Any:
    """Cycles with decisions, by pair; `age` is 1 for a pair's newest cycle."""
    pair = (DECISIONS.c.user_id, DECISIONS.c.symbol)
    newest = func.row_number().over(partition_by=pair, order_by=DECISIONS.c.cycle_time.desc())
    return (
        select(*pair, DECISIONS.c.cycle_time, newest.label("age"), *figures)
        .where(DECISIONS.c.cycle_time >= since)
        .group_by(*pair, DECISIONS.c.cycle_time)
        .subquery()
    )


def _to_columns(decision: Decision) -> dict[str, Any]:
    proposal = decision.proposal
    return {
        **to_columns(decision.model, renames=MODEL_RENAMES),
        **(
            to_columns(proposal, without=("reasons", "would_change_mind"))
            if proposal
            else NO_PROPOSAL
        ),
        **to_columns(decision.usage),
        "abstention": decision.abstention,
        "detail": decision.detail,
        "prompt_hash": decision.prompt_hash,
        "prompt_version": decision.prompt_version,
    }


def _to_news(decision: Decision | None) -> dict[str, Any]:
    """The answer to the question with headlines; a late answer counts as none."""
    if decision is None:
        return {"is_asked_about_news": False, "news_action": None}
    said = None if decision.is_late else decision.proposal
    return {"is_asked_about_news": True, "news_action": None if said is None else said.action}


def _to_decision(row: Row[Any]) -> Decision:
    proposal = None
    if row.abstention is None:
        proposal = to_value(Proposal, row, reasons=(), would_change_mind="")
    return to_value(
        Decision,
        row,
        model=to_value(ModelIdentity, row, renames=MODEL_RENAMES),
        proposal=proposal,
        usage=to_value(Usage, row),
        exchange=None,
    )


def _to_forecast(row: Row[Any]) -> Forecast:
    return Forecast(
        decision=_to_decision(row),
        decided_at=row.cycle_time,
        price=row.price,
        position_side=row.position_side,
        pair=row.symbol,
        is_asked_about_news=row.is_asked_about_news,
        news_action=row.news_action,
    )
