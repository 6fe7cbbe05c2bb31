"""News feeds by name.

QUORUM_FEEDS, keys -> feeds_from_settings -> build_feed -> Feed, Feed ...

A publisher with RSS or Atom is a line in `_RSS`, any other source a class in `blocks/feeds/` and a
branch in `build_feed`. Addresses were looked up on 2026-11-30.
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blocks.feeds.bybit import BybitReader
from blocks.feeds.empty import EmptyFeed
from blocks.feeds.rss import RssReader
from blocks.feeds.settings import NONE, FeedSettings
from blocks.feeds.shared import Reader, SharedFeed
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.ports import Feed

if TYPE_CHECKING:
    from blocks.feeds.x import ReadBudget

_RSS = {
    "coindesk": ("https://www.coindesk.com/arc/outboundfeeds/rss/", "en"),
    "cointelegraph": ("https://cointelegraph.com/rss", "en"),
    "decrypt": ("https://decrypt.co/feed", "en"),
    "theblock": ("https://www.theblock.co/rss.xml", "en"),
    "forklog": ("https://forklog.com/feed", "ru"),
}
_OTHERS = ("bybit", "x", "empty")
_CUSTOM = "rss:"


class NoBudget:
    """A budget without money: for a process that may not read a paid source."""

    async def reserve(self, read_id: str, *, bound_usd: Decimal, at: datetime) -> bool:
        """Never."""
        del read_id, bound_usd, at
        return False

    async def settle(self, read_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        """Nothing was reserved."""


def feeds_from_settings(
    settings: FeedSettings | None = None,
    *,
    home: Path = Path(".quorum"),
    budget: "ReadBudget | None" = None,
) -> tuple[Feed, ...]:
    """
    The feeds of this installation (`QUORUM_FEEDS`).

    Args:
        home: folder of what feeds keep between reads.
        budget: the money for paid sources; without a budget they read nothing.

    Raises:
        PermanentError: for an unknown feed, or a feed without its key or address.
    """
    chosen = settings or FeedSettings()
    return tuple(
        build_feed(kind, settings=chosen, home=home, budget=budget) for kind in chosen.feeds
    )


def build_feed(
    kind: str,
    *,
    settings: FeedSettings | None = None,
    home: Path = Path(".quorum"),
    budget: "ReadBudget | None" = None,
) -> Feed:
    """Build a feed. Raises PermanentError as `feeds_from_settings`."""
    if kind == "empty":
        return EmptyFeed()
    if kind == "x":
        return SharedFeed(
            reader=_build_x(settings or FeedSettings(), home=home, budget=budget or NoBudget())
        )
    return SharedFeed(reader=_build_reader(kind))


def _build_reader(kind: str) -> Reader:
    if kind == "bybit":
        return BybitReader()
    if kind in _RSS:
        url, language = _RSS[kind]
        return RssReader(name=kind, url=url, language=language)
    if kind.startswith(_CUSTOM):
        return _build_custom(kind.removeprefix(_CUSTOM))
    known = ", ".join((*_RSS, *_OTHERS, NONE))
    raise PermanentError(message("feed-unknown", feed=kind[:40], known=known))


def _build_custom(text: str) -> Reader:
    """The feed of `NAME=URL`; the name is a source, so a short word."""
    name, _, url = text.partition("=")
    name = name.strip().lower()
    parts = urlsplit(url.strip())
    is_word = name.replace("-", "a").replace("_", "a").isalnum() and len(name) <= 30
    if not is_word or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise PermanentError(message("feed-bad-address", feed=text[:80]))
    if name in _RSS or name in _OTHERS:
        raise PermanentError(message("feed-name-taken", feed=name))
    return RssReader(name=name, url=url.strip())


def _build_x(settings: FeedSettings, *, home: Path, budget: "ReadBudget") -> Reader:
    key = settings.x_bearer_token
    if key is None or not key.get_secret_value():
        raise PermanentError(message("feed-x-no-token"))
    from blocks.feeds.x import (  # noqa: PLC0415  (tweepy takes half a second to import)
        XReader,
        build_query,
    )

    return XReader(
        token=key,
        query=build_query(list_id=settings.x_list, accounts=settings.x_accounts),
        file=home / "feeds" / "x.json",
        budget=budget,
    )
