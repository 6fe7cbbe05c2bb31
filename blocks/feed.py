"""News feeds by name.

QUORUM_FEEDS, keys -> feeds_from_settings -> build_feed -> Feed, Feed ...

A new feed is a class in `blocks/feeds/` and a line in `_BUILDERS`.
"""

from collections.abc import Callable

from pydantic import SecretStr

from blocks.feeds.empty import EmptyFeed
from blocks.feeds.rss import COINDESK_URL, FORKLOG_URL, RssFeed
from blocks.feeds.settings import FeedSettings
from trading.domain.errors import PermanentError
from trading.ports import Feed


def feeds_from_settings(settings: FeedSettings | None = None) -> tuple[Feed, ...]:
    """
    The feeds of this installation (`QUORUM_FEEDS`), by default the empty feed.

    Raises:
        PermanentError: for an unknown feed, or a feed without its key.
    """
    chosen = settings or FeedSettings()
    return tuple(build_feed(kind, key=chosen.key_of(kind)) for kind in chosen.feeds)


def build_feed(kind: str, *, key: SecretStr | None = None) -> Feed:
    """Build a feed. Raises PermanentError for an unknown kind, or a missing key."""
    builder = _BUILDERS.get(kind)
    if builder is None:
        known = ", ".join(_BUILDERS)
        raise PermanentError(f"There is no feed {kind!r}; there are {known}.")
    return builder(key)


def _build_x(key: SecretStr | None) -> Feed:
    if key is None or not key.get_secret_value():
        raise PermanentError("The feed 'x' needs a bearer token (X_BEARER_TOKEN).")
    from blocks.feeds.x import XFeed  # noqa: PLC0415  (tweepy takes half a second to import)

    return XFeed(token=key)


_BUILDERS: dict[str, Callable[[SecretStr | None], Feed]] = {
    "empty": lambda _: EmptyFeed(),
    "coindesk": lambda _: RssFeed(name="coindesk", url=COINDESK_URL, language="en"),
    "forklog": lambda _: RssFeed(name="forklog", url=FORKLOG_URL, language="ru"),
    "x": _build_x,
}
