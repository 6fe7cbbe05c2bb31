"""Catch-up of the paper venue: market data from the book's last step up to now.

    PaperBook, MarketData, now -> catch_up -> PaperStep

Only pairs with an open position cost a read: closed 5m candles since the last played candle, at
most `PAGE` at a time and oldest first, the funding rate of each settlement in between, and the
mark at the end. Where a source can't go back far enough, candles are missing and the next
available candle gaps: a stop then fills at the candle's open.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from trading.domain.instruments import Instrument
from trading.domain.units import Pair
from trading.market.snapshot import MarketSource
from trading.ports import MarketData
from trading.simulation.account import (
    ADVANCE_INTERVAL,
    OpenPair,
    PaperBook,
    PaperStep,
)
from trading.simulation.clock import MarketTape, advance

PAGE = 1000
"""Candles of one read: three days and a half, and what both venues give at once."""


async def catch_up(book: PaperBook, market: MarketData, *, now: datetime) -> PaperStep:
    """Play everything between the book and `now`, pair by pair. Raises as the market does."""
    step = PaperStep(book=book)
    for entry in book.pairs:
        if entry.position is None:
            continue
        instrument = await market.fetch_instrument(entry.pair, as_of=now)
        for until in _pages(entry.advanced_to, now):
            found = step.book.find_open(entry.pair)
            if found is None:
                break
            tape = await _read_tape(found, market, instrument=instrument, until=until, now=now)
            step = step.then(advance(step.book, tape=tape))
    return step


def _pages(since: datetime, now: datetime) -> Iterator[datetime]:
    """The end of each read; the last end is now, so there is at least a single read."""
    until = since + PAGE * ADVANCE_INTERVAL.duration
    while until < now:
        yield until
        until += PAGE * ADVANCE_INTERVAL.duration
    yield now


async def _read_tape(
    found: OpenPair,
    market: MarketData,
    *,
    instrument: Instrument,
    until: datetime,
    now: datetime,
) -> MarketTape:
    missing = (until - found.entry.advanced_to) // ADVANCE_INTERVAL.duration
    series = await market.fetch_candles(
        instrument.pair,
        ADVANCE_INTERVAL,
        # At least a single candle, because the candle's volume tells the mark's slippage.
        limit=min(max(missing, 1), PAGE),
        as_of=until,
    )
    ticker = await market.fetch_ticker(instrument.pair, as_of=now) if until == now else None
    return MarketTape(
        instrument=instrument,
        candles=series.candles,
        now=until,
        mark_price=ticker.mark_price if ticker else None,
        funding_rates=await _fetch_rates(found, market, instrument=instrument, until=until),
    )


async def _fetch_rates(
    found: OpenPair, market: MarketData, *, instrument: Instrument, until: datetime
) -> dict[datetime, Decimal]:
    """The rate of each due settlement, as far as known to the source."""
    rates: dict[datetime, Decimal] = {}
    due_at = found.entry.find_settlement(instrument.funding_interval)
    while due_at <= until:
        rate = await _fetch_rate(instrument.pair, market, due_at=due_at)
        if rate is not None:
            rates[due_at] = rate
        due_at += instrument.funding_interval
    return rates


async def _fetch_rate(pair: Pair, market: MarketData, *, due_at: datetime) -> Decimal | None:
    """
    The settled rate at `due_at`.

    A recording shows a rate after the settlement; other sources tell the rate of the next
    settlement, so the question goes out just before the settlement. A live source can only answer
    for now: late settlements are charged at today's rate.
    """
    is_recorded = market.source is MarketSource.RECORDED
    as_of = due_at if is_recorded else due_at - ADVANCE_INTERVAL.duration
    funding = await market.fetch_funding_rate(pair, as_of=as_of)
    return funding.rate if funding else None
