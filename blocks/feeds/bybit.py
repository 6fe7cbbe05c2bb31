"""Announcements of Bybit: listings, delistings, maintenance.

    GET /v5/announcements/index -> rows -> clean_text -> NewsItem

Public, without a key (bybit-exchange.github.io/docs/v5/announcement, read 2026-11-30). Binance
documents announcements only as a signed WebSocket stream (`com_announcement_en`,
developers.binance.com, read 2026-11-30), which needs a key: there is no feed of Binance.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from blocks.feeds.http import TIMEOUT_SECONDS, fetch
from blocks.feeds.parsing import keep_link
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.news.items import NewsItem
from trading.news.text import clean_text

BYBIT_URL = "https://api.bybit.com"
PATH = "/v5/announcements/index"
MAX_ROWS = 50

ADVERTISING = frozenset({"latest_activities"})
"""Contests and bonuses: no news."""


class _Kind(BaseModel):
    key: str = ""


class _Row(BaseModel):
    """`publishTime` is the moment of publication, `dateTimestamp` the author's, both in ms."""

    title: str
    url: str = ""
    type: _Kind = _Kind()
    publishTime: int | None = None  # noqa: N815, the venue's name
    dateTimestamp: int | None = None  # noqa: N815, the venue's name


@dataclass(slots=True, kw_only=True)
class BybitReader:
    """The newest announcements in English, at most `MAX_ROWS`."""

    base_url: str = BYBIT_URL
    name: str = "bybit"
    timeout_seconds: float = TIMEOUT_SECONDS

    async def read(self, *, since: datetime, as_of: datetime) -> tuple[NewsItem, ...]:
        """Read the announcements; as of `blocks.feeds.shared.Reader`."""
        del since, as_of  # the index has no such parameter
        fetched = await fetch(
            self.base_url + PATH,
            params={"locale": "en-US", "limit": str(MAX_ROWS)},
            timeout_seconds=self.timeout_seconds,
        )
        items = (self._read_row(row) for row in _read_rows(fetched.body))
        found = [item for item in items if item is not None]
        return tuple(sorted(found, key=lambda item: item.published_at, reverse=True))

    def _read_row(self, row: _Row) -> NewsItem | None:
        title = clean_text(row.title)
        moment = row.publishTime or row.dateTimestamp
        if row.type.key in ADVERTISING or not title or moment is None:
            return None
        try:
            published_at = datetime.fromtimestamp(moment / 1000, tz=UTC)
        except (ValueError, OverflowError, OSError):
            return None
        identity = f"{row.url or row.title}".encode(errors="replace")
        return NewsItem(
            source=self.name,
            item_id=hashlib.sha256(identity).hexdigest()[:24],
            title=title,
            published_at=published_at,
            link=keep_link(row.url),
        )


def _read_rows(body: bytes) -> Iterator[_Row]:
    """Readable rows. Raises PermanentError for an answer in another form."""
    try:
        answer = TypeAdapter(dict[str, Any]).validate_python(json.loads(body))
        rows = TypeAdapter(list[Any]).validate_python(answer["result"]["list"])
    except (ValueError, RecursionError, KeyError, TypeError):  # ValidationError is a ValueError
        raise PermanentError(message("feed-changed")) from None
    for row in rows:
        try:
            yield _Row.model_validate(row)
        except ValidationError:
            continue
