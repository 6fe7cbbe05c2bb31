"""Profit transfers: written before the transfer, settled once, summed up."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func

from db.models.orders import ProfitTransferRow
from db.repositories.base import TenantRepository, table_of, to_columns, to_value
from trading.domain.messages import Message
from trading.domain.transfers import ProfitTransfer, TransferStatus
from trading.domain.units import ZERO, Pair

TRANSFERS = table_of(ProfitTransferRow)
OPEN = tuple(status for status in TransferStatus if status.is_open)
COUNTED = (*OPEN, TransferStatus.DONE)
"""What may have moved counts as moved until it is proven that it has not."""


class TransferRepository(TenantRepository):
    """The tenant's transfers of profit."""

    async def add_transfer(self, transfer: ProfitTransfer) -> bool:
        """Store a transfer; False when a transfer of the same id exists."""
        if transfer.user_id != self._user_id:
            raise ValueError("a transfer is written in its own user's session")
        row = {**to_columns(transfer), "transfer_id": transfer.transfer_id}
        return await self._run(self._insert(TRANSFERS, row).on_conflict_do_nothing()) == 1

    async def settle_transfer(
        self, transfer: ProfitTransfer, *, status: TransferStatus, reason: Message, now: datetime
    ) -> bool:
        """Record the outcome, also an unknown outcome; False when recorded before."""
        statement = self._update(TRANSFERS).where(
            TRANSFERS.c.transfer_id == transfer.transfer_id, TRANSFERS.c.status.in_(OPEN)
        )
        settled_at = None if status.is_open else now
        settled = {"status": status, "reason": reason, "settled_at": settled_at}
        return await self._run(statement.values(**settled)) == 1

    async def list_open_transfers(self) -> tuple[ProfitTransfer, ...]:
        """What may have moved and is not proven, oldest first."""
        statement = self._select(TRANSFERS).where(TRANSFERS.c.status.in_(OPEN))
        rows = await self._all(statement.order_by(TRANSFERS.c.requested_at))
        return tuple(to_value(ProfitTransfer, row) for row in rows)

    async def sum_set_aside(self, pair: Pair, *, since: datetime) -> Decimal:
        """Quote units set aside from a pair at or after `since`; in doubt counts as moved."""
        statement = self._select(TRANSFERS, func.sum(TRANSFERS.c.amount)).where(
            TRANSFERS.c.symbol == pair,
            TRANSFERS.c.requested_at >= since,
            TRANSFERS.c.status.in_(COUNTED),
        )
        total: Decimal | None = await self._scalar(statement)
        return total or ZERO
