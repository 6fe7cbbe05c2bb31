"""The same days on paper and through both venues' doubles: the same entries, exits and money.

a recording -> the real flow -> paper | unchanged ccxt and the double, whose prices are recorded

`QUORUM_TEST_VENUE_DEMO_CYCLES=336` is the week of the demo; a few hours that hold a whole trade
are the default. Entries and exits are the same; net PnL may differ by a thousandth.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blocks.models.offline import build_offline_council
from blocks.venues.base.exchange import AccountExchange
from blocks.venues.offline.recorded import RecordedMarket
from cli.demo.setting import list_recorded_times
from db.session import Database
from flows.trading_cycle import trading_cycle
from reports.texts.catalog import render
from tasks.runtime.container import ExchangeFactory, Services, paper_accounts, use_services
from tasks.runtime.settings import TaskSettings
from tests.blocks.venues.venue_cases import connect
from tests.database import MakeUser
from tests.doubles.venue.clock import VirtualClock
from tests.doubles.venue.server import build_binance, build_bybit
from tests.doubles.venue.tape import Tape
from tests.prefect_server import PrefectServer
from trading.domain.accounts import PairConfig
from trading.domain.orders import Fill
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.market.snapshot import OrderBook
from trading.ports import Exchange, MarketData

DATA = Path(os.environ.get("QUORUM_DATA", "../shared/data"))
CANDLES = DATA / "candles" / "BTC_USDT_USDT-5m-futures.feather"
WEEK = 7 * 48
CYCLES = int(os.environ.get("QUORUM_TEST_VENUE_DEMO_CYCLES", "4"))
SKIPPED = 0 if CYCLES >= WEEK else 18
"""The first position of the week is opened in cycle 19 and stopped out before 21."""
CAPITAL = Decimal(10_000)
NEAR = Decimal("0.001")

pytestmark = pytest.mark.skipif(not CANDLES.exists(), reason=f"{CANDLES} is not there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a venue came to: fills in time, side, quantity and price; net PnL; receipts' ends."""

    fills: tuple[Fill, ...]
    net_pnl: Decimal
    outcomes: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def turns(self) -> list[tuple[datetime, str, Decimal]]:
        """When which side was traded, and how much: fills of one moment are one."""
        found: dict[tuple[datetime, str], Decimal] = {}
        for fill in self.fills:
            key = (fill.filled_at.replace(microsecond=0), str(fill.side))
            found[key] = found.get(key, Decimal(0)) + fill.quantity
        return [(*key, quantity) for key, quantity in found.items()]


class LabelledMarket:
    """A venue's market whose book is said to be synthesized, as the double's is."""

    def __init__(self, market: MarketData) -> None:
        self._market = market

    def __getattr__(self, name: str) -> Any:
        return getattr(self._market, name)

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        book = await self._market.fetch_order_book(pair, as_of=as_of)
        return None if book is None else replace(book, is_synthetic=True)


async def play(
    services: Services, config: PairConfig, times: tuple[datetime, ...], *, advance: Any
) -> Outcome:
    """Every cycle through the real flow; the clock stands at each."""
    for time in times:
        advance(time)
        with use_services(services):
            state = await trading_cycle(
                int(config.user_id), str(config.pair), time, return_state=True
            )
        assert state.is_completed(), state.message
    async with services.database.tenant(config.user_id) as tenant:
        fills = await tenant.trades.list_fills(config.pair, limit=10_000)
        records = [await tenant.cycles.load_cycle(config.pair, cycle_time=t) for t in times]
    last = [r.portfolio for r in records if r is not None and r.portfolio is not None][-1]
    return Outcome(
        fills=tuple(sorted(fills, key=lambda fill: fill.filled_at)),
        net_pnl=last.net_pnl,
        outcomes=tuple(str(r.outcome) for r in records if r is not None),
        reasons=tuple(render(r.reason) for r in records if r is not None),
    )


def build_services(
    database: Database, market: MarketData, clock: VirtualClock, exchange_of: ExchangeFactory
) -> Services:
    return Services(
        database=database,
        clock=clock,
        markets=dict.fromkeys(VenueName, market),
        models=build_offline_council(),
        feeds=(),
        exchange_of=exchange_of,
        namespace=f"demo-{id(market)}",
        sleep=clock.sleep,
        settings=TaskSettings(),
    )


async def add_pair(
    database: Database, user_id: UserId, *, venue: VenueName, mode: Mode, at: datetime, pair: Pair
) -> PairConfig:
    config = PairConfig(
        user_id=user_id,
        pair=pair,
        venue=venue,
        mode=mode,
        capital=CAPITAL,
        is_paused=False,
        created_at=at,
    )
    async with database.tenant(user_id) as tenant:
        await tenant.pairs.add_pair(config)
        if mode is Mode.PAPER:
            await tenant.paper.deposit(CAPITAL, now=at)
    return config


@asynccontextmanager
async def open_double(
    venue: VenueName, recording: RecordedMarket, *, start: datetime
) -> AsyncIterator[tuple[Tape, MarketData, AccountExchange]]:
    """The double with the recording's prices, and what talks to it."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    build = build_binance if venue is VenueName.BINANCE else build_bybit
    server = build(VirtualClock(start))
    server.latency_ms = (0, 0)
    async with AsyncExitStack() as parts:
        await parts.enter_async_context(server.serve())
        server.dialect.tape = Tape(market=recording, engine=server.engine)
        market, account = connect(server, venue)
        parts.push_async_callback(account.close)
        parts.push_async_callback(market.close)
        yield server.dialect.tape, market, account


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_both_venues_come_to_what_paper_comes_to(
    database: Database, make_user: MakeUser, prefect_api: PrefectServer
) -> None:
    recording = RecordedMarket.open(CANDLES)
    times = list_recorded_times(recording, count=WEEK)[SKIPPED : SKIPPED + CYCLES]
    clock = VirtualClock(times[0])
    paper = await add_pair(
        database,
        await make_user("paper"),
        venue=VenueName.BINANCE,
        mode=Mode.PAPER,
        at=times[0],
        pair=recording.pair,
    )
    markets = dict.fromkeys(VenueName, recording)
    services = build_services(
        database, recording, clock, paper_accounts(database, markets=markets, clock=clock)
    )
    expected = await play(
        services, paper, times, advance=lambda t: clock.set_ms(int(t.timestamp() * 1000))
    )
    assert len(expected.turns) >= 2
    for venue in (VenueName.BINANCE, VenueName.BYBIT):
        found = await play_at(venue, recording, times, database=database, make_user=make_user)
        assert found.outcomes == expected.outcomes, found.reasons
        assert found.turns == expected.turns
        assert abs(found.net_pnl - expected.net_pnl) <= abs(expected.net_pnl) * NEAR


async def play_at(
    venue: VenueName,
    recording: RecordedMarket,
    times: tuple[datetime, ...],
    *,
    database: Database,
    make_user: MakeUser,
) -> Outcome:
    async with open_double(venue, recording, start=times[0]) as (tape, market, account):
        config = await add_pair(
            database,
            await make_user(str(venue)),
            venue=venue,
            mode=Mode.LIVE,
            at=times[0],
            pair=recording.pair,
        )

        async def exchange_of(_: PairConfig) -> Exchange:
            account._client._exchange.closed_by_user = False  # building it anew costs 90 ms
            return account

        labelled: Any = LabelledMarket(market)
        services = build_services(database, labelled, tape.engine.clock, exchange_of)
        return await play(services, config, times, advance=tape.advance)
