"""Collects the news of a pair in the last hours from every available feed.

Feed, Feed, Feed -> items and warnings -> digest_news -> NewsDigest

A feed without an answer gives a warning: news never stops a cycle. The digest is shared like the
market data.
"""

import asyncio
from datetime import datetime, timedelta

from prefect import task

from reports.texts.catalog import tell
from tasks.runtime.caching import ShareKey, shared
from tasks.runtime.container import Services, get_services
from trading.domain.errors import QuorumError
from trading.domain.units import Pair
from trading.news.items import NewsDigest, NewsItem
from trading.news.score import NEWS_WINDOW, digest_news
from trading.ports import Feed

NEWS_LIFE = timedelta(minutes=25)


@task(name="collect_news", **shared("news", life=NEWS_LIFE))
async def collect_news(key: ShareKey, *, pair: Pair) -> NewsDigest:  # noqa: ARG001, the cache's
    """The digest of every feed, items newest first."""
    services = await get_services()
    as_of = services.clock()
    heard = await asyncio.gather(
        *(_hear(services, feed, pair=pair, as_of=as_of) for feed in services.feeds)
    )
    items = tuple(item for news, _ in heard for item in news)
    return digest_news(items, as_of=as_of, warnings=tuple(w for _, w in heard if w))


async def _hear(
    services: Services, feed: Feed, *, pair: Pair, as_of: datetime
) -> tuple[tuple[NewsItem, ...], str]:
    """The items of a feed, or a warning with the reason for no items."""
    try:
        async with asyncio.timeout(services.settings.feed_deadline_seconds):
            return await feed.fetch_news(pair, since=as_of - NEWS_WINDOW, as_of=as_of), ""
    except TimeoutError:
        return (), f"{feed.name}: took too long"
    except QuorumError as error:
        return (), f"{feed.name}: {tell(error)}"
