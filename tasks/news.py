"""News task: what was said of a pair in the last hours, by every feed that answers.

Feed, Feed, Feed -> items and warnings -> digest_news -> NewsDigest

A feed that is down is one warning: news never stops a cycle. Shared like the market.
"""

import asyncio
from datetime import datetime
from datetime import timedelta

from prefect import task

from tasks.connections import Connections
from tasks.connections import connections
from tasks.cycles import Cycle
from tasks.sharing import ShareKey
from tasks.sharing import shared
from trading.errors import QuorumError
from trading.news import NewsDigest
from trading.news import NewsItem
from trading.ports import Feed
from trading.sentiment import NEWS_WINDOW
from trading.sentiment import digest_news
from trading.units import Pair

NEWS_LIFE = timedelta(minutes=25)


async def collect_news(cycle: Cycle) -> NewsDigest:
    """The digest of every feed, items newest first."""
    return await _collect(cycle.share("collect_news"), cycle.pair)


@task(name="collect_news", **shared("news", life=NEWS_LIFE))
async def _collect(key: ShareKey, pair: Pair) -> NewsDigest:  # noqa: ARG001 (cache)
    here = await connections()
    as_of = here.clock()
    heard = await asyncio.gather(
        *(_hear(here, feed, pair=pair, as_of=as_of) for feed in here.feeds)
    )
    items = tuple(item for news, _ in heard for item in news)
    return digest_news(items, as_of=as_of, warnings=tuple(w for _, w in heard if w))


async def _hear(
    here: Connections, feed: Feed, *, pair: Pair, as_of: datetime
) -> tuple[tuple[NewsItem, ...], str]:
    """What one feed says, or why it says nothing."""
    try:
        async with asyncio.timeout(here.settings.feed_deadline_seconds):
            return await feed.fetch_news(pair, since=as_of - NEWS_WINDOW, as_of=as_of), ""
    except TimeoutError:
        return (), f"{feed.name}: took too long"
    except QuorumError as error:
        return (), f"{feed.name}: {error.sentence}"
