"""The shared public side of all venues: closed candles, funding history, rules kept a day.

PublicClient -> PublicMarket -> values; the subclasses hold the differences between venues
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from blocks.venues.base.public_client import PublicClient
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.instruments import Instrument
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.units import Pair, VenueName, floor_time
from trading.market.candles import Candle, CandleSeries, Interval, drop_unclosed
from trading.market.snapshot import (
    FundingRate,
    MarketSource,
    OpenInterest,
    OrderBook,
    Ticker,
)

PROBE_SECONDS = 3.0
BOOK_LEVELS = 50
INTEREST_HOURS = 25
"""Hourly figures of open interest: the newest, and the figures of the day before."""
PAGE = 1000
"""Candles that both venues give at once."""

_MILLISECOND = timedelta(milliseconds=1)
_RULES_LIFE = timedelta(days=1)
_SCHEDULE_LIFE = timedelta(minutes=10)
"""Younger rules stay cached even where a settlement does not fit their funding interval."""
_MULTIPLES = (1_000, 10_000, 1_000_000)
_SYMBOL_QUOTES = frozenset({"USDT"})

type SettledRate = tuple[datetime, Decimal]
"""Settlement time and rate of a funding payment."""


class PublicMarket(ABC):
    """`MarketData` of a live venue; the subclasses hold the differences between venues."""

    venue: VenueName
    funding_pages_forward: bool
    source = MarketSource.LIVE

    def __init__(self, client: PublicClient) -> None:
        self._client = client
        self._instruments: dict[Pair, Instrument] = {}

    async def probe(self, *, within_seconds: float = PROBE_SECONDS) -> bool:
        """Whether the venue answers at all, quickly."""
        try:
            async with asyncio.timeout(within_seconds):
                await self._ping()
        except (TimeoutError, QuorumError):
            return False
        return True

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        """Page by page backwards from the newest candle closed at `as_of`."""
        symbol = self.spell(pair)
        found: tuple[Candle, ...] = ()
        end = as_of
        while len(found) < limit:
            # One candle more than needed: the newest page may end with the unfinished candle.
            count = min(limit - len(found) + 1, PAGE)
            page = await self._fetch_page(symbol, interval, count=count, end=end)
            found = drop_unclosed(page, interval=interval, as_of=as_of) + found
            if len(page) < count:
                break
            end = page[0].open_time
        return CandleSeries(pair=pair, interval=interval, candles=found[-limit:])

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:  # noqa: ARG002
        """
        The rate of the next settlement as of now.

        A next settlement that does not fit the cached funding interval drops the cached rules.
        """
        funding = await self._fetch_funding_rate(pair)
        known = self._instruments.get(pair)
        if known is not None and funding.as_of - known.fetched_at >= _SCHEDULE_LIFE:
            expected = floor_time(funding.as_of, known.funding_interval) + known.funding_interval
            if funding.next_at != expected:
                self.forget_instrument(pair)
        return funding

    async def fetch_funding_history(
        self, pair: Pair, *, since: datetime, until: datetime
    ) -> tuple[SettledRate, ...]:
        """Settled rates from `since` (inclusive) to `until` (exclusive), oldest first."""
        found: dict[datetime, Decimal] = {}
        begin, end = since, until
        while begin < end:
            page = await self._fetch_funding_page(self.spell(pair), since=begin, until=end)
            new = {at: rate for at, rate in page if begin <= at < end and at not in found}
            if not new:
                break
            found |= new
            # Binance pages forward from the beginning, Bybit backward from the end.
            if self.funding_pages_forward:
                begin = max(new) + _MILLISECOND
            else:
                end = min(new)
        return tuple(sorted(found.items()))

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:  # noqa: ARG002
        """The newest hourly figure, with the figures an hour and a day before."""
        found = dict(await self._fetch_interest(self.spell(pair)))
        if not found:
            return None
        newest = max(found)
        with self._client.parsing(f"open interest of {pair}"):
            return OpenInterest(
                quantity=found[newest],
                as_of=newest,
                hour_ago=found.get(newest - timedelta(hours=1)),
                day_ago=found.get(newest - timedelta(hours=24)),
            )

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        """The venue's rules, fetched again after a day."""
        known = self._instruments.get(pair)
        if known is None or as_of - known.fetched_at >= _RULES_LIFE:
            known = await self._fetch_rules(pair, symbol=self.spell(pair), as_of=as_of)
            self._instruments[pair] = known
        return known

    def forget_instrument(self, pair: Pair) -> None:
        """Drop cached rules contradicted by the venue; the next read fetches new rules."""
        self._instruments.pop(pair, None)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def spell(self, pair: Pair) -> str:
        """The venue's symbol. Raises PermanentError for a quote without linear perpetuals."""
        if pair.quote not in _SYMBOL_QUOTES:
            raise PermanentError(
                message(
                    "venue-lacks-pair", venue=self._client.name, pair=str(pair), hint=NO_MESSAGE
                )
            )
        return f"{pair.base}{pair.quote}"

    def find_multiple(self, pair: Pair, names: Container[str]) -> Message:
        """A hint at the contract of many units of a cheap coin (1000PEPE), else `NO_MESSAGE`."""
        for factor in _MULTIPLES:
            for base in (f"{factor}{pair.base}", f"{pair.base}{factor}"):
                if f"{base}{pair.quote}" in names:
                    multiple = f"{base}/{pair.quote}"
                    return message("pair-multiple", pair=multiple, factor=factor, base=pair.base)
        return NO_MESSAGE

    @abstractmethod
    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker: ...

    @abstractmethod
    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None: ...

    @abstractmethod
    async def _fetch_funding_rate(self, pair: Pair) -> FundingRate: ...

    @abstractmethod
    async def _ping(self) -> None: ...

    @abstractmethod
    async def _fetch_page(
        self, symbol: str, interval: Interval, *, count: int, end: datetime
    ) -> tuple[Candle, ...]:
        """At most `count` candles opened before `end`, oldest first."""

    @abstractmethod
    async def _fetch_funding_page(
        self, symbol: str, *, since: datetime, until: datetime
    ) -> tuple[SettledRate, ...]:
        """One page of settled rates; see `funding_pages_forward`."""

    @abstractmethod
    async def _fetch_interest(self, symbol: str) -> Iterable[tuple[datetime, Decimal]]:
        """Open interest of the last `INTEREST_HOURS` whole hours, base units, in any order."""

    @abstractmethod
    async def _fetch_rules(self, pair: Pair, *, symbol: str, as_of: datetime) -> Instrument: ...
