"""X: recent posts about the pair, through tweepy.

    list_names(pair) -> recent search -> clean_text -> mentions_pair -> NewsItem

tweepy builds the query and the parameters; the transport is ours, because tweepy's transport logs
the bearer token in clear at DEBUG, has no deadline and leaks the session on an error. Retweets and
replies are left out, so a swarm repeating a sentence counts once at most.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from tweepy.asynchronous import AsyncClient

from blocks.feeds.http import TIMEOUT_SECONDS, FeedResponse, fetch
from trading.domain.errors import TransientError
from trading.domain.units import Pair
from trading.news.items import NewsItem
from trading.news.mentions import list_names, mentions_pair
from trading.news.text import clean_text

X_URL = "https://api.x.com"
MAX_POSTS = 50
LANGUAGES = ("en", "ru")
END_LAG = timedelta(seconds=30)
"""The search refuses to look at the last ten seconds."""


class _Post(BaseModel):
    id: str
    text: str
    created_at: datetime
    lang: str = "en"


@dataclass(slots=True, kw_only=True)
class XFeed:
    """Recent posts, at most `MAX_POSTS` a look."""

    token: SecretStr
    base_url: str = X_URL
    name: str = "x"
    timeout_seconds: float = TIMEOUT_SECONDS

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        """
        Search posts about the pair.

        Raises:
            TransientError: see `blocks.feeds.http`; also for an unreadable answer.
            PermanentError: see `blocks.feeds.http`.
        """
        client = _Client(self)
        answer = await client.search_recent_tweets(
            _build_query(pair),
            start_time=since.astimezone(UTC).replace(microsecond=0),
            end_time=(as_of - END_LAG).astimezone(UTC).replace(microsecond=0),
            max_results=MAX_POSTS,
            tweet_fields=["created_at", "lang"],
        )
        posts = _read_posts(answer, feed=self.name)
        items = (_read_post(post, feed=self.name) for post in posts)
        return tuple(
            sorted(
                (i for i in items if since <= i.published_at <= as_of and _speaks(i, pair)),
                key=lambda item: (item.published_at, item.item_id),
                reverse=True,
            )
        )


class _Client(AsyncClient):  # type: ignore[misc]  # tweepy is untyped
    """tweepy's client over our transport."""

    def __init__(self, feed: XFeed) -> None:
        super().__init__(bearer_token=None, return_type=dict)
        self._feed = feed

    async def request(  # signature: tweepy
        self,
        method: str,
        route: str,
        params: dict[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
    ) -> "_JsonAnswer":
        del method, json, user_auth  # a search is a GET with a bearer token
        feed = self._feed
        return _JsonAnswer(
            fetched=await fetch(
                feed.base_url + route,
                feed=feed.name,
                headers={"authorization": f"Bearer {feed.token.get_secret_value()}"},
                params={name: str(value) for name, value in (params or {}).items()},
                timeout_seconds=feed.timeout_seconds,
            ),
            feed=feed.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _JsonAnswer:
    """The part of an HTTP answer used by tweepy."""

    fetched: FeedResponse
    feed: str

    async def json(self) -> Any:
        try:
            return json.loads(self.fetched.body)
        except (ValueError, RecursionError):
            raise TransientError(f"{self.feed}: sent something that is no answer.") from None


def _build_query(pair: Pair) -> str:
    names = " OR ".join(f'"{name}"' for name in list_names(pair))
    languages = " OR ".join(f"lang:{language}" for language in LANGUAGES)
    return f"({names}) ({languages}) -is:retweet -is:reply"


def _read_posts(answer: object, *, feed: str) -> list[_Post]:
    """Readable posts; an unreadable answer is an error."""
    try:
        outline = TypeAdapter(dict[str, Any]).validate_python(answer)
        found = TypeAdapter(list[Any]).validate_python(outline.get("data", []))
    except ValidationError:
        raise TransientError(f"{feed}: sent something that is no answer.") from None
    return [post for post in map(_read_whole, found[:MAX_POSTS]) if post is not None]


def _read_whole(raw: object) -> _Post | None:
    try:
        post = _Post.model_validate(raw)
    except ValidationError:
        return None
    return post if post.created_at.tzinfo is not None else None


def _read_post(post: _Post, *, feed: str) -> NewsItem:
    return NewsItem(
        source=feed,
        item_id=clean_text(post.id, limit=24),
        title=clean_text(post.text),
        published_at=post.created_at.astimezone(UTC),
        language=post.lang if post.lang in LANGUAGES else LANGUAGES[0],
    )


def _speaks(item: NewsItem, pair: Pair) -> bool:
    return bool(item.title) and mentions_pair(item.title, pair)
