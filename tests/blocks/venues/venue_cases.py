"""What the tests of accounts share: both venues on this machine, and how to connect to them."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from blocks.venues.base.exchange import AccountExchange
from blocks.venues.base.rate_limiter import BINANCE_ALLOWANCE, BYBIT_ALLOWANCE, AddressBudget
from blocks.venues.binance.exchange import BinanceExchange
from blocks.venues.binance.market import BinanceMarket
from blocks.venues.bybit.exchange import BybitExchange
from blocks.venues.bybit.market import BybitMarket
from tests.doubles.venue.clock import VirtualClock
from tests.doubles.venue.engine import KEY, SECRET, Account
from tests.doubles.venue.server import VenueServer, build_binance, build_bybit
from trading.domain.orders import Leg, OrderIntent, OrderType
from trading.domain.units import Pair, Side, UserId, VenueName
from trading.ports import MarketData
from trading.security.credentials import Credentials

BTC = Pair("BTC", "USDT")
NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)
ANN = UserId(1)


@dataclass(slots=True, kw_only=True)
class World:
    """One venue, its clock, and ann's connection to it."""

    name: VenueName
    clock: VirtualClock
    server: VenueServer
    exchange: AccountExchange
    market: MarketData
    start: datetime = NOON

    @property
    def account(self) -> Account:
        """Ann's, at the venue."""
        return self.server.engine.accounts[KEY]

    def reset(self) -> None:
        """A new venue with the same connection: building ccxt's objects is slow."""
        self.clock.advance(3600)
        self.start = self.clock()
        self.server.reset()
        self.exchange._client.time.measured_at = None

    def intend(
        self,
        leg: Leg = Leg.ENTRY,
        *,
        quantity: str = "0.010",
        price: str | None = None,
        attempt: int = 0,
    ) -> OrderIntent:
        """Ann's wish for a long of BTC, or for its protection."""
        kinds = {Leg.STOP: OrderType.STOP_MARKET, Leg.TARGET: OrderType.TAKE_PROFIT_MARKET}
        return OrderIntent(
            user_id=ANN,
            venue=self.name,
            pair=BTC,
            cycle_time=self.start,
            leg=leg,
            side=Side.BUY if leg is Leg.ENTRY else Side.SELL,
            order_type=kinds.get(leg, OrderType.MARKET),
            quantity=Decimal(quantity),
            reduce_only=leg is not Leg.ENTRY,
            expected_price=Decimal(100_000),
            trigger_price=None if price is None else Decimal(price),
            attempt=attempt,
        )


@asynccontextmanager
async def open_world(name: VenueName, *, secret: str = SECRET) -> AsyncIterator[World]:
    """A venue that serves, and a connection that is closed at the end."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    clock = VirtualClock(NOON)
    build = build_binance if name is VenueName.BINANCE else build_bybit
    async with build(clock).serve() as server:
        market, exchange = connect(server, name, secret=secret)
        try:
            yield World(name=name, clock=clock, server=server, exchange=exchange, market=market)
        finally:
            await exchange.close()
            await market.close()


def connect(
    server: VenueServer, name: VenueName, *, key: str = KEY, secret: str = SECRET
) -> tuple[BinanceMarket | BybitMarket, AccountExchange]:
    """Public data and an account at the server."""
    return connect_to(server.url, name, clock=server.clock, key=key, secret=secret)


def connect_to(
    url: str, name: VenueName, *, clock: VirtualClock, key: str = KEY, secret: str = SECRET
) -> tuple[BinanceMarket | BybitMarket, AccountExchange]:
    """Public data and an account at an address; waits pass on the clock."""
    credentials = Credentials(api_key=key, api_secret=secret)
    if name is VenueName.BINANCE:
        market = BinanceMarket(url=url)
        budget = AddressBudget(BINANCE_ALLOWANCE, sleep=clock.sleep)
        exchange = BinanceExchange(credentials, market=market, clock=clock, budget=budget, url=url)
        return market, exchange
    rules = BybitMarket(url=url)
    budget = AddressBudget(BYBIT_ALLOWANCE, sleep=clock.sleep)
    return rules, BybitExchange(credentials, market=rules, clock=clock, budget=budget, url=url)
