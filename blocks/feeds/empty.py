"""The empty feed: no news, said by a feed that says so; for replays, demos and a first start.

A recording has no headlines of its time, and today's would be knowledge from the future.
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.units import Pair
from trading.news.items import NewsItem


@dataclass(slots=True, kw_only=True)
class EmptyFeed:
    """A feed that never has anything to say."""

    name: str = "empty"

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        del pair, since, as_of
        return ()
