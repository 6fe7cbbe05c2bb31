"""A user's account at a venue, opened to trade a pair."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from db.session import Tenant
from tasks.runtime.container import Services
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair
from trading.ports import Exchange


@runtime_checkable
class RulesCache(Protocol):
    """A market that keeps the rules of pairs."""

    def forget_instrument(self, pair: Pair) -> None:
        """Drop the rules of a pair; the next read fetches new rules."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAccount:
    """
    The exchange account, the services and the configuration of a user's pair.

    Attributes:
        exchange: the open connection to the account of `config.user_id`.
    """

    services: Services
    exchange: Exchange
    config: PairConfig

    def now(self) -> datetime:
        """The current instant, aware UTC."""
        return self.services.clock()

    def transaction(self) -> AbstractAsyncContextManager[Tenant]:
        """A new database transaction of the user."""
        return self.services.database.tenant(self.config.user_id)

    async def fetch_instrument(self) -> Instrument | None:
        """The rules of the pair at the venue of the orders; None when nobody tells them."""
        market = self.services.markets.get(self.config.trade_venue)
        if market is None:
            return None
        try:
            return await market.fetch_instrument(self.config.pair, as_of=self.now())
        except QuorumError:
            return None

    def forget_instrument(self) -> None:
        """Drop the cached rules of cycles and stops: an answer of the venue contradicts them."""
        market: object = self.services.markets.get(self.config.trade_venue)
        if isinstance(market, RulesCache):
            market.forget_instrument(self.config.pair)

    async def read[Answer](self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a read, with retries. Raises as `retry_read`."""
        return await self.services.read(ask)
