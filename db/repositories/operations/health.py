"""How everything is doing: what the watchdog and the metrics read, counts across users only.

votes, cycles, breakers, intents, alerts, the database itself -> counts; and what is old, removed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, func, select, text

from db.models.cycles import AiDecisionRow, CycleRow
from db.models.journal import AlertRow
from db.models.market import MarketSnapshotRow
from db.models.people import UserConfigRow
from db.models.positions import BreakerRow, PositionRow
from db.repositories.base import OperatorRepository, table_of
from trading.cycle import CycleOutcome
from trading.risk.circuit_breaker import BreakerState

VOTES = table_of(AiDecisionRow)
CYCLES = table_of(CycleRow)
ALERTS = table_of(AlertRow)
SNAPSHOTS = table_of(MarketSnapshotRow)
CONFIGS = table_of(UserConfigRow)
BREAKERS = table_of(BreakerRow)
POSITIONS = table_of(PositionRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHealth:
    """
    One model's votes of a while.

    Attributes:
        failures: abstentions: no answer, a late one, one that could not be read.
        latency_ms: on average; 0 without votes.
        cost_usd: of all of them.
    """

    model: str
    votes: int
    failures: int
    latency_ms: float
    cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much there is: pairs by whether they are paused, open positions, open breakers."""

    users: int
    pairs: int
    paused_pairs: int
    open_positions: int
    open_breakers: int


class HealthRepository(OperatorRepository):
    """Counts over everybody; nothing of anybody."""

    async def list_models(self, since: datetime) -> tuple[ModelHealth, ...]:
        """Votes by model since an instant, shared ones counted for each cycle that used them."""
        statement = (
            select(
                VOTES.c.model,
                func.count().label("votes"),
                func.count(VOTES.c.abstention).label("failures"),
                func.coalesce(func.avg(VOTES.c.latency_ms), 0).label("latency_ms"),
                func.coalesce(func.sum(VOTES.c.cost_usd), 0).label("cost_usd"),
            )
            .where(VOTES.c.decided_at >= since)
            .group_by(VOTES.c.model)
            .order_by(VOTES.c.model)
        )
        return tuple(
            ModelHealth(
                model=row.model,
                votes=row.votes,
                failures=row.failures,
                latency_ms=float(row.latency_ms),
                cost_usd=Decimal(row.cost_usd),
            )
            for row in await self._all(statement)
        )

    async def count_outcomes(self, since: datetime) -> Mapping[CycleOutcome, int]:
        """Cycles that were closed since an instant, by how they ended."""
        statement = (
            select(CYCLES.c.outcome, func.count().label("cycles"))
            .where(CYCLES.c.closed_at >= since)
            .group_by(CYCLES.c.outcome)
        )
        return {CycleOutcome(row.outcome): row.cycles for row in await self._all(statement)}

    async def count_venue_failures(self, since: datetime) -> Mapping[str, tuple[int, int]]:
        """By the venue of the prices: cycles of pairs there, and how many of them saw nothing."""
        failed = CYCLES.c.reason.like("No market data:%") | CYCLES.c.reason.like(
            "The account could not be read:%"
        )
        is_pair = (CONFIGS.c.user_id == CYCLES.c.user_id) & (CONFIGS.c.symbol == CYCLES.c.symbol)
        statement = (
            select(
                CONFIGS.c.venue,
                func.count().label("cycles"),
                func.count().filter(failed).label("failures"),
            )
            .join_from(CYCLES, CONFIGS, is_pair)
            .where(CYCLES.c.closed_at >= since)
            .group_by(CONFIGS.c.venue)
        )
        rows = await self._all(statement)
        return {str(row.venue): (row.cycles, row.failures) for row in rows}

    async def count_opened_breakers(self, since: datetime) -> int:
        """Breakers that have opened since an instant and are open still."""
        return int(
            await self._scalar(
                select(func.count()).where(
                    BREAKERS.c.state == BreakerState.OPEN, BREAKERS.c.opened_at >= since
                )
            )
        )

    async def measure_scale(self) -> Scale:
        """How much there is."""
        users, pairs, paused = (
            await self._all(
                select(
                    func.count(func.distinct(CONFIGS.c.user_id)),
                    func.count(),
                    func.count().filter(CONFIGS.c.is_paused),
                )
            )
        )[0]
        held = select(func.count()).where(POSITIONS.c.closed_at.is_(None))
        opened = select(func.count()).where(BREAKERS.c.state == BreakerState.OPEN)
        return Scale(
            users=users,
            pairs=pairs,
            paused_pairs=paused,
            open_positions=int(await self._scalar(held)),
            open_breakers=int(await self._scalar(opened)),
        )

    async def measure_size_bytes(self) -> int:
        """What the database takes on its disk."""
        return int(await self._scalar(text("SELECT pg_database_size(current_database())")))

    async def read_clock(self) -> datetime:
        """What the database's machine takes for now, aware UTC."""
        instant: datetime = await self._scalar(select(func.clock_timestamp()))
        return instant

    async def remove_old(
        self, *, snapshots_before: datetime, alerts_before: datetime, cycles_before: datetime
    ) -> Mapping[str, int]:
        """
        Remove what nobody needs any more; how many rows of each.

        Looks at the market; messages that were delivered or dropped; cycles that did nothing, with
        their votes. Orders, fills, positions, cycles that traded and the audit log stay.
        """
        settled = ALERTS.c.delivered_at.is_not(None) | ALERTS.c.dropped_at.is_not(None)
        idle = CYCLES.c.outcome.in_((CycleOutcome.HELD, CycleOutcome.DENIED, CycleOutcome.SKIPPED))
        return {
            "snapshots": await self._run(
                delete(SNAPSHOTS).where(SNAPSHOTS.c.cycle_time < snapshots_before)
            ),
            "alerts": await self._run(
                delete(ALERTS).where(settled, ALERTS.c.created_at < alerts_before)
            ),
            "cycles": await self._run(
                delete(CYCLES).where(idle, CYCLES.c.cycle_time < cycles_before)
            ),
        }
