"""The alert outbox: alerts written with their cause, claimed by a sender, delivered at least once.

    enqueue_alert -> claim_heads (lease) -> mark_delivered | mark_failed (later) | mark_dropped

Critical alerts go first. Within a chat and severity the order is the order of writing: later
alerts of a chat wait while an earlier alert waits for a retry.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from db.models.journal import AlertRow
from db.models.people import UserRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    do_nothing,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.alerts import Alert, QueuedAlert, Severity
from trading.domain.units import UserId

ALERTS = table_of(AlertRow)
USERS = table_of(UserRow)
OUTBOX_LOCK = 0x4F5554424F58
"""The word OUTBOX as a number: one sender claims at a time, or a chat's order would be lost."""
FORWARD_LIFE = timedelta(days=1)
"""An older alert is no news for the operator's own address."""
MOST_FORWARDS = 20
"""Alerts of one claim."""
RANKS = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


class AlertRepository(TenantRepository):
    """Alerts for the tenant."""

    async def enqueue_alert(self, alert: Alert) -> bool:
        """
        Enqueue an alert for the user; False when an alert of the same event exists.

        Raises:
            ValueError: for an alert of another user, or of the operator (see `operator`).
        """
        if alert.user_id != self._user_id:
            raise ValueError("an alert is written in its own user's session")
        return await self._put(ALERTS, to_columns(alert), on_conflict=do_nothing) == 1


class OutboxRepository(OperatorRepository):
    """Alerts of all users."""

    async def enqueue_alert(self, alert: Alert) -> bool:
        """Enqueue an alert for a user or the operator; False when the event has one already."""
        statement = insert(ALERTS).values(to_columns(alert)).on_conflict_do_nothing()
        return await self._run(statement) == 1

    async def claim_heads(
        self, limit: int, *, now: datetime, lease: timedelta, resting: Collection[UserId | None]
    ) -> tuple[QueuedAlert, ...]:
        """
        Claim the next alert of each chat, the most severe first, then in order of writing.

        The claim lasts until `now + lease`; commit before sending. A chat has at most one claimed
        alert: while the alert is in flight or waits for a retry, only a more severe alert passes.
        Users without a Telegram account are skipped.

        Args:
            resting: users without deliveries now; None is the operator's chat.
        """
        await self._run(select(func.pg_advisory_xact_lock(OUTBOX_LOCK)))
        heads = (
            select(ALERTS.c.alert_id, ALERTS.c.not_before, _rank(ALERTS).label("rank"))
            .where(_is_waiting(ALERTS), ~_chat(ALERTS).in_([one or 0 for one in resting]))
            .where(_has_chat())
            .order_by(ALERTS.c.user_id, _rank(ALERTS), ALERTS.c.alert_id)
            .distinct(ALERTS.c.user_id)
            .subquery()
        )
        due = (
            select(heads.c.alert_id)
            .where(or_(heads.c.not_before.is_(None), heads.c.not_before <= now))
            .order_by(heads.c.rank, heads.c.alert_id)
            .limit(limit)
        )
        return await self._lease(due, until=now + lease)

    async def mark_delivered(self, alert_id: int, *, now: datetime) -> None:
        """Record a delivery."""
        await self._settle(alert_id, delivered_at=now, not_before=None)

    async def mark_failed(self, alert_id: int, *, retry_at: datetime, reason: str) -> None:
        """Record a failed attempt: retry at `retry_at`."""
        await self._settle(alert_id, not_before=retry_at, last_error=reason)

    async def mark_dropped(self, alert_id: int, *, reason: str, now: datetime) -> None:
        """Record a final failure (the user blocked the bot): no more retries."""
        await self._settle(alert_id, dropped_at=now, last_error=reason)

    async def claim_forwards(self, before: datetime, *, now: datetime) -> tuple[QueuedAlert, ...]:
        """
        Claim undelivered critical alerts for the operator's own address, each once.

        Args:
            before: alerts written later have more time to be delivered.
            now: time of the claim; alerts older than `FORWARD_LIFE` are no longer claimed.
        """
        due = (
            select(ALERTS.c.alert_id)
            .where(_is_waiting(ALERTS), ALERTS.c.severity == Severity.CRITICAL)
            .where(ALERTS.c.forwarded_at.is_(None), ALERTS.c.created_at <= before)
            .where(ALERTS.c.created_at > now - FORWARD_LIFE)
            .order_by(ALERTS.c.alert_id)
            .limit(MOST_FORWARDS)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(ALERTS)
            .where(ALERTS.c.alert_id.in_(due))
            .values(forwarded_at=now)
            .returning(*ALERTS.c, _telegram_id().label("telegram_id"))
        )
        rows = sorted(await self._all(statement), key=lambda row: row.alert_id)
        return tuple(_to_queued(row) for row in rows)

    async def release_forward(self, alert_id: int) -> None:
        """Undo the claim of an alert that the operator's address did not take."""
        await self._run(
            update(ALERTS).where(ALERTS.c.alert_id == alert_id).values(forwarded_at=None)
        )

    async def count_backlog(self) -> int:
        """Alerts neither delivered nor dropped."""
        return int(await self._scalar(select(func.count()).where(_is_waiting(ALERTS))))

    async def load_oldest_waiting_at(self) -> datetime | None:
        """
        When the oldest undelivered alert was written, None without any.

        Alerts of users without a Telegram account wait for an account and don't count.
        """
        oldest: datetime | None = await self._scalar(
            select(func.min(ALERTS.c.created_at)).where(_is_waiting(ALERTS), _has_chat())
        )
        return oldest

    async def _lease(self, due: Select[Any], *, until: datetime) -> tuple[QueuedAlert, ...]:
        statement = (
            update(ALERTS)
            .where(ALERTS.c.alert_id.in_(due))
            .values(attempts=ALERTS.c.attempts + 1, not_before=until)
            .returning(*ALERTS.c, _telegram_id().label("telegram_id"))
        )
        rows = await self._all(statement)
        rows.sort(key=lambda row: (RANKS[row.severity], row.alert_id))
        return tuple(_to_queued(row) for row in rows)

    async def _settle(self, alert_id: int, **values: Any) -> None:
        await self._run(
            update(ALERTS).where(ALERTS.c.alert_id == alert_id, _is_waiting(ALERTS)).values(values)
        )


def _is_waiting(alerts: Any) -> Any:
    return alerts.c.delivered_at.is_(None) & alerts.c.dropped_at.is_(None)


def _rank(alerts: Any) -> Any:
    words = {str(severity): rank for severity, rank in RANKS.items()}
    return case(words, value=alerts.c.severity)


def _telegram_id() -> Any:
    own = select(USERS.c.telegram_id).where(USERS.c.user_id == ALERTS.c.user_id)
    return own.scalar_subquery()


def _has_chat() -> Any:
    """Whether the alert has a recipient: the operator, or a user with a Telegram account."""
    return ALERTS.c.user_id.is_(None) | _telegram_id().is_not(None)


def _chat(alerts: Any) -> Any:
    """The chat as a number: the user id, 0 for the operator."""
    return func.coalesce(alerts.c.user_id, 0)


def _to_queued(row: Row[Any]) -> QueuedAlert:
    return to_value(QueuedAlert, row, alert=to_value(Alert, row))
