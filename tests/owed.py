"""What the outbox owes, without taking it: people's messages and the operator's."""

from sqlalchemy import select

from db.repositories.base import to_value
from db.repositories.operations import alerts
from db.session import Database
from trading.domain.alerts import Alert


async def list_owed(database: Database) -> tuple[Alert, ...]:
    """Messages that are neither delivered nor dropped, the most severe first, then the oldest."""
    table = alerts.ALERTS
    waiting = select(table).where(alerts._is_waiting(table))
    async with database.operator() as operator:
        rows = await operator.alerts._all(waiting.order_by(alerts._rank(table), table.c.alert_id))
    return tuple(to_value(Alert, row) for row in rows)
