"""Fills, booked once: the venue's trade id makes a second booking a no-op."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func

from db.models.orders import TradeRow
from db.repositories.base import TenantRepository, do_nothing, table_of, to_columns, to_value
from trading.domain.orders import Fill
from trading.domain.units import ClientOrderId, Pair

TRADES = table_of(TradeRow)


class TradeRepository(TenantRepository):
    """The tenant's fills."""

    async def add_fills(self, fills: Iterable[Fill]) -> tuple[Fill, ...]:
        """Book fills; return the newly booked fills, in the given order."""
        return tuple([fill for fill in fills if await self._add_fill(fill)])

    async def _add_fill(self, fill: Fill) -> bool:
        return await self._put(TRADES, to_columns(fill), on_conflict=do_nothing) == 1

    async def list_fills(self, pair: Pair, *, limit: int) -> tuple[Fill, ...]:
        """Fills of a pair, newest first."""
        statement = (
            self._select(TRADES)
            .where(TRADES.c.symbol == pair)
            .order_by(TRADES.c.filled_at.desc(), TRADES.c.trade_id.desc())
            .limit(limit)
        )
        return tuple(to_value(Fill, row) for row in await self._all(statement))

    async def sum_quantity(self, client_order_id: ClientOrderId) -> Decimal:
        """Base units of the booked fills of an order of ours."""
        total = func.coalesce(func.sum(TRADES.c.quantity), 0)
        of_order = self._select(TRADES, total).where(TRADES.c.client_order_id == client_order_id)
        return Decimal(await self._scalar(of_order))

    async def last_fill_at(self, pair: Pair) -> datetime | None:
        """The newest fill's instant, None before the first."""
        newest = func.max(TRADES.c.filled_at)
        last: datetime | None = await self._scalar(
            self._select(TRADES, newest).where(TRADES.c.symbol == pair)
        )
        return last
