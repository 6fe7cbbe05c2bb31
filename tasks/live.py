"""A user's real account at a venue: the sealed key opened, handed to the adapter, nowhere else.

exchange_accounts (sealed) -> Credentials -> BinanceExchange | BybitExchange

The key exists in clear only inside the adapter that this opens. All users behind this machine's
address share one request budget for each venue, kept in a file under the home. Trading live is
still refused for everybody (`tasks.connections`): an account can be verified, not traded on.
"""

from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field

from blocks.venues.account import AccountExchange
from blocks.venues.binance import BinanceMarket
from blocks.venues.binance_account import BinanceExchange
from blocks.venues.budget import BINANCE_ALLOWANCE
from blocks.venues.budget import BYBIT_ALLOWANCE
from blocks.venues.budget import AddressBudget
from blocks.venues.bybit import BybitMarket
from blocks.venues.bybit_account import BybitExchange
from db.sealing import load_master_keys
from db.session import Database
from db.settings import DatabaseSettings
from trading.credentials import Credentials
from trading.errors import PermanentError
from trading.ports import Clock
from trading.units import UserId
from trading.units import VenueName

BUDGETS = "budgets"
"""Folder of the shared request budgets, under the home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccounts:
    """
    Opens users' accounts.

    Attributes:
        urls: another host for a venue (its demo, a test), by venue; the venue's own when absent.
        settings: where the home and the master key are.
    """

    urls: Mapping[VenueName, str] = field(default_factory=dict)
    settings: DatabaseSettings = field(default_factory=DatabaseSettings)

    @asynccontextmanager
    async def open(
        self, database: Database, *, user_id: UserId, venue: VenueName, clock: Clock
    ) -> AsyncIterator[AccountExchange]:
        """
        One user's account, closed at the end of the block.

        Raises:
            PermanentError: when no key is connected, it can't be opened, or there is no such
                venue.
        """
        keys = load_master_keys(self.settings.secrets, from_environment=self.settings.master_key)
        async with database.tenant(user_id) as tenant:
            credentials = await tenant.accounts.load_credentials(venue, keys=keys)
        if credentials is None:
            raise PermanentError(f"No key for {venue} is connected.")
        account = self._connect(credentials, venue=venue, clock=clock)
        try:
            yield account
        finally:
            await account.close()
            await account.market.close()

    def _connect(
        self, credentials: Credentials, *, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        url = self.urls.get(venue)
        path = self.settings.home / BUDGETS / f"{venue}.json"
        if venue is VenueName.BINANCE:
            return BinanceExchange(
                credentials,
                market=BinanceMarket(url=url),
                clock=clock,
                budget=AddressBudget(BINANCE_ALLOWANCE, path=path),
                url=url,
            )
        if venue is VenueName.BYBIT:
            return BybitExchange(
                credentials,
                market=BybitMarket(url=url),
                clock=clock,
                budget=AddressBudget(BYBIT_ALLOWANCE, path=path),
                url=url,
            )
        raise PermanentError(f"{venue} has no accounts that a key opens.")
