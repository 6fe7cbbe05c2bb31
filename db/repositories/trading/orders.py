"""Orders in the newest state reported by the venue; an order never returns to an older state."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, or_
from sqlalchemy.dialects.postgresql import Insert

from db.models.orders import OrderRow
from db.repositories.base import RENAMES, TenantRepository, table_of, to_columns, to_value
from trading.domain.orders import Order, OrderStatus
from trading.domain.units import ClientOrderId, Pair

ORDERS = table_of(OrderRow)
FINAL = tuple(status for status in OrderStatus if status.is_final)
ORDER_RENAMES = {
    **RENAMES,
    "created_at": "venue_created_at",
    "updated_at": "venue_updated_at",
}
IS_OURS = ORDERS.c.client_order_id.is_not(None)


class OrderRepository(TenantRepository):
    """The tenant's orders."""

    async def save_order(self, order: Order) -> None:
        """
        Store an order reported by the venue, by client order id or else by venue order id.

        A report that would reopen a final order or reduce the filled quantity is outdated and is
        dropped.
        """
        row = to_columns(order, renames=ORDER_RENAMES)
        is_ours = order.client_order_id is not None
        on_conflict = _take_news_by_our_name if is_ours else _take_news_by_venue_name
        await self._put(ORDERS, row, on_conflict=on_conflict)

    async def load_order(self, client_order_id: ClientOrderId) -> Order | None:
        """The order of a client order id, None when the venue is not known to have the order."""
        row = await self._first(
            self._select(ORDERS).where(ORDERS.c.client_order_id == client_order_id)
        )
        return _to_order(row) if row is not None else None

    async def list_orders(self, pair: Pair, *, limit: int) -> tuple[Order, ...]:
        """Orders of a pair, newest first."""
        statement = self._select(ORDERS).where(ORDERS.c.symbol == pair)
        rows = await self._all(statement.order_by(*_NEWEST_FIRST).limit(limit))
        return tuple(_to_order(row) for row in rows)


def _take_news_by_our_name(new: Insert, columns: Collection[str]) -> Insert:
    return _take_news(new, columns, keys=("user_id", "client_order_id"), where=IS_OURS)


def _take_news_by_venue_name(new: Insert, columns: Collection[str]) -> Insert:
    keys = ("user_id", "venue", "symbol", "venue_order_id")
    return _take_news(new, columns, keys=keys, where=~IS_OURS)


def _take_news(
    new: Insert, columns: Collection[str], *, keys: Collection[str], where: ColumnElement[bool]
) -> Insert:
    news = new.excluded
    return new.on_conflict_do_update(
        index_elements=keys,
        index_where=where,
        set_={name: news[name] for name in columns if name not in keys},
        where=or_(ORDERS.c.status.not_in(FINAL), news.status.in_(FINAL))
        & (news.filled_quantity >= ORDERS.c.filled_quantity),
    )


_NEWEST_FIRST = (ORDERS.c.venue_created_at.desc(), ORDERS.c.order_row_id.desc())


def _to_order(row: Row[Any]) -> Order:
    return to_value(Order, row, renames=ORDER_RENAMES)
