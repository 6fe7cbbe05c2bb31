"""Health figures: counts across all users for the watchdog and the metrics, and retention.

votes, cycles, breakers, intents, alerts, the database itself -> counts;  old rows -> removed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Text, delete, func, or_, select, text, type_coerce

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
SAW_NOTHING = (
    '{"code":"cycle-no-market"',
    '{"code":"cycle-no-account"',
    "No market data:",
    "The account could not be read:",
)
"""How the reason of a cycle begins that got nothing from its venue; the last two are older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelHealth:
    """
    Votes of a model within a time window.

    Attributes:
        failures: abstentions: no answer, a late answer, an unreadable answer.
        latency_ms: average; 0 without votes.
        cost_usd: sum of all votes.
    """

    model: str
    votes: int
    failures: int
    latency_ms: float
    cost_usd: Decimal
    last_vote_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Totals: pairs by paused or not, open positions, open breakers."""

    users: int
    pairs: int
    paused_pairs: int
    open_positions: int
    open_breakers: int


class HealthRepository(OperatorRepository):
    """Counts across all users; no data of a single user."""

    async def list_models(self, since: datetime) -> tuple[ModelHealth, ...]:
        """Votes by model since an instant; a shared vote counts for each cycle."""
        statement = (
            select(
                VOTES.c.model,
                func.count().label("votes"),
                func.count(VOTES.c.abstention).label("failures"),
                func.coalesce(func.avg(VOTES.c.latency_ms), 0).label("latency_ms"),
                func.coalesce(func.sum(VOTES.c.cost_usd), 0).label("cost_usd"),
                func.max(VOTES.c.decided_at)
                .filter(VOTES.c.action.is_not(None))
                .label("last_vote_at"),
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
                last_vote_at=row.last_vote_at,
            )
            for row in await self._all(statement)
        )

    async def count_outcomes(self, since: datetime) -> Mapping[CycleOutcome, int]:
        """Cycles closed since an instant, by outcome."""
        statement = (
            select(CYCLES.c.outcome, func.count().label("cycles"))
            .where(CYCLES.c.closed_at >= since)
            .group_by(CYCLES.c.outcome)
        )
        return {CycleOutcome(row.outcome): row.cycles for row in await self._all(statement)}

    async def count_venue_failures(self, since: datetime) -> Mapping[str, tuple[int, int]]:
        """By price venue: the number of cycles, and the number of cycles without market data."""
        reason = type_coerce(CYCLES.c.reason, Text)
        failed = or_(*(reason.like(f"{start}%") for start in SAW_NOTHING))
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
        """Breakers opened since an instant and still open."""
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
        """Size of the database on disk."""
        return int(await self._scalar(text("SELECT pg_database_size(current_database())")))

    async def read_clock(self) -> datetime:
        """The clock of the database's machine, aware UTC."""
        instant: datetime = await self._scalar(select(func.clock_timestamp()))
        return instant

    async def remove_old(
        self, *, snapshots_before: datetime, alerts_before: datetime, cycles_before: datetime
    ) -> Mapping[str, int]:
        """
        Remove outdated rows; return the number of rows by table.

        Removes market snapshots, delivered or dropped alerts, and cycles without a trade with
        their votes. Orders, fills, positions, cycles with trades and the audit log stay.
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
