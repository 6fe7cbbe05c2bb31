"""RSS and Atom feeds by address.

    GET (ETag, Last-Modified) -> parse_feed -> NewsItem

An unchanged feed (304) answers with the earlier items. Parsing runs in a thread, because a long
feed would block every other task of the loop.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blocks.feeds.http import TIMEOUT_SECONDS, fetch
from blocks.feeds.parsing import parse_feed
from trading.news.items import NewsItem

NOT_MODIFIED = 304


@dataclass(slots=True, kw_only=True)
class RssReader:
    """
    A feed by address.

    Attributes:
        name: source of the items, from the configuration and never from the feed.
        language: ISO 639-1.
    """

    name: str
    url: str
    language: str = "en"
    timeout_seconds: float = TIMEOUT_SECONDS
    _validators: dict[str, str] = field(default_factory=dict)
    _items: tuple[NewsItem, ...] = ()

    async def read(self, *, since: datetime, as_of: datetime) -> tuple[NewsItem, ...]:
        """Read the feed; as of `blocks.feeds.shared.Reader`."""
        del since, as_of  # a feed has a fixed length
        fetched = await fetch(
            self.url, headers=self._validators, timeout_seconds=self.timeout_seconds
        )
        if fetched.status != NOT_MODIFIED:
            self._items = await asyncio.to_thread(
                parse_feed,
                fetched.body,
                name=self.name,
                language=self.language,
                content_type=fetched.headers.get("content-type", ""),
            )
            self._validators = _find_validators(fetched.headers)
        return self._items


def _find_validators(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = {
        "if-none-match": headers.get("etag"),
        "if-modified-since": headers.get("last-modified"),
    }
    return {name: value for name, value in pairs.items() if value}
