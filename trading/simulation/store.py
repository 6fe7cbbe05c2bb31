"""Port of the storage for the books of simulated accounts."""

from datetime import datetime
from typing import Protocol

from trading.domain.orders import Fill, Order
from trading.domain.units import ClientOrderId, Pair
from trading.ports import FundingPayment
from trading.simulation.account import PaperBook, PaperStep


class PaperStore(Protocol):
    """
    Storage of one user's paper books; every method is one transaction.

    Errors of the database pass through; the outcome of a write is then unknown.
    """

    async def load_book(self) -> PaperBook:
        """The stored book; an empty book with version 0 for a new user."""
        ...

    async def load_book_and_order(
        self, client_order_id: ClientOrderId
    ) -> tuple[PaperBook, Order | None]:
        """The stored book and the order with our client order id, finished orders included."""
        ...

    async def save_step(self, step: PaperStep) -> bool:
        """Store the whole step; False and nothing stored when another writer changed the book."""
        ...

    async def find_order(self, client_order_id: ClientOrderId) -> Order | None:
        """The order with our client order id, finished orders included."""
        ...

    async def list_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        """Executions at or after `since`, oldest first."""
        ...

    async def list_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        """Settlements at or after `since`, oldest first."""
        ...
