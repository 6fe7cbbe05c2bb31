"""News task: what was said of a pair in the last hours, by every feed that answers.

Feed, Feed, Feed -> items and warnings -> digest_news -> NewsDigest

A feed that is down is one warning: news never stops a cycle. Shared like the market.
"""

import asyncio
from datetime import datetime, timedelta

from prefect import task

from tasks.runtime.caching import ShareKey, shared
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle
from trading.domain.errors import QuorumError
from trading.domain.units import Pair
from trading.news.items import NewsDigest, NewsItem
from trading.news.score import NEWS_WINDOW, digest_news
from trading.ports import Feed

NEWS_LIFE = timedelta(minutes=25)


async def collect_news(cycle: Cycle) -> NewsDigest:
    """The digest of every feed, items newest first."""
    return await _collect(cycle.share("collect_news"), cycle.pair)


@task(name="collect_news", **shared("news", life=NEWS_LIFE))
async def _collect(key: ShareKey, pair: Pair) -> NewsDigest:  # noqa: ARG001 (cache)
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
    """What one feed says, or why it says nothing."""
    try:
        async with asyncio.timeout(services.settings.feed_deadline_seconds):
            return await feed.fetch_news(pair, since=as_of - NEWS_WINDOW, as_of=as_of), ""
    except TimeoutError:
        return (), f"{feed.name}: took too long"
    except QuorumError as error:
        return (), f"{feed.name}: {error.sentence}"
