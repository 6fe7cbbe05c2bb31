"""Collects a pair's market data once for all users, checks the data, computes indicators.

    MarketData -> collect_market( -> validate_market, compute_indicators ) -> MarketAnalysis

The users of a pair at one cycle time share the analysis: only the first run executes the two inner
tasks (docs/decisions/0010). The shared result lives for minutes, less than the risk limit on the
data's age; a later run collects new data. A failure is a value (`Unavailable`), so that a venue
without an answer is asked once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.market.quality import check_snapshot
from tasks.runtime.caching import MarketAnalysis, ShareKey, Unavailable, shared
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import quoted
from tasks.runtime.retries import read_together
from trading.domain.errors import QuorumError
from trading.domain.instruments import Instrument
from trading.domain.messages import message
from trading.domain.units import Pair, VenueName
from trading.indicators.formulas import compute_indicators as compute
from trading.indicators.leader import LEADER_BASE, view_leader
from trading.indicators.values import Indicators, LeaderView
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import MarketSnapshot
from trading.ports import MarketData

CANDLE_LIMIT = 300
"""Per interval: enough candles for the slowest indicator."""
ASIDE_SECONDS = 10.0
"""Longest wait for BTC's candles and open interest, which a decision does not need."""
ANALYSIS_LIFE = timedelta(minutes=3)
"""Together with the council's deadline below `RiskLimits.max_market_age`."""


@task(name="collect_market", **shared("analysis", life=ANALYSIS_LIFE))
async def collect_market(
    key: ShareKey,  # noqa: ARG001, the cache's
    *,
    venue: VenueName,
    pair: Pair,
) -> MarketAnalysis | Unavailable:
    """Ticker, candles of four intervals, book, funding and rules; checked, with indicators."""
    services = await get_services()
    deadline = services.settings.fetch_deadline_seconds
    aside = min(ASIDE_SECONDS, deadline / 2)
    try:
        async with asyncio.timeout(deadline):
            market, as_of = services.market_of(venue), services.clock()
            (snapshot, instrument), leader, interest = await asyncio.gather(
                _fetch(services, market=market, pair=pair),
                _ask_aside(_look_at_leader(market, pair=pair, as_of=as_of), seconds=aside),
                _ask_aside(market.fetch_open_interest(pair, as_of=as_of), seconds=aside),
            )
            snapshot = replace(snapshot, open_interest=interest)
    except TimeoutError:
        return Unavailable(reason=message("market-too-slow", pair=str(pair), venue=venue))
    except QuorumError as error:
        return Unavailable(reason=error.message)
    return MarketAnalysis(
        snapshot=snapshot,
        instrument=instrument,
        findings=await validate_market(quoted(snapshot)),
        indicators=await compute_indicators(quoted(snapshot)),
        leader=leader,
    )


async def _ask_aside[Part](asked: Awaitable[Part], *, seconds: float) -> Part | None:
    """A part of the question that no decision needs, asked once; None without an answer."""
    try:
        async with asyncio.timeout(seconds):
            return await asked
    except (TimeoutError, QuorumError):
        return None


async def _look_at_leader(market: MarketData, *, pair: Pair, as_of: datetime) -> LeaderView | None:
    """The trend of BTC for another pair; None for BTC itself."""
    if pair.base == LEADER_BASE:
        return None
    leader = Pair(LEADER_BASE, pair.quote)
    hours, four_hours = await asyncio.gather(
        *(
            market.fetch_candles(leader, interval, limit=CANDLE_LIMIT, as_of=as_of)
            for interval in (Interval.H1, Interval.H4)
        )
    )
    return view_leader(hours, four_hours)


@task(name="validate_market", cache_policy=NO_CACHE)
async def validate_market(snapshot: MarketSnapshot) -> tuple[str, ...]:
    """The findings of the quality check; empty means good."""
    return check_snapshot(snapshot)


@task(name="compute_indicators", cache_policy=NO_CACHE)
async def compute_indicators(snapshot: MarketSnapshot) -> dict[Interval, Indicators]:
    """The indicators of each interval with candles."""
    return {i: compute(series) for i, series in snapshot.candles.items() if series.candles}


async def _fetch(
    services: Services, *, market: MarketData, pair: Pair
) -> tuple[MarketSnapshot, Instrument]:
    as_of = services.clock()

    def read[Part](fetch: Callable[[], Awaitable[Part]]) -> Coroutine[Any, Any, Part]:
        return services.read(fetch)

    def fetch_series(interval: Interval) -> Awaitable[CandleSeries]:
        return market.fetch_candles(pair, interval, limit=CANDLE_LIMIT, as_of=as_of)

    async with read_together() as group:
        rules = group.create_task(read(lambda: market.fetch_instrument(pair, as_of=as_of)))
        ticker = group.create_task(read(lambda: market.fetch_ticker(pair, as_of=as_of)))
        book = group.create_task(read(lambda: market.fetch_order_book(pair, as_of=as_of)))
        funding = group.create_task(read(lambda: market.fetch_funding_rate(pair, as_of=as_of)))
        series = {i: group.create_task(read(partial(fetch_series, i))) for i in Interval}
    snapshot = MarketSnapshot(
        venue=market.venue,
        pair=pair,
        source=market.source,
        as_of=as_of,
        ticker=ticker.result(),
        book=book.result(),
        funding=funding.result(),
        candles={interval: one.result() for interval, one in series.items()},
    )
    return snapshot, rules.result()
