"""Caches market answers for seconds, so that many paper accounts share a request.

MarketData -> RememberedMarket (one read per question and moment) -> many paper accounts

Each paper account catches up with the market separately; without the cache, a hundred users with
the same cycle time would send a hundred requests for the same candles and book. All requests
within `MOMENT` get the first answer, so the price of a fill is at most `MOMENT` old.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from trading.domain.instruments import Instrument
from trading.domain.units import Pair, floor_time
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import (
    FundingRate,
    OpenInterest,
    OrderBook,
    Ticker,
)
from trading.ports import MarketData

MOMENT = timedelta(seconds=5)
REMEMBERED = 256
"""Answers kept; a page of candles is the largest, about half a megabyte."""

type _Question = tuple[object, ...]


@dataclass(slots=True)
class _Answer:
    """A cached answer; concurrent requests wait for the first fetch."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_known: bool = False
    value: Any = None


class RememberedMarket:
    """
    A cache in front of another market, a request each `MOMENT`; fulfils `MarketData`.

    Args:
        market: the caller closes the market.
    """

    def __init__(self, market: MarketData) -> None:
        self.venue = market.venue
        self.source = market.source
        self._market = market
        self._answers: OrderedDict[_Question, _Answer] = OrderedDict()

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        question = ("ticker", pair, floor_time(as_of, MOMENT))
        return await self._ask(question, lambda: self._market.fetch_ticker(pair, as_of=as_of))

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        question = ("candles", pair, interval, limit, floor_time(as_of, MOMENT))
        return await self._ask(
            question,
            lambda: self._market.fetch_candles(pair, interval, limit=limit, as_of=as_of),
        )

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        question = ("order_book", pair, floor_time(as_of, MOMENT))
        return await self._ask(question, lambda: self._market.fetch_order_book(pair, as_of=as_of))

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        question = ("funding_rate", pair, floor_time(as_of, MOMENT))
        return await self._ask(
            question, lambda: self._market.fetch_funding_rate(pair, as_of=as_of)
        )

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        question = ("open_interest", pair, floor_time(as_of, MOMENT))
        return await self._ask(
            question, lambda: self._market.fetch_open_interest(pair, as_of=as_of)
        )

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        question = ("instrument", pair, floor_time(as_of, MOMENT))
        return await self._ask(question, lambda: self._market.fetch_instrument(pair, as_of=as_of))

    async def close(self) -> None:
        """Does nothing: the caller closes the market."""

    async def _ask[Value](
        self, question: _Question, fetch: Callable[[], Awaitable[Value]]
    ) -> Value:
        answer = self._answers.setdefault(question, _Answer())
        self._answers.move_to_end(question)
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)
        async with answer.lock:
            if not answer.is_known:
                answer.value = await fetch()
                answer.is_known = True
        return cast("Value", answer.value)
