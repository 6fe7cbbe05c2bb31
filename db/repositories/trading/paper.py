"""Books of the paper venue, saved in whole steps like a real exchange's.

    load_book -> PaperBook -> (trading.simulation.exchange) -> PaperStep -> save_step

A step is saved only on the version of the loaded book; otherwise nothing is saved, and the caller
starts again from the newer book. So under any concurrency each order is placed once and each fill
booked once. A single statement reads the book, so no save can come in between.
"""

from collections.abc import Callable, Collection
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    LABEL_STYLE_TABLENAME_PLUS_COL,
    Row,
    Table,
    and_,
)
from sqlalchemy.dialects.postgresql import Insert

from db.models.paper import (
    PaperAccountRow,
    PaperFillRow,
    PaperFundingRow,
    PaperOrderRow,
    PaperPositionRow,
    PaperTransferRow,
)
from db.repositories.base import RENAMES, TenantRepository, table_of, to_columns, to_value
from db.repositories.trading.orders import ORDER_RENAMES
from trading.domain.errors import TransientError
from trading.domain.messages import message
from trading.domain.orders import Fill, Order, OrderStatus
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, PositionSide, VenueName
from trading.ports import FundingPayment
from trading.simulation.account import PaperBook, PaperLedger, PaperPair, PaperStep
from trading.simulation.settlement import deposit, withdraw

ACCOUNTS = table_of(PaperAccountRow)
PAIRS = table_of(PaperPositionRow)
ORDERS = table_of(PaperOrderRow)
FILLS = table_of(PaperFillRow)
PAYMENTS = table_of(PaperFundingRow)
TRANSFERS = table_of(PaperTransferRow)


def _labels(kind: type[Any], table: Table) -> dict[str, str]:
    """Field -> label of the column in a statement over several tables."""
    names = ORDER_RENAMES if table is ORDERS else RENAMES
    return {f.name: f"{table.name}_{names.get(f.name, f.name)}" for f in fields(kind)}


LEDGER_LABELS = _labels(PaperLedger, ACCOUNTS)
PAIR_LABELS = _labels(PaperPair, PAIRS)
POSITION_LABELS = _labels(Position, PAIRS)
ORDER_LABELS = _labels(Order, ORDERS)

TRANSFER_ATTEMPTS = 5


