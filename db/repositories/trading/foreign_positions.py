"""Positions that Quorum did not open; one row for each pair, with the owner's request.

booking -> save_seen | forget      /adopt -> ask      guard -> claim_asked
"""

from datetime import datetime

from sqlalchemy import select, update

from db.models.positions import ForeignPositionRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from trading.domain.foreign_positions import ForeignPosition
from trading.domain.positions import Position
from trading.domain.units import Pair

FOREIGN = table_of(ForeignPositionRow)


class ForeignPositionRepository(TenantRepository):
    """The tenant's foreign positions."""

    async def load_foreign_position(self, pair: Pair) -> ForeignPosition | None:
        """The pair's foreign position as last seen, None without one."""
        row = await self._first(self._select(FOREIGN).where(FOREIGN.c.symbol == pair))
        return to_value(ForeignPosition, row) if row is not None else None

    async def save_seen(self, position: Position, *, now: datetime) -> None:
        """Store the venue's position; a request of the owner stays."""
        row = {
            "side": position.side,
            "quantity": position.quantity,
            "average_entry_price": position.average_entry_price,
            "seen_at": now,
        }
        statement = self._insert(FOREIGN, {**row, "symbol": position.pair})
        await self._run(statement.on_conflict_do_update(constraint=FOREIGN.primary_key, set_=row))

    async def forget(self, pair: Pair) -> bool:
        """Delete the row of a pair without a foreign position; False when there is none."""
        return await self._run(self._delete(FOREIGN).where(FOREIGN.c.symbol == pair)) == 1

    async def ask(self, pair: Pair, *, actor: str, now: datetime) -> bool:
        """Store the owner's word to take the position over; False without a foreign position."""
        statement = self._update(FOREIGN).where(FOREIGN.c.symbol == pair)
        return await self._run(statement.values(asked_at=now, asked_by=actor)) == 1


class OperatorForeignPositionRepository(OperatorRepository):
    """Everybody's foreign positions."""

    async def claim_asked(self) -> tuple[ForeignPosition, ...]:
        """Requests of all owners; a request is taken once, by one worker."""
        asked = (
            select(FOREIGN.c.user_id, FOREIGN.c.symbol, FOREIGN.c.asked_at)
            .where(FOREIGN.c.asked_at.is_not(None))
            .with_for_update(skip_locked=True)
            .subquery()
        )
        statement = (
            update(FOREIGN)
            .where(FOREIGN.c.user_id == asked.c.user_id, FOREIGN.c.symbol == asked.c.symbol)
            .values(asked_at=None)
            .returning(FOREIGN)
        )
        rows = await self._all(statement)
        return tuple(to_value(ForeignPosition, row) for row in rows)
