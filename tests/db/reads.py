"""Reads for tests only; the product writes these rows for SQL views and for people."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Column, MetaData, Table, select

from db.engine.types import Money
from db.repositories.base import to_value
from db.repositories.operations.alerts import ALERTS, AlertRepository
from db.repositories.operations.spend import DAYS, OperatorSpendRepository
from db.repositories.people.audit import AUDIT, AuditRepository, OperatorAuditRepository
from db.repositories.trading.close_requests import REQUESTS, CloseRequestRepository
from db.repositories.trading.decisions import DECISIONS, DecisionRepository, _to_decision
from db.repositories.trading.paper import PaperRepository
from trading.council.decisions import Decision
from trading.cycle import CycleKey
from trading.domain.alerts import Alert
from trading.domain.close_requests import CloseRequest
from trading.domain.units import UserId
from trading.simulation.account import PaperLedger

LEDGER = Table("paper_ledger", MetaData(), *(Column(f.name, Money) for f in fields(PaperLedger)))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """
    One recorded action.

    Attributes:
        user_id: the affected user; None for the system.
        actor: "user:1", "operator", "watchdog".
        detail: figures and names as text; never a secret.
    """

    user_id: UserId | None
    actor: str
    action: str
    detail: Mapping[str, str]
    at: datetime


async def list_alerts(repository: AlertRepository, *, limit: int = 9) -> tuple[Alert, ...]:
    """Messages of the user, delivered or not, newest first."""
    newest_first = repository._select(ALERTS).order_by(ALERTS.c.alert_id.desc())
    return tuple(to_value(Alert, row) for row in await repository._all(newest_first.limit(limit)))


async def list_entries(
    repository: AuditRepository | OperatorAuditRepository, *, limit: int = 9
) -> tuple[AuditEntry, ...]:
    """Audit entries visible to the session, newest first."""
    statement = select(AUDIT).order_by(AUDIT.c.at.desc(), AUDIT.c.entry_id.desc())
    return tuple(
        to_value(AuditEntry, row) for row in await repository._all(statement.limit(limit))
    )


async def list_close_requests(repository: CloseRequestRepository) -> tuple[CloseRequest, ...]:
    """Open requests of the user, oldest first."""
    oldest_first = (REQUESTS.c.requested_at, REQUESTS.c.symbol)
    rows = await repository._all(repository._select(REQUESTS).order_by(*oldest_first))
    return tuple(to_value(CloseRequest, row) for row in rows)


async def list_decisions(repository: DecisionRepository, key: CycleKey) -> tuple[Decision, ...]:
    """The votes of a cycle without their reasons, by model."""
    statement = repository._select(DECISIONS).where(
        DECISIONS.c.symbol == key.pair, DECISIONS.c.cycle_time == key.cycle_time
    )
    rows = await repository._all(statement.order_by(DECISIONS.c.model))
    return tuple(_to_decision(row) for row in rows)


async def load_committed(repository: OperatorSpendRepository, day: date) -> Decimal:
    """Dollars that the row of a UTC day holds against the cap."""
    statement = select(DAYS.c.committed_usd).where(DAYS.c.day == day)
    return Decimal(await repository._scalar(statement) or 0)


async def load_ledger(repository: PaperRepository) -> PaperLedger:
    """The account's totals, counted again from its rows; zeros without an account."""
    row = await repository._first(select(LEDGER))
    return to_value(PaperLedger, row) if row is not None else PaperLedger()