class PaperRepository(TenantRepository):
    """The tenant's paper account."""

    async def load_book(self) -> PaperBook:
        """The stored book; an empty book with version 0 when none is stored."""
        everything = ACCOUNTS.outerjoin(PAIRS, PAIRS.c.user_id == ACCOUNTS.c.user_id).outerjoin(
            ORDERS,
            and_(
                ORDERS.c.user_id == PAIRS.c.user_id,
                ORDERS.c.symbol == PAIRS.c.symbol,
                ORDERS.c.status == OrderStatus.ACCEPTED,
            ),
        )
        statement = self._select(ACCOUNTS, ACCOUNTS, PAIRS, ORDERS).select_from(everything)
        statement = statement.order_by(PAIRS.c.symbol, ORDERS.c.order_row_id)
        rows = await self._all(statement.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL))
        if not rows:
            return PaperBook(user_id=self._user_id)
        return PaperBook(
            user_id=self._user_id,
            ledger=to_value(PaperLedger, rows[0], renames=LEDGER_LABELS),
            pairs=_to_pairs(rows),
            sequence=rows[0].paper_accounts_sequence,
            version=rows[0].paper_accounts_version,
        )

    async def save_step(self, step: PaperStep) -> bool:
        """
        Store a step whole.

        Returns False, and stores nothing, when the book has changed since the load.
        """
        if not await self._save_account(step.book):
            return False
        await self._save_pairs(step.book)
        await self._save_orders(step.orders)
        fills = [{**to_columns(f.fill), "realized_pnl": f.realized_pnl} for f in step.fills]
        for table, rows in (
            (FILLS, fills),
            (PAYMENTS, [to_columns(payment) for payment in step.payments]),
            (TRANSFERS, [to_columns(transfer) for transfer in step.transfers]),
        ):
            if rows:
                await self._run(self._insert(table, *rows))
        return True

    async def deposit(self, amount: Decimal, *, now: datetime) -> None:
        """Add money, in the caller's transaction. Raises BadInput unless the amount is above 0."""
        await self._transfer(lambda book: deposit(book, amount, at=now))

    async def withdraw(self, amount: Decimal, *, now: datetime) -> None:
        """Withdraw money, in the caller's transaction. Raises BadInput for money not available."""
        await self._transfer(lambda book: withdraw(book, amount, at=now))

    async def find_order(self, client_order_id: ClientOrderId) -> Order | None:
        """The order of a client order id, also a final order."""
        row = await self._first(
            self._select(ORDERS).where(ORDERS.c.client_order_id == client_order_id)
        )
        return to_value(Order, row, renames=ORDER_RENAMES) if row is not None else None

    async def list_orders(self, pair: Pair, *, limit: int) -> tuple[Order, ...]:
        """Orders of a pair, newest first."""
        statement = self._select(ORDERS).where(ORDERS.c.symbol == pair)
        rows = await self._all(statement.order_by(ORDERS.c.order_row_id.desc()).limit(limit))
        return tuple(to_value(Order, row, renames=ORDER_RENAMES) for row in rows)

    async def list_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        """Executions at or after `since`, oldest first."""
        statement = self._select(FILLS).where(FILLS.c.symbol == pair, FILLS.c.filled_at >= since)
        rows = await self._all(statement.order_by(FILLS.c.filled_at, FILLS.c.fill_row_id))
        return tuple(to_value(Fill, row) for row in rows)

    async def list_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        """Settlements at or after `since`, oldest first."""
        statement = self._select(PAYMENTS).where(
            PAYMENTS.c.symbol == pair, PAYMENTS.c.paid_at >= since
        )
        rows = await self._all(statement.order_by(PAYMENTS.c.paid_at))
        return tuple(to_value(FundingPayment, row) for row in rows)

    async def _transfer(self, apply: Callable[[PaperBook], PaperStep]) -> None:
        # A late save has waited for the other commit, so the next load sees the commit.
        for _ in range(TRANSFER_ATTEMPTS):
            if await self.save_step(apply(await self.load_book())):
                return
        raise TransientError(message("paper-busy"))

    async def _save_account(self, book: PaperBook) -> bool:
        row = {
            **to_columns(book.ledger),
            "balance": book.balance,
            "sequence": book.sequence,
            "version": book.version + 1,
        }
        if book.version == 0:
            return await self._run(self._insert(ACCOUNTS, row).on_conflict_do_nothing()) == 1
        update = self._update(ACCOUNTS).where(ACCOUNTS.c.version == book.version)
        return await self._run(update.values(row)) == 1

    async def _save_pairs(self, book: PaperBook) -> None:
        for entry in book.pairs:
            await self._put(PAIRS, _from_pair(entry), on_conflict=_take_newest_pair)

    async def _save_orders(self, orders: tuple[Order, ...]) -> None:
        # The latest state of each order counts; it keeps the place of its first, which is the
        # order of placing.
        latest = {order.venue_order_id: order for order in orders}
        for order in latest.values():
            row = to_columns(order, renames=ORDER_RENAMES)
            await self._put(ORDERS, row, on_conflict=_take_newest_order)


def _take_newest_pair(new: Insert, columns: Collection[str]) -> Insert:
    keys = ("user_id", "symbol")
    news = {name: new.excluded[name] for name in columns if name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=news)


def _take_newest_order(new: Insert, columns: Collection[str]) -> Insert:  # noqa: ARG001 (the type's)
    changing = ("status", "filled_quantity", "average_fill_price", "venue_updated_at")
    return new.on_conflict_do_update(
        index_elements=["user_id", "venue_order_id"],
        set_={name: new.excluded[name] for name in changing},
    )


def _to_pairs(rows: list[Row[Any]]) -> tuple[PaperPair, ...]:
    """An entry for each pair, with the joined orders."""
    orders: dict[Pair, list[Order]] = {}
    entries: dict[Pair, Row[Any]] = {}
    for row in rows:
        if row.paper_positions_symbol is None:
            continue
        entries[row.paper_positions_symbol] = row
        resting = orders.setdefault(row.paper_positions_symbol, [])
        if row.paper_orders_venue_order_id is not None:
            resting.append(to_value(Order, row, renames=ORDER_LABELS))
    return tuple(
        to_value(
            PaperPair,
            row,
            renames=PAIR_LABELS,
            position=_to_position(row),
            orders=tuple(orders[pair]),
        )
        for pair, row in entries.items()
    )


def _to_position(row: Row[Any]) -> Position | None:
    if row.paper_positions_side is PositionSide.FLAT:
        return None
    return to_value(
        Position,
        row,
        renames=POSITION_LABELS,
        venue=VenueName.PAPER,
        stop_price=None,
        target_price=None,
        closed_at=None,
    )


def _from_pair(entry: PaperPair) -> dict[str, Any]:
    position = entry.position
    return {
        **to_columns(entry, without=("position", "orders")),
        "side": position.side if position else PositionSide.FLAT,
        "quantity": position.quantity if position else ZERO,
        "average_entry_price": position.average_entry_price if position else ZERO,
        "opened_at": position.opened_at if position else None,
        "realized_pnl": position.realized_pnl if position else ZERO,
        "fees": position.fees if position else ZERO,
        "funding": position.funding if position else ZERO,
    }
