"""One read of a source for all pairs: remembered, matched to the pair, cut to the hours.

    Reader -> SharedFeed -> mentions_pair -> NewsItem

Cycles of many pairs start at the same time and read the same sources. The first one reads, the
others wait and get the same items, or the same failure: a dead source is asked once as well.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from trading.domain.errors import QuorumError
from trading.domain.units import Pair
from trading.news.items import NewsItem
from trading.news.mentions import mentions_pair

RECENT = timedelta(minutes=5)
"""Age up to which an earlier read is used again."""

CLOCK_SKEW = timedelta(minutes=10)
"""Items dated that far ahead are of now: a publisher's clock may be fast."""


class Reader(Protocol):
    """A source of items about any pair."""

    name: str

    async def read(self, *, since: datetime, as_of: datetime) -> tuple[NewsItem, ...]:
        """
        Items published since `since`, newest first; older items may be among them.

        Raises:
            TransientError: the source may answer later.
            PermanentError: the source refuses, or has changed the form of the answer.
        """
        ...


@dataclass(slots=True, kw_only=True)
class SharedFeed:
    """A feed of one source."""

    reader: Reader
    name: str = field(init=False)
    _read_at: datetime | None = None
    _items: tuple[NewsItem, ...] = ()
    _failure: QuorumError | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self.name = self.reader.name

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        """
        Items about the pair, published in [since, as_of], newest first.

        Raises:
            TransientError, PermanentError: as `Reader.read`, for every pair of a failed read.
        """
        items = await self.read(since=since, as_of=as_of)
        heard = (_date(item, as_of=as_of) for item in items)
        return tuple(
            item
            for item in heard
            if since <= item.published_at <= as_of and mentions_pair(item.said, pair)
        )

    async def read(self, *, since: datetime, as_of: datetime) -> tuple[NewsItem, ...]:
        """Items about any pair, of the recent read if there is one. Raises as `fetch_news`."""
        async with self._lock:
            if not self._is_recent(as_of):
                await self._read(since=since, as_of=as_of)
        if self._failure is not None:
            raise self._failure
        return self._items

    def _is_recent(self, as_of: datetime) -> bool:
        return self._read_at is not None and timedelta(0) <= as_of - self._read_at < RECENT

    async def _read(self, *, since: datetime, as_of: datetime) -> None:
        try:
            self._items = await self.reader.read(since=since, as_of=as_of)
            self._failure = None
        except QuorumError as error:
            self._failure = error
        self._read_at = as_of


def _date(item: NewsItem, *, as_of: datetime) -> NewsItem:
    ahead = item.published_at - as_of
    return replace(item, published_at=as_of) if timedelta(0) < ahead <= CLOCK_SKEW else item
