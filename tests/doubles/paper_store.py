"""The paper venue's books in memory: the PaperStore port with its version check, and its failures.

`before_save` runs once before the next save: a rival that gets there first, or a database that is
lost. What it raises comes out of the save.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from trading.domain.orders import Fill, Order
from trading.domain.units import ClientOrderId, Pair
from trading.ports import FundingPayment
from trading.simulation.account import PaperBook, PaperStep


@dataclass(slots=True, kw_only=True)
class MemoryPaperStore:
    """
    One user's books.

    Attributes:
        saves: how many steps were saved; loads: how often the book was read.
    """

    book: PaperBook
    orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    payments: list[FundingPayment] = field(default_factory=list)
    before_save: Callable[[], Awaitable[None]] | None = None
    saves: int = 0
    loads: int = 0

    async def load_book(self) -> PaperBook:
        self.loads += 1
        return self.book

    async def load_book_and_order(
        self, client_order_id: ClientOrderId
    ) -> tuple[PaperBook, Order | None]:
        return await self.load_book(), await self.find_order(client_order_id)

    async def save_step(self, step: PaperStep) -> bool:
        rival, self.before_save = self.before_save, None
        if rival is not None:
            await rival()
        if step.book.version != self.book.version:
            return False
        self.book = replace(step.book, version=step.book.version + 1)
        self.orders |= {order.venue_order_id: order for order in step.orders}
        self.fills += [one.fill for one in step.fills]
        self.payments += step.payments
        self.saves += 1
        return True

    async def find_order(self, client_order_id: ClientOrderId) -> Order | None:
        named = (o for o in self.orders.values() if o.client_order_id == client_order_id)
        return next(named, None)

    async def list_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        return tuple(f for f in self.fills if f.pair == pair and f.filled_at >= since)

    async def list_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        return tuple(p for p in self.payments if p.pair == pair and p.paid_at >= since)
