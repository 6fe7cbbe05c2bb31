"""A user's real account at a venue: the sealed key opened, handed to the adapter, nowhere else.

exchange_accounts (sealed) -> Credentials -> BinanceExchange | BybitExchange, at the real or the
                                             demo host -> before an entry: is the key still good?

The key exists in clear only inside the adapter that this opens. All users behind this machine's
address share one request budget for each venue, kept in a file under the home. A key's rights are
asked for again before the first entry after a restart and when the last answer is a day old: one
that may withdraw by now enters nothing; what reduces goes out whatever the key may. Trading live
is still refused for everybody (`tasks.connections`): `connect` is ready for the day it is not.
"""

from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta

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
from trading.credentials import Environment
from trading.errors import PermanentError
from trading.ports import Clock
from trading.units import UserId
from trading.units import VenueName

BUDGETS = "budgets"
"""Folder of the shared request budgets, under the home."""
KEY_LIFE = timedelta(days=1)
DEMO_URLS = {
    VenueName.BINANCE: "https://demo-fapi.binance.com",
    VenueName.BYBIT: "https://api-demo.bybit.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccounts:
    """
    Opens users' accounts.

    Attributes:
        urls: another host for a venue (its demo, a test), by venue; the venue's own when absent.
        settings: where the home and the master key are.
        confirmed: when this process last heard of a key that it may trade, by user and venue.
    """

    urls: Mapping[VenueName, str] = field(default_factory=dict)
    settings: DatabaseSettings = field(default_factory=DatabaseSettings)
    confirmed: dict[tuple[UserId, VenueName], datetime] = field(default_factory=dict)

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
        account = await self.connect(database, user_id=user_id, venue=venue, clock=clock)
        try:
            yield account
        finally:
            await account.close()
            await account.market.close()

    async def connect(
        self, database: Database, *, user_id: UserId, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        """The same for a caller who closes it and its market. Raises as `open`."""
        keys = load_master_keys(self.settings.secrets, from_environment=self.settings.master_key)
        async with database.tenant(user_id) as tenant:
            credentials = await tenant.accounts.load_credentials(venue, keys=keys)
        if credentials is None:
            raise PermanentError(f"No key for {venue} is connected.")
        account = self._connect(credentials, venue=venue, clock=clock)

        async def permit() -> None:
            await self._confirm(database, account, user_id=user_id, clock=clock)

        account.permit = permit
        return account

    async def _confirm(
        self, database: Database, account: AccountExchange, *, user_id: UserId, clock: Clock
    ) -> None:
        """The key's rights, asked once a day and after every restart. Raises as `check_key`."""
        key, now = (user_id, account.venue), clock()
        confirmed_at = self.confirmed.get(key)
        if confirmed_at is not None and now - confirmed_at < KEY_LIFE:
            return
        await account.check_key()
        async with database.tenant(user_id) as tenant:
            await tenant.accounts.set_verified(account.venue, now=now)
        self.confirmed[key] = now

    def _connect(
        self, credentials: Credentials, *, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        is_demo = credentials.environment is Environment.DEMO
        url = self.urls.get(venue) or (DEMO_URLS.get(venue) if is_demo else None)
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
