"""Requests to close a pair's position; one row for each open request.

/panic, /close -> save_request -> claim_due (guard) | mark_tried (flow) -> remove_request when flat
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from db.models.positions import CloseRequestRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from trading.domain.close_requests import HEAD_START, RETRY_AFTER, CloseRequest
from trading.domain.messages import NO_MESSAGE, Message
from trading.domain.units import Pair

REQUESTS = table_of(CloseRequestRow)


class CloseRequestRepository(TenantRepository):
    """The tenant's requests."""

    async def save_requests(self, pairs: Iterable[Pair], *, actor: str, now: datetime) -> None:
        """Store a request for each pair; an open request of the same pair starts anew."""
        for pair in pairs:
            row = {
                "requested_at": now,
                "requested_by": actor,
                "tried_at": None,
                "attempts": 0,
                "reason": NO_MESSAGE,
            }
            statement = self._insert(REQUESTS, {**row, "symbol": pair})
            await self._run(
                statement.on_conflict_do_update(constraint=REQUESTS.primary_key, set_=row)
            )

    async def mark_tried(self, pair: Pair, *, now: datetime, reason: Message = NO_MESSAGE) -> bool:
        """
        Note an attempt, so that the guards wait; False when there is no request.

        Args:
            reason: why the pair is not flat after the attempt; "" before the attempt has ended.
        """
        statement = self._update(REQUESTS).where(REQUESTS.c.symbol == pair)
        return await self._run(statement.values(tried_at=now, reason=reason)) == 1

    async def remove_request(self, pair: Pair) -> bool:
        """Delete the request of a pair that is flat or resumed; False when there is none."""
        return await self._run(self._delete(REQUESTS).where(REQUESTS.c.symbol == pair)) == 1


class OperatorCloseRequestRepository(OperatorRepository):
    """Everybody's requests."""

    async def claim_due(self, now: datetime) -> tuple[CloseRequest, ...]:
        """
        Requests whose next attempt is due; their attempt is noted, so one worker takes each.

        A request is due `HEAD_START` after it was made and `RETRY_AFTER` after each attempt.
        """
        is_due = REQUESTS.c.tried_at.is_(None) & (REQUESTS.c.requested_at <= now - HEAD_START)
        is_again = REQUESTS.c.tried_at <= now - RETRY_AFTER
        statement = (
            update(REQUESTS)
            .where(is_due | is_again)
            .values(tried_at=now, attempts=REQUESTS.c.attempts + 1)
            .returning(REQUESTS)
        )
        rows = await self._all(statement)
        return tuple(to_value(CloseRequest, row) for row in rows)

    async def list_overdue(self, before: datetime) -> tuple[CloseRequest, ...]:
        """Open requests that were made before an instant, oldest first."""
        rows = await self._all(
            select(REQUESTS)
            .where(REQUESTS.c.requested_at <= before)
            .order_by(REQUESTS.c.requested_at)
        )
        return tuple(to_value(CloseRequest, row) for row in rows)
