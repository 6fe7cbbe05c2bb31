"""Order intents: Quorum sends an order only for a stored and claimed intent.

add -> claim (number + lease) -> mark_sending -> finish (unknown | placed | resolved | abandoned)

Each step is an UPDATE with conditions on the row, so two workers can't own an intent at the same
time. Only a PENDING intent can be marked as sending, once in its life: after a crash a post can't
be ruled out, so the order is looked up and never sent again. Callers pass `now`, and their clocks
may differ: each claim raises `fence`, and writes with an older fence are refused.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select

from db.models.orders import OrderIntentRow
from db.models.positions import PositionRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    do_nothing,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.errors import StaleLease
from trading.domain.intents import IntentRecord
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import IntentStatus, Leg, OrderIntent
from trading.domain.units import ClientOrderId, Pair, UserId

INTENTS = table_of(OrderIntentRow)
POSITIONS = table_of(PositionRow)
CLOSED = (IntentStatus.RESOLVED, IntentStatus.ABANDONED)
IS_OPEN = INTENTS.c.finished_at.is_(None)
"""True if the status is not in CLOSED (a CHECK constraint); the form of the partial index."""


class IntentRepository(TenantRepository):
    """The tenant's intents."""

    async def add_intent(self, intent: OrderIntent, *, now: datetime) -> bool:
        """Store an intent; False when stored before (same key or same order id)."""
        if intent.user_id != self._user_id:
            raise ValueError("an intent is written in its own user's session")
        row = {
            **to_columns(intent),
            "client_order_id": intent.client_order_id,
            "status": IntentStatus.PENDING,
            "created_at": now,
        }
        return await self._put(INTENTS, row, on_conflict=do_nothing) == 1

    async def claim_intent(
        self, client_order_id: ClientOrderId, *, worker: str, now: datetime, lease: timedelta
    ) -> IntentRecord | None:
        """
        Claim an open intent without a valid lease; the record's `fence` is the claim's number.

        None for a closed or unknown intent, or while another worker's lease is valid at `now`.
        """
        statement = (
            self._one(client_order_id)
            .where(IS_OPEN, or_(INTENTS.c.lease_until.is_(None), INTENTS.c.lease_until <= now))
            .values(fence=INTENTS.c.fence + 1, worker=worker, lease_until=now + lease)
            .returning(*INTENTS.c)
        )
        row = await self._first(statement)
        return _to_record(row) if row is not None else None

    async def mark_sending(
        self, client_order_id: ClientOrderId, *, fence: int, now: datetime
    ) -> None:
        """
        Mark the intent as sending; commit before posting the order.

        Raises:
            StaleLease: for an outdated claim, a lease expired at `now`, or an intent other than
                PENDING: the order must not be posted.
        """
        statement = (
            self._one(client_order_id)
            .where(
                INTENTS.c.fence == fence,
                INTENTS.c.lease_until > now,
                INTENTS.c.status == IntentStatus.PENDING,
            )
            .values(status=IntentStatus.SENDING, sending_at=now)
        )
        if await self._run(statement) != 1:
            raise StaleLease(message("order-not-ours"))

    async def finish_intent(
        self,
        client_order_id: ClientOrderId,
        *,
        fence: int,
        status: IntentStatus,
        now: datetime,
        reason: Message = NO_MESSAGE,
    ) -> None:
        """
        Record the result and release the lease.

        Raises:
            StaleLease: for an outdated claim, or a closed intent.
            ValueError: for PENDING and SENDING, which are no results.
        """
        if status in {IntentStatus.PENDING, IntentStatus.SENDING}:
            raise ValueError(f"{status} is no result")
        statement = (
            self._one(client_order_id)
            .where(INTENTS.c.fence == fence, IS_OPEN)
            .values(
                status=status,
                reason=reason,
                lease_until=None,
                finished_at=now if status in CLOSED else None,
            )
        )
        if await self._run(statement) != 1:
            raise StaleLease(message("order-taken-over"))

    async def limit_doubt(
        self, client_order_id: ClientOrderId, *, fence: int, until: datetime
    ) -> None:
        """Set `doubt_until`: an order not found at the venue by then counts as never placed."""
        held = self._one(client_order_id).where(INTENTS.c.fence == fence, IS_OPEN)
        await self._run(held.values(doubt_until=until))

    async def load_intent(self, client_order_id: ClientOrderId) -> IntentRecord | None:
        """The intent with a client order id; None without an intent of this user."""
        row = await self._first(
            self._select(INTENTS).where(INTENTS.c.client_order_id == client_order_id)
        )
        return _to_record(row) if row is not None else None

    async def list_open_intents(self, pair: Pair | None = None) -> tuple[IntentRecord, ...]:
        """Open intents, oldest first."""
        statement = self._select(INTENTS).where(IS_OPEN)
        if pair is not None:
            statement = statement.where(INTENTS.c.symbol == pair)
        return _to_records(await self._all(statement.order_by(*_OLDEST_FIRST)))

    async def list_intents(self, pair: Pair, *, cycle_time: datetime) -> tuple[IntentRecord, ...]:
        """All intents of a cycle, oldest first."""
        statement = self._select(INTENTS).where(
            INTENTS.c.symbol == pair, INTENTS.c.cycle_time == cycle_time
        )
        return _to_records(await self._all(statement.order_by(*_OLDEST_FIRST)))

    async def find_entered_cycle(self, pair: Pair, *, until: datetime) -> datetime | None:
        """The cycle of the pair's last entry sent at or before an instant; None without any."""
        statement = self._select(INTENTS, INTENTS.c.cycle_time).where(
            INTENTS.c.symbol == pair, INTENTS.c.leg == Leg.ENTRY, INTENTS.c.sending_at <= until
        )
        found: datetime | None = await self._scalar(
            statement.order_by(INTENTS.c.cycle_time.desc()).limit(1)
        )
        return found

    async def sum_reserved_notional(self) -> Decimal:
        """Quote units reserved by open intents of all the user's pairs."""
        total = func.coalesce(func.sum(INTENTS.c.reserved_notional), 0)
        return Decimal(await self._scalar(self._select(INTENTS, total).where(IS_OPEN)))

    def _one(self, client_order_id: ClientOrderId) -> Any:
        return self._update(INTENTS).where(INTENTS.c.client_order_id == client_order_id)


