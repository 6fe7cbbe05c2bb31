"""The feed block: one configured source of news, visible to the operator in Prefect.

FeedBlock (kind, key) -> get_client() -> Feed;  feeds_from_settings() -> Feed, Feed ...

A new feed is one class in `blocks/feeds/` and one line in `_BUILDERS`.
"""

from collections.abc import Callable

from prefect.blocks.core import Block
from pydantic import SecretStr

from blocks.feeds.empty import EmptyFeed
from blocks.feeds.rss import COINDESK_URL, FORKLOG_URL, RssFeed
from blocks.feeds.settings import FeedSettings
from trading.domain.errors import PermanentError
from trading.ports import Feed


class FeedBlock(Block):
    """
    One source of news.

    Attributes:
        kind: name of the adapter, a value of `feed_kinds()`.
        key: the source's key, where needed.
    """

    _block_type_name = "Quorum News Feed"
    _block_type_slug = "quorum-news-feed"
    _description = "A source of news that the council hears and never obeys."

    kind: str = "empty"
    key: SecretStr | None = None

    def get_client(self) -> Feed:
        """
        The feed.

        Raises:
            PermanentError: for an unknown kind or a missing key.
        """
        builder = _BUILDERS.get(self.kind)
        if builder is None:
            known = ", ".join(feed_kinds())
            raise PermanentError(f"There is no feed {self.kind!r}; there are {known}.")
        return builder(self)


def feed_kinds() -> tuple[str, ...]:
    """Valid values of `kind`."""
    return tuple(_BUILDERS)


def feeds_from_settings(settings: FeedSettings | None = None) -> tuple[Feed, ...]:
    """
    The feeds of this installation (`QUORUM_FEEDS`), by default the empty one.

    Raises:
        PermanentError: for an unknown feed or a missing key.
    """
    chosen = settings or FeedSettings()
    return tuple(
        FeedBlock(kind=kind, key=chosen.key_of(kind)).get_client() for kind in chosen.feeds
    )


def _build_x(block: FeedBlock) -> Feed:
    if block.key is None or not block.key.get_secret_value():
        raise PermanentError("The feed 'x' needs a bearer token (X_BEARER_TOKEN).")
    from blocks.feeds.x import XFeed  # noqa: PLC0415  (tweepy takes half a second to import)

    return XFeed(token=block.key)


_BUILDERS: dict[str, Callable[[FeedBlock], Feed]] = {
    "empty": lambda _: EmptyFeed(),
    "coindesk": lambda _: RssFeed(name="coindesk", url=COINDESK_URL, language="en"),
    "forklog": lambda _: RssFeed(name="forklog", url=FORKLOG_URL, language="ru"),
    "x": _build_x,
}
