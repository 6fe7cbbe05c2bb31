"""The empty feed, without news and named as empty; for replays, demos and a first start.

A recording has no headlines, and today's headlines would be knowledge from the future.
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.units import Pair
from trading.news.items import NewsItem


@dataclass(slots=True, kw_only=True)
class EmptyFeed:
    """A feed without items."""

    name: str = "empty"

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        del pair, since, as_of
        return ()
