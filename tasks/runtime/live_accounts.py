"""A user's real account at a venue: the sealed key opened, handed to the adapter, nowhere else.

exchange_accounts (sealed) -> Credentials -> BinanceExchange | BybitExchange, at the real or the
                                             demo host -> before an entry: may it go out?

The key exists in clear only inside the adapter that this opens. All users behind this machine's
address share one request budget for each venue, kept in a file under the home. An entry needs the
installation's lock to be open and a key whose rights the venue has confirmed: after a restart, and
once a day (`tasks.monitoring.key_checks` asks, too). The lock and a refused key close the way in
only: what reduces, protects and looks goes on.
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
from db.encryption.envelope import load_master_keys
from db.engine.settings import DatabaseSettings
from db.session import Database
from tasks.alerts.account import build_key_accepted, build_key_refused
from trading.domain.credentials import KEY_LIFE, Credentials, Environment
from trading.domain.errors import PermanentError
from trading.domain.units import UserId, VenueName
from trading.ports import Clock

BUDGETS = "budgets"
"""Folder of the shared request budgets, under the home."""
LOCKED = "Live trading is locked in this installation: nothing new is opened."
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
        is_unlocked: whether entries may go out (`QUORUM_LIVE_UNLOCKED`).
        confirmed: when this process last heard of a key that it may trade, by user and venue.
    """

    urls: Mapping[VenueName, str] = field(default_factory=dict)
    settings: DatabaseSettings = field(default_factory=DatabaseSettings)
    is_unlocked: bool = False
    confirmed: dict[tuple[UserId, VenueName], datetime] = field(default_factory=dict)
    _markets: dict[tuple[VenueName, str | None], PublicMarket] = field(
        default_factory=dict, init=False, repr=False
    )

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

    async def connect(
        self, database: Database, *, user_id: UserId, venue: VenueName, clock: Clock
    ) -> AccountExchange:
        """The same for a caller who closes it; its rules are everybody's. Raises as `open`."""
        keys = load_master_keys(self.settings.secrets, from_environment=self.settings.master_key)
        async with database.tenant(user_id) as tenant:
            credentials = await tenant.accounts.load_credentials(venue, keys=keys)
        if credentials is None:
            raise PermanentError(f"No key for {venue} is connected.")
        account = self._connect(credentials, venue=venue, clock=clock)

        async def permit() -> None:
            await self._permit(database, account, user_id=user_id, clock=clock)

        account.permit = permit
        return account

    async def close(self) -> None:
        """Give back what the accounts shared."""
        while self._markets:
            _, market = self._markets.popitem()
            await market.close()

    async def confirm_key(
        self, database: Database, account: AccountExchange, *, user_id: UserId, now: datetime
    ) -> None:
        """
        Ask the venue what the key may do; keep the answer, and tell its owner when it is another.

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
            self.confirmed.pop((user_id, venue), None)
            async with database.tenant(user_id) as tenant:
                await tenant.accounts.set_refused(venue, sentence=error.sentence, now=now)
                if before is not None and before.verified_at is not None:
                    await tenant.alerts.enqueue_alert(
                        build_key_refused(user_id, venue, sentence=error.sentence, now=now)
                    )
            raise
        async with database.tenant(user_id) as tenant:
            await tenant.accounts.set_verified(venue, now=now)
            if before is not None and before.refusal:
                await tenant.alerts.enqueue_alert(build_key_accepted(user_id, venue, now=now))
        self.confirmed[(user_id, venue)] = now

    async def _permit(
        self, database: Database, account: AccountExchange, *, user_id: UserId, clock: Clock
    ) -> None:
        """Raises PermanentError when an entry may not go out, TransientError for no answer."""
        if not self.is_unlocked:
            raise PermanentError(LOCKED)
        async with database.tenant(user_id) as tenant:
            standing = await tenant.accounts.load_standing(account.venue)
        if standing is None:
            raise PermanentError(f"No key for {account.venue} is connected.")
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
        url = self.urls.get(venue) or (DEMO_URLS.get(venue) if is_demo else None)
        path = self.settings.home / BUDGETS / f"{venue}.json"
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
        raise PermanentError(f"{venue} has no accounts that a key opens.")

    def _market(self, venue: VenueName, url: str | None) -> PublicMarket:
        """The rules of a host, asked once a day for all its accounts."""
        build = BinanceMarket if venue is VenueName.BINANCE else BybitMarket
        if (venue, url) not in self._markets:
            self._markets[(venue, url)] = build(url=url)
        return self._markets[(venue, url)]