class OperatorIntentRepository(OperatorRepository):
    """Intents of all users."""

    async def list_users_with_open_intents(self) -> tuple[UserId, ...]:
        """Users due for reconciliation, ascending."""
        statement = select(INTENTS.c.user_id).where(IS_OPEN).distinct()
        rows = await self._all(statement.order_by(INTENTS.c.user_id))
        return tuple(UserId(row.user_id) for row in rows)

    async def list_users_with_late_entries(
        self, *, after: datetime, before: datetime, in_doubt_after: datetime
    ) -> tuple[UserId, ...]:
        """
        Users with an entry sent within (after, before), not booked yet and not protected.

        An entry in doubt counts only when sent after `in_doubt_after`.
        """
        is_protected = exists().where(
            POSITIONS.c.user_id == INTENTS.c.user_id,
            POSITIONS.c.symbol == INTENTS.c.symbol,
            POSITIONS.c.closed_at.is_(None),
            POSITIONS.c.stop_price.is_not(None),
        )
        statement = select(INTENTS.c.user_id).where(
            ~is_protected,
            IS_OPEN,
            INTENTS.c.leg == Leg.ENTRY,
            or_(
                INTENTS.c.status.in_((IntentStatus.SENDING, IntentStatus.PLACED)),
                and_(
                    INTENTS.c.status == IntentStatus.UNKNOWN,
                    INTENTS.c.sending_at > in_doubt_after,
                ),
            ),
            INTENTS.c.sending_at > after,
            INTENTS.c.sending_at < before,
        )
        rows = await self._all(statement.distinct())
        return tuple(UserId(row.user_id) for row in rows)


_OLDEST_FIRST = (INTENTS.c.created_at, INTENTS.c.client_order_id)


def _to_records(rows: Iterable[Row[Any]]) -> tuple[IntentRecord, ...]:
    return tuple(_to_record(row) for row in rows)


def _to_record(row: Row[Any]) -> IntentRecord:
    return to_value(IntentRecord, row, intent=to_value(OrderIntent, row))
