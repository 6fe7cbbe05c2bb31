"""Market tasks: one look for everybody at a pair, checked and turned into numbers.

    MarketData -> collect_market -> MarketLook -+-> validate_market -> findings
                                                +-> compute_indicators -> Indicators

All three are shared: the users of a pair at one cycle time get the same look. A look is shared for
minutes only, shorter than risk's limit on its age; a run that comes later takes a new one. What
can't be had is a value (`Unavailable`), so that a venue that is down is asked once.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from prefect import task

from tasks.connections import Connections
from tasks.connections import connections
from tasks.cycles import Cycle
from tasks.cycles import sealed
from tasks.quality import check_snapshot
from tasks.retries import read_together
from tasks.retries import retry_read
from tasks.sharing import MarketLook
from tasks.sharing import ShareKey
from tasks.sharing import Unavailable
from tasks.sharing import shared
from trading.candles import CandleSeries
from trading.candles import Interval
from trading.errors import QuorumError
from trading.formulas import compute_indicators as compute
from trading.indicators import Indicators
from trading.market import MarketSnapshot
from trading.ports import MarketData
from trading.units import Pair
from trading.units import VenueName

CANDLE_LIMIT = 300
"""Per interval: enough for the slowest indicator to be warm."""
LOOK_LIFE = timedelta(minutes=3)
"""With the council's deadline still below `RiskLimits.max_market_age`."""
DERIVED_LIFE = timedelta(minutes=30)


async def collect_market(cycle: Cycle) -> MarketLook | Unavailable:
    """Ticker, candles of four intervals, book, funding and rules, fetched at once."""
    return await _collect(cycle.share("collect_market"), cycle.config.venue, cycle.pair)


async def validate_market(cycle: Cycle, look: MarketLook | Unavailable) -> tuple[str, ...]:
    """What the quality check objects to; empty means good (or nothing to check)."""
    if isinstance(look, Unavailable):
        return ()
    return await _validate(_derived(cycle, look, "validate_market"), sealed(look.snapshot))


async def compute_indicators(
    cycle: Cycle, look: MarketLook | Unavailable
) -> Mapping[Interval, Indicators]:
    """The numbers of each interval that has candles."""
    if isinstance(look, Unavailable):
        return {}
    return await _compute(_derived(cycle, look, "compute_indicators"), sealed(look.snapshot))


@task(name="collect_market", **shared("look", life=LOOK_LIFE))
async def _collect(key: ShareKey, venue: VenueName, pair: Pair) -> MarketLook | Unavailable:  # noqa: ARG001 (cache)
    here = await connections()
    try:
        async with asyncio.timeout(here.settings.fetch_deadline_seconds):
            return await _fetch_look(here, market=here.market_of(venue), pair=pair)
    except TimeoutError:
        return Unavailable(sentence=f"The market data of {pair} at {venue} took too long.")
    except QuorumError as error:
        return Unavailable(sentence=error.sentence)


@task(name="validate_market", **shared("findings", life=DERIVED_LIFE))
async def _validate(key: ShareKey, snapshot: MarketSnapshot) -> tuple[str, ...]:  # noqa: ARG001 (cache)
    return check_snapshot(snapshot)


@task(name="compute_indicators", **shared("indicators", life=DERIVED_LIFE))
async def _compute(key: ShareKey, snapshot: MarketSnapshot) -> dict[Interval, Indicators]:  # noqa: ARG001 (cache)
    return {i: compute(series) for i, series in snapshot.candles.items() if series.candles}


def _derived(cycle: Cycle, look: MarketLook, work: str) -> ShareKey:
    """The key of what follows from this look: a second look in the same cycle has its own."""
    key = cycle.share(work)
    return replace(key, subject=(*key.subject, look.snapshot.as_of.isoformat()))


async def _fetch_look(here: Connections, *, market: MarketData, pair: Pair) -> MarketLook:
    as_of = here.clock()

    def read[Part](fetch: Callable[[], Awaitable[Part]]) -> Coroutine[Any, Any, Part]:
        return retry_read(here, fetch)

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
    return MarketLook(snapshot=snapshot, instrument=rules.result())
