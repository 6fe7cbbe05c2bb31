"""RSS and Atom feeds: Forklog, CoinDesk and others.

    GET (ETag, Last-Modified) -> feedparser -> clean_text -> mentions_pair -> NewsItem

feedparser repairs malformed feeds; an entry without an id, a title or a valid time is left out. An
unchanged feed (304) answers with the earlier items. Parsing runs in a thread, because a long feed
would block every other task of the loop.
"""

import asyncio
import calendar
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import feedparser

from blocks.feeds.http import TIMEOUT_SECONDS, fetch
from trading.domain.errors import TransientError
from trading.domain.units import Pair
from trading.news.items import NewsItem
from trading.news.mentions import mentions_pair
from trading.news.text import clean_text

FORKLOG_URL = "https://forklog.com/feed"
COINDESK_URL = "https://www.coindesk.com/arc/outboundfeeds/rss/"
MAX_ENTRIES = 200

# feedparser promises to accept malformed input, but lets some exceptions of inner parsers
# # through: a lone surrogate as a character reference raises UnicodeEncodeError, for example.
_PARSER_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(slots=True, kw_only=True)
class RssFeed:
    """
    A feed by address.

    Attributes:
        name: source of the items, from the configuration and never from the feed.
        language: ISO 639-1.
    """

    name: str
    url: str
    language: str
    timeout_seconds: float = TIMEOUT_SECONDS
    _validators: dict[str, str] = field(default_factory=dict)
    _items: tuple[NewsItem, ...] = ()

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        """
        Read the feed, or return the earlier items of an unchanged feed.

        Raises:
            TransientError: see `blocks.feeds.http`; also for a body without a feed.
            PermanentError: see `blocks.feeds.http`.
        """
        fetched = await fetch(
            self.url,
            feed=self.name,
            headers=self._validators,
            timeout_seconds=self.timeout_seconds,
        )
        if fetched.status != 304:
            self._items = await asyncio.to_thread(
                parse_feed, fetched.body, name=self.name, language=self.language
            )
            self._validators = _find_validators(fetched.headers)
        return tuple(
            item
            for item in self._items
            if since <= item.published_at <= as_of and mentions_pair(item.title, pair)
        )


def parse_feed(body: bytes, *, name: str, language: str) -> tuple[NewsItem, ...]:
    """
    Entries with a title and a time, newest first.

    Raises:
        TransientError: for a body without a feed.
    """
    try:
        parsed = feedparser.parse(body)
    except _PARSER_FAILURES:
        raise TransientError(f"{name}: sent something that is no feed.") from None
    entries = parsed.get("entries") or []
    if not entries and not parsed.get("version"):
        raise TransientError(f"{name}: sent something that is no feed.")
    items = (_read_entry(e, name=name, language=language) for e in entries[:MAX_ENTRIES])
    known = {item.item_id: item for item in items if item is not None}
    return tuple(sorted(known.values(), key=lambda i: (i.published_at, i.item_id), reverse=True))


def _read_entry(entry: Mapping[str, Any], *, name: str, language: str) -> NewsItem | None:
    fields = dict(entry)  # feedparser's own mapping warns when `updated` is asked for in vain
    title = clean_text(str(fields.get("title") or ""))
    published_at = _read_time(fields.get("published_parsed") or fields.get("updated_parsed"))
    identity = str(fields.get("id") or fields.get("link") or title)
    if not title or published_at is None:
        return None
    return NewsItem(
        source=name,
        item_id=hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:24],
        title=title,
        published_at=published_at,
        language=language,
    )


def _read_time(moment: Any) -> datetime | None:
    if moment is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), tz=UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None  # year 0, year 99999, half a date


def _find_validators(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = {
        "if-none-match": headers.get("etag"),
        "if-modified-since": headers.get("last-modified"),
    }
    return {name: value for name, value in pairs.items() if value}
