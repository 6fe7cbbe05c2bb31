"""A market that is written down: the MarketData port over 5m candles of your own making.

    candles, book, funding rate -> ScriptedMarket -> whatever the port is asked for, as of then

Reads are counted in `calls` ("fetch_candles": 3), so a test can say how often the source was
asked. `fail_with` makes every following read raise.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from trading.domain.errors import PermanentError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName, floor_time
from trading.market.candles import Candle, CandleSeries, Interval, aggregate_candles, drop_unclosed
from trading.market.snapshot import (
    FundingRate,
    MarketSource,
    OpenInterest,
    OrderBook,
    Ticker,
)

_EIGHT_HOURS = timedelta(hours=8)


@dataclass(slots=True, kw_only=True)
class ScriptedMarket:
    """
    One pair's market, as far as it is written.

    Attributes:
        candles: 5m, ascending; those that end after `as_of` are not shown.
        order_book: what every look at the book shows; None where the source has none.
        funding_rate: of every settlement; None where the source has none.
        mark_price: what the ticker's mark says; None for the last close.
    """

    instrument: Instrument
    candles: tuple[Candle, ...]
    order_book: OrderBook | None = None
    funding_rate: Decimal | None = None
    mark_price: Decimal | None = None
    fail_with: Exception | None = None
    venue: VenueName = VenueName.BINANCE
    source: MarketSource = MarketSource.SAMPLE
    calls: Counter[str] = field(default_factory=Counter)
    funding_asked_at: list[datetime] = field(default_factory=list)
    is_closed: bool = False

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        self._ask("fetch_ticker", pair)
        last = self._closed(as_of)[-1].close
        mark = last if self.mark_price is None else self.mark_price
        tick = self.instrument.tick_size
        return Ticker(
            last_price=last,
            mark_price=mark,
            best_bid=last - tick,
            best_ask=last + tick,
            as_of=as_of,
        )

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        self._ask("fetch_candles", pair)
        merged = aggregate_candles(self._closed(as_of), interval=interval)
        closed = drop_unclosed(merged, interval=interval, as_of=as_of)
        return CandleSeries(pair=pair, interval=interval, candles=closed[-limit:])

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        self._ask("fetch_order_book", pair)
        return self.order_book

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        self._ask("fetch_funding_rate", pair)
        self.funding_asked_at.append(as_of)
        if self.funding_rate is None:
            return None
        next_at = floor_time(as_of, _EIGHT_HOURS) + _EIGHT_HOURS
        return FundingRate(rate=self.funding_rate, next_at=next_at, as_of=as_of)

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        self._ask("fetch_open_interest", pair)
        return None

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        self._ask("fetch_instrument", pair)
        return self.instrument

    async def close(self) -> None:
        self.is_closed = True

    def write(self, candles: Iterable[Candle]) -> None:
        """Add what the market did next."""
        self.candles += tuple(candles)

    def _closed(self, as_of: datetime) -> tuple[Candle, ...]:
        return drop_unclosed(self.candles, interval=Interval.M5, as_of=as_of)

    def _ask(self, method: str, pair: Pair) -> None:
        self.calls[method] += 1
        if self.fail_with is not None:
            raise self.fail_with
        if pair != self.instrument.pair:
            raise PermanentError(f"{pair} is not traded here.")


def build_candles(
    prices: Iterable[int | str | Decimal],
    *,
    start: datetime,
    reach: Decimal = Decimal(0),
    volume: Decimal = Decimal(1000),
) -> tuple[Candle, ...]:
    """
    Consecutive 5m candles from `start`, one from each price to the next.

    Args:
        prices: n + 1 corner prices for n candles, quote per base.
        start: open time of the first, aware UTC.
        reach: how far high and low stand out beyond the corners, quote per base.
        volume: of each, base units.
    """
    corners = [Decimal(price) for price in prices]
    return tuple(
        Candle(
            open_time=start + number * Interval.M5.duration,
            open=first,
            high=max(first, last) + reach,
            low=min(first, last) - reach,
            close=last,
            volume=volume,
        )
        for number, (first, last) in enumerate(pairwise(corners))
    )
