"""Time in the paper venue: candles, settlements and the mark applied to open positions and orders.

    PaperBook + MarketTape -> advance -> PaperStep

Per closed 5-minute candle, oldest first:
1. open: a position past the liquidation price is taken over; stops and targets passed by the open
   fill at the open, not at the trigger: a gap is a gap;
2. worse extreme: stops, nearest first, and liquidation where nearer than the next stop;
3. better extreme: targets, nearest first;
4. end: funding on the close where the candle ends at a settlement of the contract.
So a candle with both the stop and the target in range hits the stop.

A candle in progress at the last change of the pair counts only partly, and the relevant part is
unknown. Such a candle counts against the user: no gap fill at the open, the stop by the whole
range, the target only by the close. Earlier candles are ignored. Only closed candles are played;
afterwards the ticker's mark is applied once, as in step 1.

A settlement with an unknown rate is charged at 1 bp per 8 h, the interest part of both venues'
formula. A contract's settlements follow the interval of its rules of now: 1, 2, 4 or 8 h.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from trading.domain.instruments import FUNDING_INTERVAL, Instrument
from trading.domain.units import BASIS_POINT, ZERO, require_utc
from trading.market.candles import Candle
from trading.simulation.account import ADVANCE_INTERVAL, PaperBook, PaperPair, PaperStep
from trading.simulation.settlement import book_funding
from trading.simulation.triggers import PriceStretch, hit_at, hit_better, hit_worse

DEFAULT_FUNDING_RATE = BASIS_POINT
"""Of the notional per `FUNDING_INTERVAL`, where the source knows no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTape:
    """
    Market data since the last advance of the book.

    Attributes:
        candles: 5m, closed, ascending; candles already played are skipped.
        now: the venue's clock; candles with a later end are not played.
        mark_price: at `now`, None to play candles only.
        funding_rates: by settlement instant; ratios of the notional, positive when longs pay.
    """

    instrument: Instrument
    candles: tuple[Candle, ...]
    now: datetime
    mark_price: Decimal | None = None
    funding_rates: Mapping[datetime, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_utc(now=self.now)


def advance(book: PaperBook, *, tape: MarketTape) -> PaperStep:
    """Play the tape against the instrument's pair; a flat pair is not affected."""
    step = PaperStep(book=book)
    for candle in tape.candles:
        found = step.book.find_open(tape.instrument.pair)
        if found is None:
            return step
        end = candle.open_time + ADVANCE_INTERVAL.duration
        if candle.open_time >= found.entry.advanced_to and end <= tape.now:
            step = _advance_candle(step, found.entry, candle=candle, tape=tape)
    return _advance_mark(step, tape)


def _advance_candle(
    step: PaperStep, entry: PaperPair, *, candle: Candle, tape: MarketTape
) -> PaperStep:
    end = candle.open_time + ADVANCE_INTERVAL.duration
    if end > entry.touched_at:
        step = _play(step, candle, tape=tape, is_whole=candle.open_time >= entry.touched_at)
    step = _settle(step, tape, until=end, price=candle.close)
    found = step.book.find_open(entry.pair)
    if found is None:
        return step
    funded_to = max(found.entry.funded_to, end)
    played = replace(found.entry, advanced_to=end, funded_to=funded_to)
    return replace(step, book=step.book.put_pair(played))


def _play(step: PaperStep, candle: Candle, *, tape: MarketTape, is_whole: bool) -> PaperStep:
    stretch = PriceStretch(
        instrument=tape.instrument,
        low=candle.low,
        high=candle.high,
        at=candle.open_time + ADVANCE_INTERVAL.duration,
        volume=candle.volume,
    )
    if is_whole:
        at_open = replace(stretch, low=candle.open, high=candle.open, at=candle.open_time)
        step = hit_worse(hit_at(step, at_open), stretch)
        return hit_better(step, stretch, reached=(candle.low, candle.high))
    return hit_better(hit_worse(step, stretch), stretch, reached=(candle.close, candle.close))


def _advance_mark(step: PaperStep, tape: MarketTape) -> PaperStep:
    if tape.mark_price is None:
        return step
    step = _settle(step, tape, until=tape.now, price=tape.mark_price)
    at_mark = PriceStretch(
        instrument=tape.instrument,
        low=tape.mark_price,
        high=tape.mark_price,
        at=tape.now,
        volume=tape.candles[-1].volume if tape.candles else ZERO,
    )
    return hit_at(step, at_mark)


def _guess_rate(interval: timedelta) -> Decimal:
    """The interest part of an unknown rate, in proportion to the interval."""
    minute = timedelta(minutes=1)
    return DEFAULT_FUNDING_RATE * (interval // minute) / (FUNDING_INTERVAL // minute)


def _settle(step: PaperStep, tape: MarketTape, *, until: datetime, price: Decimal) -> PaperStep:
    """Pay every open settlement of the position up to `until`, inclusive."""
    interval = tape.instrument.funding_interval
    while found := step.book.find_open(tape.instrument.pair):
        due_at = found.entry.find_settlement(interval)
        if due_at > until:
            break
        rate = tape.funding_rates.get(due_at, _guess_rate(interval))
        step = step.then(book_funding(step.book, found, due_at=due_at, price=price, rate=rate))
    return step
