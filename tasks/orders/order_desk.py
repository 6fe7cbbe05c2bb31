"""Builds the objects for the orders of a pair, all bound to the same account.

Services, PairConfig -> open_desk -> OrderDesk: lookup, sender, sync, closer, protector
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tasks.orders.closing import Closer
from tasks.orders.order_lookup import OrderLookup
from tasks.orders.order_sender import OrderSender
from tasks.orders.pair_account import PairAccount
from tasks.orders.position_sync import PositionSync
from tasks.orders.protection import Protector
from tasks.runtime.container import Services
from trading.domain.accounts import PairConfig


class OrderDesk:
    """Lookup, sending, booking, closing and protection for a pair of an account."""

    def __init__(self, account: PairAccount) -> None:
        self.account = account
        self.lookup = lookup = OrderLookup(account=account)
        self.sender = sender = OrderSender(account=account, lookup=lookup)
        self.sync = sync = PositionSync(account=account, lookup=lookup)
        self.closer = Closer(account=account, lookup=lookup, sender=sender, sync=sync)
        self.protector = Protector(account=account, sender=sender, sync=sync, closer=self.closer)


@asynccontextmanager
async def open_desk(services: Services, config: PairConfig) -> AsyncIterator[OrderDesk]:
    """
    The desk of a pair; the end of the block closes the account.

    Raises:
        PermanentError: when the user has no account to connect to.
    """
    async with services.exchange(config) as exchange:
        account = PairAccount(services=services, exchange=exchange, config=config)
        yield OrderDesk(account)
