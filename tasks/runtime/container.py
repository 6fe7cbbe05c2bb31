"""Builds the services of a process: the composition root of tasks and flows.

settings, blocks -> build_services -> Services -> await get_services() in every task

Built lazily, once per process and event loop (the pools belong to a loop), because Prefect starts
tasks with plain parameters and a service cannot be a parameter. `use_services` replaces the
services within a block: by a replay's fixed clock and recorded market, or by a test's doubles.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

from blocks.council import open_council
from blocks.feed import feeds_from_settings
from blocks.feeds.settings import FeedSettings
from blocks.logging.logs import open_process_log
from blocks.markets import open_market
from blocks.settings import VenueSettings
from blocks.venues.paper.exchange import PaperExchange
from db.engine.settings import BudgetSettings, DatabaseSettings
from db.paper_store import TenantPaperStore
from db.session import Database
from tasks.runtime.cached_market import RememberedMarket
from tasks.runtime.feed_budget import FeedBudget
from tasks.runtime.live_accounts import LiveAccounts
from tasks.runtime.retries import Sleep, retry_read
from tasks.runtime.settings import TaskSettings, task_settings
from trading.council.llm_budget import SpendCaps
from trading.domain.accounts import PairConfig
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.domain.units import Mode, VenueName
from trading.market.snapshot import MarketSource
from trading.ports import Clock, Exchange, Feed, MarketData, Model

type ExchangeFactory = Callable[[PairConfig], Awaitable[Exchange]]
"""Connects to one user's account. Raises PermanentError where there is none to connect to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    The services of a process: database, clock, markets, models, feeds, accounts.

    Attributes:
        clock: the current instant, aware UTC; in a replay the cycle's time.
        markets: public data by the venue of a pair's config.
        exchange_of: the user's account for a pair.
        namespace: names the market source; work is shared within a namespace only.
        is_replay: time is compressed: receipts say so.
        sleep: waits for seconds; returns at once in a replay.
        worker: names this process in leases.
        live: opens users' real accounts.
        spend_caps: the money limits of model calls a UTC day, before users tighten the limits.
    """

    database: Database
    clock: Clock
    markets: Mapping[VenueName, MarketData]
    models: tuple[Model, ...]
    feeds: tuple[Feed, ...]
    exchange_of: ExchangeFactory
    namespace: str
    is_replay: bool = False
    sleep: Sleep = asyncio.sleep
    worker: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    settings: TaskSettings = field(default_factory=task_settings)
    live: LiveAccounts = field(default_factory=LiveAccounts)
    spend_caps: SpendCaps = field(default_factory=lambda: BudgetSettings().caps)

    def market_of(self, venue: VenueName) -> MarketData:
        """
        Public data for pairs of the venue.

        Raises PermanentError without a connection to the venue.
        """
        if venue not in self.markets:
            raise PermanentError(message("venue-without-data", venue=venue))
        return self.markets[venue]

    async def read[Answer](self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to a read, with retries. Raises as `retry_read`."""
        return await retry_read(ask, settings=self.settings, sleep=self.sleep)

    def spending_time(self) -> datetime:
        """The instant of spending money: the real time, in a replay too."""
        return read_clock() if self.is_replay else self.clock()

    @asynccontextmanager
    async def exchange(self, config: PairConfig) -> AsyncIterator[Exchange]:
        """The user's account, closed at the end of the block."""
        exchange = await self.exchange_of(config)
        try:
            yield exchange
        finally:
            await exchange.close()


async def get_services() -> Services:
    """
    The services of this process; built at the first call.

    Raises:
        PermanentError: when the settings name no database, or a model or feed without its key.
    """
    if (given := _GIVEN.get()) is not None:
        return given
    loop = asyncio.get_running_loop()
    lock = _LOCKS.setdefault(loop, asyncio.Lock())
    async with lock:
        if loop not in _BUILT:
            _BUILT[loop] = await build_services()
    return _BUILT[loop]


@contextmanager
def use_services(given: Services) -> Iterator[None]:
    """Use the given services within the block, in this asyncio task and every child task."""
    token = _GIVEN.set(given)
    try:
        yield
    finally:
        _GIVEN.reset(token)


async def build_services() -> Services:
    """Build the services by the environment's settings. Raises as `get_services`."""
    addresses = DatabaseSettings()
    if addresses.database_app_url is None or addresses.database_operator_url is None:
        raise PermanentError(
            "QUORUM_DATABASE_APP_URL and QUORUM_DATABASE_OPERATOR_URL are not set: `quorum up` "
            "sets them for the processes it starts."
        )
    open_process_log(task_settings().home / "logs", process="worker")
    database = Database(
        addresses.database_app_url.get_secret_value(),
        operator_url=addresses.database_operator_url.get_secret_value(),
    )
    opened = await open_market()
    live = LiveAccounts(
        settings=addresses,
        is_unlocked=task_settings().live_unlocked,
        real_urls=VenueSettings().account_urls,
    )
    return Services(
        database=database,
        clock=read_clock,
        markets=opened.markets,
        models=await open_council(),
        feeds=open_feeds(database),
        exchange_of=user_accounts(database, markets=opened.markets, clock=read_clock, live=live),
        namespace=opened.namespace,
        live=live,
    )


def open_feeds(database: Database) -> tuple[Feed, ...]:
    """The configured feeds; reads of X are paid from a budget. Raises as `get_services`."""
    settings = FeedSettings()
    budget = FeedBudget(
        database=database,
        day_usd=settings.x_day_usd,
        installation_usd=BudgetSettings().installation_usd,
    )
    return feeds_from_settings(settings, home=task_settings().home, budget=budget)


def user_accounts(
    database: Database,
    *,
    markets: Mapping[VenueName, MarketData],
    clock: Clock,
    live: LiveAccounts,
) -> ExchangeFactory:
    """Opens the user's account at the venue for a live pair, else the paper account."""
    connect_paper = paper_accounts(database, markets=markets, clock=clock)

    async def connect(config: PairConfig) -> Exchange:
        if config.mode is not Mode.LIVE:
            return await connect_paper(config)
        account = await live.connect(
            database, user_id=config.user_id, venue=config.venue, clock=clock
        )
        if markets[config.venue].source is not MarketSource.LIVE:
            account.permit = _refuse_prices
        return account

    return connect


async def _refuse_prices() -> None:
    """Refuse entries at foreign prices; exits and stops continue."""
    raise PermanentError(message("prices-not-live"))


def paper_accounts(
    database: Database, *, markets: Mapping[VenueName, MarketData], clock: Clock
) -> ExchangeFactory:
    """Opens paper accounts only; raises PermanentError for a live pair."""
    remembered = {id(m): RememberedMarket(m) for m in markets.values()}

    async def connect(config: PairConfig) -> Exchange:
        if config.mode is Mode.LIVE:
            raise PermanentError(
                message("paper-accounts-only", pair=str(config.pair), venue=config.venue)
            )
        return PaperExchange(
            store=TenantPaperStore(database, user_id=config.user_id),
            market=remembered[id(markets[config.venue])],
            clock=clock,
            order_seconds=task_settings().paper_order_seconds,
        )

    return connect


def read_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


_GIVEN: ContextVar[Services | None] = ContextVar("services", default=None)
_BUILT: WeakKeyDictionary[asyncio.AbstractEventLoop, Services] = WeakKeyDictionary()
_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
