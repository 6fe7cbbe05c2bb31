"""A made-up market that counts how often it is asked, across processes if need be.

MarketData call -> one line in a file (or in memory) -> the sample market's answer
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from blocks.venues.offline.generated import SampleMarket
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import (
    FundingRate,
    MarketSource,
    OpenInterest,
    OrderBook,
    Ticker,
)
from trading.ports import MarketData


@dataclass(slots=True, kw_only=True)
class CountingMarket:
    """
    Counts every read; fulfils `MarketData`.

    Attributes:
        fail_with: raised instead of an answer.
        file: where each read leaves a line, for several processes that share the count.
    """

    inner: MarketData = field(default_factory=SampleMarket)
    fail_with: Exception | None = None
    file: Path | None = None
    calls: Counter[str] = field(default_factory=Counter)
    venue: VenueName = VenueName.BINANCE
    source: MarketSource = MarketSource.SAMPLE

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        self._count("ticker")
        return await self.inner.fetch_ticker(pair, as_of=as_of)

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        self._count(f"candles {interval}")
        return await self.inner.fetch_candles(pair, interval, limit=limit, as_of=as_of)

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        self._count("order book")
        return await self.inner.fetch_order_book(pair, as_of=as_of)

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        self._count("funding rate")
        return await self.inner.fetch_funding_rate(pair, as_of=as_of)

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        self._count("open interest")
        return await self.inner.fetch_open_interest(pair, as_of=as_of)

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        self._count("instrument")
        return await self.inner.fetch_instrument(pair, as_of=as_of)

    async def close(self) -> None:
        await self.inner.close()

    def _count(self, what: str) -> None:
        self.calls[what] += 1
        if self.file is not None:
            with self.file.open("a") as file:
                file.write(f"{what}\n")
        if self.fail_with is not None:
            raise self.fail_with
