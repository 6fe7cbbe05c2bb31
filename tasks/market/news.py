"""Collects the news of a pair in the last hours from every available feed.

Feed, Feed, Feed -> items and failures -> digest_news -> NewsDigest

A feed without an answer gives a warning: news never stops a cycle. Feeds that fail for the same
cause share a warning, so a machine without a network has one. The digest is shared like the market
data.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

from prefect import task

from tasks.runtime.caching import ShareKey, shared
from tasks.runtime.container import Services, get_services
from trading.council.news_question import NewsUse
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message
from trading.domain.units import Pair
from trading.news.items import NewsDigest, NewsItem
from trading.news.score import NEWS_WINDOW, digest_news
from trading.ports import Feed

NEWS_LIFE = timedelta(minutes=25)


@task(name="collect_news", **shared("news", life=NEWS_LIFE))
async def collect_news(key: ShareKey, *, pair: Pair) -> NewsDigest:  # noqa: ARG001, the cache's
    """The digest of every feed, stories newest first; empty where the news is off."""
    services = await get_services()
    if services.settings.news is NewsUse.OFF:
        return NewsDigest()
    as_of = services.clock()
    heard = await asyncio.gather(
        *(_hear(services, feed, pair=pair, as_of=as_of) for feed in services.feeds)
    )
    items = tuple(item for news, _ in heard for item in news)
    failures = [
        (feed.name, cause)
        for feed, (_, cause) in zip(services.feeds, heard, strict=True)
        if cause is not None
    ]
    return digest_news(items, as_of=as_of, warnings=_group(failures))


async def _hear(
    services: Services, feed: Feed, *, pair: Pair, as_of: datetime
) -> tuple[tuple[NewsItem, ...], Message | None]:
    """The items of a feed, or the cause of having none."""
    try:
        async with asyncio.timeout(services.settings.feed_deadline_seconds):
            return await feed.fetch_news(pair, since=as_of - NEWS_WINDOW, as_of=as_of), None
    except TimeoutError:
        return (), message("feed-no-answer")
    except QuorumError as error:
        return (), error.message


def _group(failures: Iterable[tuple[str, Message]]) -> tuple[Message, ...]:
    """A warning for each cause, with the feeds that it keeps from answering."""
    names: dict[Message, list[str]] = {}
    for name, cause in failures:
        names.setdefault(cause, []).append(name)
    return tuple(
        message("feed-warning", feeds=", ".join(feeds), why=cause)
        for cause, feeds in names.items()
    )
