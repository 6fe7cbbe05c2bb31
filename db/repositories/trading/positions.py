"""Positions: a row for each lifetime, at most one open for each pair."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from db.models.positions import PositionRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    do_nothing,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.domain.positions import Position
from trading.domain.units import Pair, UserId
from trading.portfolio.valuation import Ledger

POSITIONS = table_of(PositionRow)
IS_OPEN = POSITIONS.c.closed_at.is_(None)


class PositionRepository(TenantRepository):
    """The tenant's positions."""

    async def load_open_position(self, pair: Pair) -> Position | None:
        """The pair's open position, None when flat."""
        row = await self._first(self._select(POSITIONS).where(POSITIONS.c.symbol == pair, IS_OPEN))
        return to_value(Position, row) if row is not None else None

    async def save_position(self, position: Position) -> None:
        """
        Store the current state of a position; pair and `opened_at` identify a lifetime.

        Repeating a save changes nothing; saving a closed position closes the open row.

        Raises:
            PermanentError: while another lifetime of the pair is open: close the other first.
        """
        row = to_columns(position)
        closing_or_same = or_(IS_OPEN, POSITIONS.c.closed_at == position.closed_at)
        statement = self._update(POSITIONS).where(
            POSITIONS.c.symbol == position.pair,
            POSITIONS.c.opened_at == position.opened_at,
            closing_or_same,
        )
        if await self._run(statement.values(row)):
            return
        if await self._put(POSITIONS, row, on_conflict=do_nothing) != 1:
            raise PermanentError(message("position-still-open", pair=str(position.pair)))

    async def list_open_positions(self) -> tuple[Position, ...]:
        """Open positions of all the user's pairs, oldest first."""
        statement = self._select(POSITIONS).where(IS_OPEN)
        rows = await self._all(statement.order_by(POSITIONS.c.opened_at))
        return tuple(to_value(Position, row) for row in rows)

    async def list_closed_positions(
        self, *pairs: Pair, since: datetime | None = None, limit: int | None = None
    ) -> tuple[Position, ...]:
        """Positions of the pairs closed at or after `since`, newest first."""
        statement = _newest_closed(self._select(POSITIONS)).where(POSITIONS.c.symbol.in_(pairs))
        if since is not None:
            statement = statement.where(POSITIONS.c.closed_at >= since)
        rows = await self._all(statement.limit(limit))
        return tuple(to_value(Position, row) for row in rows)

    async def sum_closed_positions(self, pair: Pair, *, since: datetime) -> Ledger:
        """Totals of the pair's positions closed at or after `since`."""
        amounts = (POSITIONS.c.realized_pnl, POSITIONS.c.fees, POSITIONS.c.funding)
        sums = (func.coalesce(func.sum(amount), 0).label(amount.name) for amount in amounts)
        closed = self._select(POSITIONS, *sums).where(
            POSITIONS.c.symbol == pair, POSITIONS.c.closed_at >= since
        )
        (row,) = await self._all(closed)
        return to_value(Ledger, row)


class OperatorPositionRepository(OperatorRepository):
    """Positions of all users, for reconciliation and monitoring."""

    async def list_all_open_positions(self) -> tuple[tuple[UserId, Position], ...]:
        """Open positions with the user of each, by user."""
        statement = select(POSITIONS).where(IS_OPEN)
        rows = await self._all(statement.order_by(POSITIONS.c.user_id, POSITIONS.c.opened_at))
        return tuple((UserId(row.user_id), to_value(Position, row)) for row in rows)

    async def list_users_with_unprotected_positions(self, before: datetime) -> tuple[UserId, ...]:
        """Users with a position opened before `before` and without a stop."""
        statement = select(POSITIONS.c.user_id).where(
            IS_OPEN, POSITIONS.c.stop_price.is_(None), POSITIONS.c.opened_at < before
        )
        rows = await self._all(statement.distinct())
        return tuple(UserId(row.user_id) for row in rows)


def _newest_closed(statement: Select[Any]) -> Select[Any]:
    return statement.where(POSITIONS.c.closed_at.is_not(None)).order_by(
        POSITIONS.c.closed_at.desc(), POSITIONS.c.position_id.desc()
    )
