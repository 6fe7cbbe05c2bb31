"""Storage port of the paper venue: each call is a transaction of the account's user.

PaperExchange -> PaperStore (this module) -> Database.tenant(user_id).paper

The venue lives in `blocks`, without access to the database, and receives this store as an
argument.
"""

from datetime import datetime

from db.session import Database
from trading.domain.orders import Fill, Order
from trading.domain.units import ClientOrderId, Pair, UserId
from trading.ports import FundingPayment
from trading.simulation.account import PaperBook, PaperStep


class TenantPaperStore:
    """The paper books of a user; implements `trading.simulation.store.PaperStore`."""

    def __init__(self, database: Database, *, user_id: UserId) -> None:
        self._database = database
        self._user_id = user_id

    async def load_book(self) -> PaperBook:
        async with self._database.tenant(self._user_id) as tenant:
            return await tenant.paper.load_book()

    async def load_book_and_order(
        self, client_order_id: ClientOrderId
    ) -> tuple[PaperBook, Order | None]:
        async with self._database.tenant(self._user_id) as tenant:
            book = await tenant.paper.load_book()
            return book, await tenant.paper.find_order(client_order_id)

    async def save_step(self, step: PaperStep) -> bool:
        async with self._database.tenant(self._user_id) as tenant:
            return await tenant.paper.save_step(step)

    async def find_order(self, client_order_id: ClientOrderId) -> Order | None:
        async with self._database.tenant(self._user_id) as tenant:
            return await tenant.paper.find_order(client_order_id)

    async def list_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        async with self._database.tenant(self._user_id) as tenant:
            return await tenant.paper.list_fills(pair, since=since)

    async def list_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        async with self._database.tenant(self._user_id) as tenant:
            return await tenant.paper.list_payments(pair, since=since)
