"""Market tasks: one look for everybody at a pair, checked and turned into numbers.

    MarketData -> collect_market( -> validate_market, compute_indicators ) -> MarketLook

The look is shared with what follows from it: the users of a pair at one cycle time get the same
one, and only who takes it runs the other two tasks (docs/decisions/0010). It is shared for minutes
only, shorter than risk's limit on its age; a run that comes later takes a new one. What can't be
had is a value (`Unavailable`), so that a venue that is down is asked once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.market.quality import check_snapshot
from tasks.runtime.caching import MarketLook, ShareKey, Unavailable, shared
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle, quoted
from tasks.runtime.retries import read_together
from trading.domain.errors import QuorumError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName
from trading.indicators.formulas import compute_indicators as compute
from trading.indicators.values import Indicators
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import MarketSnapshot
from trading.ports import MarketData

CANDLE_LIMIT = 300
"""Per interval: enough for the slowest indicator to be warm."""
LOOK_LIFE = timedelta(minutes=3)
"""With the council's deadline still below `RiskLimits.max_market_age`."""


async def collect_market(cycle: Cycle) -> MarketLook | Unavailable:
    """Ticker, candles of four intervals, book, funding and rules at once; checked, in numbers."""
    return await _collect(cycle.share("collect_market"), cycle.config.venue, cycle.pair)


@task(name="collect_market", **shared("look", life=LOOK_LIFE))
async def _collect(key: ShareKey, venue: VenueName, pair: Pair) -> MarketLook | Unavailable:  # noqa: ARG001 (cache)
    services = await get_services()
    try:
        async with asyncio.timeout(services.settings.fetch_deadline_seconds):
            snapshot, instrument = await _fetch(
                services, market=services.market_of(venue), pair=pair
            )
    except TimeoutError:
        return Unavailable(sentence=f"The market data of {pair} at {venue} took too long.")
    except QuorumError as error:
        return Unavailable(sentence=error.sentence)
    return MarketLook(
        snapshot=snapshot,
        instrument=instrument,
        findings=await validate_market(quoted(snapshot)),
        indicators=await compute_indicators(quoted(snapshot)),
    )


@task(name="validate_market", cache_policy=NO_CACHE)
async def validate_market(snapshot: MarketSnapshot) -> tuple[str, ...]:
    """What the quality check objects to; empty means good."""
    return check_snapshot(snapshot)


@task(name="compute_indicators", cache_policy=NO_CACHE)
async def compute_indicators(snapshot: MarketSnapshot) -> dict[Interval, Indicators]:
    """The numbers of each interval that has candles."""
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
