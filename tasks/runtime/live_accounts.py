"""Opens a user's real account at a venue with the user's decrypted API key.

exchange_accounts (encrypted) -> Credentials -> BinanceExchange | BybitExchange at the real or demo
host -> permission check before an entry

Only the adapter holds the key in clear. All users behind this machine's address share the request
weight of each venue, counted in a file under the home. An entry needs an unlocked installation and
a key with permissions confirmed by the venue: after a restart, and once a day
(`tasks.monitoring.key_checks` asks, too). The lock and a refused key block entries only: exits,
stops and reads continue.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from blocks.venues.base.exchange import AccountExchange
from blocks.venues.base.market import PublicMarket
from blocks.venues.base.rate_limiter import BINANCE_ALLOWANCE, BYBIT_ALLOWANCE, AddressBudget
from blocks.venues.binance.exchange import BinanceExchange
from blocks.venues.binance.market import BinanceMarket
from blocks.venues.bybit.exchange import BybitExchange
from blocks.venues.bybit.market import BybitMarket
from db.encryption.envelope import MasterKeys, load_master_keys
from db.engine.settings import DatabaseSettings
from db.session import Database
from tasks.alerts.account import build_key_accepted, build_key_refused
from trading.domain.errors import PermanentError
from trading.domain.instruments import FeeRates
from trading.domain.messages import Message, message
from trading.domain.units import Pair, UserId, VenueName
from trading.ports import Clock
from trading.security.credentials import KEY_LIFE, Credentials, Environment

REQUEST_WEIGHTS = "budgets"
"""Folder of the shared request weight counters, under the home."""
DEMO_URLS = {
    VenueName.BINANCE: "https://demo-fapi.binance.com",
    VenueName.BYBIT: "https://api-demo.bybit.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccounts:
    """
    Opens the real accounts of users.

    Attributes:
        urls: another host for a venue (its demo, a test), by venue; the venue's own when absent.
        settings: where the home and the master key are.
        is_unlocked: whether entries may go out (`QUORUM_LIVE_UNLOCKED`).
        confirmed: the last confirmation of a key in this process, by user and venue.
        fee_rates: an account's own rates as last read, and until when they count; by user, venue
            and pair.
        real_urls: hosts of real accounts in place of the venue's own, by venue (regional sites).
    """

    urls: Mapping[VenueName, str] = field(default_factory=dict)
    settings: DatabaseSettings = field(default_factory=DatabaseSettings)
    is_unlocked: bool = False
    confirmed: dict[tuple[UserId, VenueName], datetime] = field(default_factory=dict)
    fee_rates: dict[tuple[UserId, VenueName, Pair], tuple[FeeRates | None, datetime]] = field(
        default_factory=dict
    )
    real_urls: Mapping[VenueName, str] = field(default_factory=dict)
    _markets: dict[tuple[VenueName, str | None], PublicMarket] = field(
        default_factory=dict, init=False, repr=False
    )

    @asynccontextmanager
    async def open(
        self, database: Database, *, user_id: UserId, venue: VenueName, clock: Clock
    ) -> AsyncIterator[AccountExchange]:
        """
        The account of a user, closed at the end of the block.

        Raises:
            PermanentError: when no key is connected, it can't be opened, or there is no such
                venue.
        """
        account = await self.connect(database, user_id=user_id, venue=venue, clock=clock)
        try:
            yield account
        finally:
            await account.close()

    async def connect(
        self, database: Database, *, user_id: UserId, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        """
        The account of a user; the caller closes the account.

        Trading rules are shared between users. Raises as `open`.
        """
        keys = self._load_keys()
        async with database.tenant(user_id) as tenant:
            credentials = await tenant.accounts.load_credentials(venue, keys=keys)
        if credentials is None:
            raise PermanentError(message("key-missing", venue=venue.title()))
        account = self._connect(credentials, venue=venue, clock=clock)

        async def permit() -> None:
            await self._permit(database, account, user_id=user_id, clock=clock)

        account.permit = permit
        return account

    async def reseal(self, database: Database, *, user_id: UserId) -> None:
        """Bring the user's sealed keys to the current form; damaged records are passed over."""
        async with database.tenant(user_id) as tenant:
            await tenant.lock_sealing()
            await tenant.accounts.rewrap_accounts(keys=self._load_keys())

    async def close(self) -> None:
        """Close the shared market connections."""
        while self._markets:
            _, market = self._markets.popitem()
            await market.close()

    async def confirm_key(
        self, database: Database, account: AccountExchange, *, user_id: UserId, now: datetime
    ) -> None:
        """
        Read the key's permissions from the venue; store them, alert the owner about a change.

        Raises:
            PermanentError: with what to tick and untick: the key is refused from now on.
            TransientError: when the venue does not answer: what it said before holds.
        """
        venue = account.venue
        async with database.tenant(user_id) as tenant:
            before = await tenant.accounts.load_standing(venue)
        try:
            await account.check_key()
        except PermanentError as error:
            await self.refuse_key(database, venue, user_id=user_id, why=error.message, now=now)
            raise
        async with database.tenant(user_id) as tenant:
            await tenant.accounts.set_verified(venue, now=now)
            if before is not None and before.refusal:
                await tenant.alerts.enqueue_alert(build_key_accepted(user_id, venue, now=now))
        self.confirmed[(user_id, venue)] = now

    async def refuse_key(
        self, database: Database, venue: VenueName, *, user_id: UserId, why: Message, now: datetime
    ) -> None:
        """Store that a key is not used any more; alert the owner of a key that was confirmed."""
        self.confirmed.pop((user_id, venue), None)
        async with database.tenant(user_id) as tenant:
            before = await tenant.accounts.load_standing(venue)
            await tenant.accounts.set_refused(venue, refusal=why, now=now)
            if before is not None and before.verified_at is not None:
                await tenant.alerts.enqueue_alert(
                    build_key_refused(user_id, venue, why=why, now=now)
                )

    async def _permit(
        self, database: Database, account: AccountExchange, *, user_id: UserId, clock: Clock
    ) -> None:
        """Raises PermanentError when an entry may not go out, TransientError for no answer."""
        if not self.is_unlocked:
            raise PermanentError(message("live-locked"))
        async with database.tenant(user_id) as tenant:
            standing = await tenant.accounts.load_standing(account.venue)
        if standing is None:
            raise PermanentError(message("key-missing", venue=account.venue.title()))
        if standing.refusal:
            raise PermanentError(standing.refusal)
        now, heard_at = clock(), self.confirmed.get((user_id, account.venue))
        if standing.verified_at and heard_at and now - heard_at < KEY_LIFE:
            return
        await self.confirm_key(database, account, user_id=user_id, now=now)

    def _connect(
        self, credentials: Credentials, *, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        is_demo = credentials.environment is Environment.DEMO
        own = DEMO_URLS if is_demo else self.real_urls
        url = self.urls.get(venue) or own.get(venue)
        path = self.settings.home / REQUEST_WEIGHTS / f"{venue}.json"
        if venue is VenueName.BINANCE:
            return BinanceExchange(
                credentials,
                market=self._market(venue, url),
                clock=clock,
                budget=AddressBudget(BINANCE_ALLOWANCE, path=path),
                url=url,
            )
        if venue is VenueName.BYBIT:
            return BybitExchange(
                credentials,
                market=self._market(venue, url),
                clock=clock,
                budget=AddressBudget(BYBIT_ALLOWANCE, path=path),
                url=url,
            )
        raise PermanentError(message("venue-without-keys", venue=venue))

    def _load_keys(self) -> MasterKeys:
        return load_master_keys(self.settings.secrets, from_environment=self.settings.master_key)

    def _market(self, venue: VenueName, url: str | None) -> PublicMarket:
        """The trading rules of a host, read once a day for all accounts of the host."""
        build = BinanceMarket if venue is VenueName.BINANCE else BybitMarket
        if (venue, url) not in self._markets:
            self._markets[(venue, url)] = build(url=url)
        return self._markets[(venue, url)]
