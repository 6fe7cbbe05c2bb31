"""Funding payments, booked once by payment id."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func

from db.models.orders import FundingPaymentRow
from db.repositories.base import TenantRepository, do_nothing, table_of, to_columns, to_value
from trading.domain.units import Pair
from trading.ports import FundingPayment

PAYMENTS = table_of(FundingPaymentRow)


class FundingRepository(TenantRepository):
    """The tenant's funding payments."""

    async def add_payments(self, payments: Iterable[FundingPayment]) -> tuple[FundingPayment, ...]:
        """Book settlements; return the newly booked settlements, in the given order."""
        return tuple([payment for payment in payments if await self._add_payment(payment)])

    async def _add_payment(self, payment: FundingPayment) -> bool:
        return await self._put(PAYMENTS, to_columns(payment), on_conflict=do_nothing) == 1

    async def list_payments(
        self, pair: Pair, *, since: datetime | None = None
    ) -> tuple[FundingPayment, ...]:
        """Settlements of a pair at or after `since`, oldest first."""
        statement = self._select(PAYMENTS).where(PAYMENTS.c.symbol == pair)
        if since is not None:
            statement = statement.where(PAYMENTS.c.paid_at >= since)
        rows = await self._all(statement.order_by(PAYMENTS.c.paid_at, PAYMENTS.c.payment_id))
        return tuple(to_value(FundingPayment, row) for row in rows)

    async def last_payment_at(self, pair: Pair) -> datetime | None:
        """The newest settlement's instant, None before the first."""
        newest = func.max(PAYMENTS.c.paid_at)
        last: datetime | None = await self._scalar(
            self._select(PAYMENTS, newest).where(PAYMENTS.c.symbol == pair)
        )
        return last
