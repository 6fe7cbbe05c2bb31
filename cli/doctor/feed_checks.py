"""Check of the news feeds: each is read once.

settings -> a read of every feed -> Finding
"""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cli.doctor.findings import Finding, Health
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message
from trading.news.score import NEWS_WINDOW

if TYPE_CHECKING:
    from blocks.feeds.shared import SharedFeed
    from trading.ports import Feed

PAID = "x"
"""Not read here: a read costs money."""

MEND = "Correct QUORUM_FEEDS, or leave the feed out of it."


async def check_feeds() -> Finding:
    """Every feed answers in a known form. Without any answer the network is the likelier cause."""
    from blocks.feed import feeds_from_settings
    from reports.texts.catalog import render, tell

    try:
        feeds = feeds_from_settings()
    except QuorumError as error:
        return Finding(part="Feeds", health=Health.BROKEN, detail=tell(error), mend=MEND)
    free = _list_free(feeds)
    if not free:
        names = ", ".join(feed.name for feed in feeds) or "none"
        return Finding(part="Feeds", health=Health.IDLE, detail=f"nothing to read: {names}")
    causes = await asyncio.gather(*(_read(feed) for feed in free))
    failed = {feed.name: c for feed, c in zip(free, causes, strict=True) if c is not None}
    if not failed:
        names = ", ".join(feed.name for feed in free)
        return Finding(part="Feeds", health=Health.GOOD, detail=f"{names} answer")
    if len(failed) == len(free) and set(failed.values()) == {message("feed-no-answer")}:
        return Finding(
            part="Feeds",
            health=Health.WEAK,
            detail="no feed answers",
            mend="Check the network. Until then cycles run without news.",
        )
    detail = "; ".join(f"{name}: {render(cause)}" for name, cause in failed.items())
    return Finding(part="Feeds", health=Health.BROKEN, detail=detail, mend=MEND)


def _list_free(feeds: "tuple[Feed, ...]") -> "list[SharedFeed]":
    from blocks.feeds.shared import SharedFeed

    return [feed for feed in feeds if isinstance(feed, SharedFeed) and feed.name != PAID]


async def _read(feed: "SharedFeed") -> Message | None:
    now = datetime.now(UTC)
    try:
        await feed.read(since=now - NEWS_WINDOW, as_of=now)
    except QuorumError as error:
        return error.message
    return None
