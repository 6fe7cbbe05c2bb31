"""X: the newest posts of a list or of named accounts, through tweepy.

    budget -> recent search (since_id) -> clean_text -> NewsItem, kept in a file for the next read

A read costs money per post, so there is one read for all pairs and all processes of a machine: the
file holds the posts of the last hours and the newest id, and a lock lets one process read. The
money is reserved before the read and settled by the number of posts (0.005 dollars each,
docs.x.com/x-api/getting-started/pricing, read 2026-11-30). A read without an answer counts as
`MAX_POSTS` posts.

tweepy builds the parameters; the transport is ours, because tweepy's transport logs the bearer
token in clear at DEBUG, has no deadline and leaks the session on an error. Retweets and replies
are left out, so a swarm repeating a sentence counts once at most. Long posts are read whole
(`note_tweet`); people see the beginning.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from filelock import AsyncFileLock, Timeout
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from tweepy.asynchronous import AsyncClient

from blocks.feeds.http import TIMEOUT_SECONDS, FeedResponse, fetch
from blocks.feeds.shared import RECENT
from trading.domain.errors import PermanentError, QuorumError, TransientError
from trading.domain.messages import message
from trading.news.items import MAX_NEWS_TEXT_CHARACTERS, NewsItem
from trading.news.text import clean_text

X_URL = "https://api.x.com"
MAX_POSTS = 50
POST_USD = Decimal("0.005")
LANGUAGES = ("en", "ru")
MAX_QUERY = 512
"""Characters of a query (docs.x.com, recent search, read 2026-11-30)."""

_REFUSALS = ("feed-no-credits", "feed-forbidden", "feed-limited-until", "feed-status")
_FIELDS = ["created_at", "lang", "note_tweet"]


class ReadBudget(Protocol):
    """The money for reads of a UTC day."""

    async def reserve(self, read_id: str, *, bound_usd: Decimal, at: datetime) -> bool:
        """Whether the day's cap leaves room for the read, which is then reserved."""
        ...

    async def settle(self, read_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        """Replace the reserved by the actual cost."""
        ...


class _Note(BaseModel):
    text: str


class _Post(BaseModel):
    id: str
    text: str
    created_at: datetime
    lang: str = "en"
    note_tweet: _Note | None = None


class _Kept(BaseModel):
    """The file: the newest id and the posts of the last hours."""

    read_at: datetime
    newest_id: str = ""
    posts: list[_Post] = []


@dataclass(slots=True, kw_only=True)
class XReader:
    """
    Posts of a list or of accounts, at most `MAX_POSTS` new ones a read.

    Attributes:
        query: see `build_query`.
        file: where posts are kept between reads.
    """

    token: SecretStr
    query: str
    file: Path
    budget: ReadBudget
    base_url: str = X_URL
    name: str = "x"
    timeout_seconds: float = TIMEOUT_SECONDS

    async def read(self, *, since: datetime, as_of: datetime) -> tuple[NewsItem, ...]:
        """
        Read the posts since the newest known one; as of `blocks.feeds.shared.Reader`.

        Raises:
            PermanentError: also when the day's cap is reached.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            async with AsyncFileLock(f"{self.file}.lock", timeout=self.timeout_seconds):
                kept = self._load()
                if kept is None or not timedelta(0) <= as_of - kept.read_at < RECENT:
                    kept = await self._read_new(kept, since=since, as_of=as_of)
                    self._save(kept)
        except (Timeout, OSError):
            raise TransientError(message("feed-no-answer")) from None
        items = (self._read_post(post) for post in kept.posts)
        found = [item for item in items if item.title]
        return tuple(sorted(found, key=lambda i: (i.published_at, i.item_id), reverse=True))

    async def _read_new(self, kept: _Kept | None, *, since: datetime, as_of: datetime) -> _Kept:
        is_following = kept is not None and kept.newest_id and kept.read_at >= since
        start = (
            {"since_id": kept.newest_id}
            if kept is not None and is_following
            else {"start_time": since.astimezone(UTC).replace(microsecond=0)}
        )
        new = await self._search(start, as_of=as_of)
        old = [] if kept is None else [p for p in kept.posts if p.created_at >= since]
        known = {post.id: post for post in (*old, *new)}
        newest = max(known, key=_order, default="" if kept is None else kept.newest_id)
        return _Kept(read_at=as_of, newest_id=newest, posts=list(known.values()))

    async def _search(self, start: dict[str, Any], *, as_of: datetime) -> list[_Post]:
        """The search, paid for: reserved before, settled by the posts of the answer."""
        read_id = f"{self.name}:{as_of.isoformat()}"
        bound = MAX_POSTS * POST_USD
        if not await self.budget.reserve(read_id, bound_usd=bound, at=as_of):
            raise PermanentError(message("feed-budget-reached"))
        try:
            answer = await _Client(self).search_recent_tweets(
                self.query, max_results=MAX_POSTS, tweet_fields=_FIELDS, **start
            )
        except QuorumError as error:
            if error.message.code in _REFUSALS:  # no posts came
                await self.budget.settle(read_id, cost_usd=Decimal(0), at=as_of)
            raise
        rows = _read_rows(answer)
        await self.budget.settle(read_id, cost_usd=len(rows) * POST_USD, at=as_of)
        return [post for post in map(_read_whole, rows) if post is not None]

    def _load(self) -> _Kept | None:
        try:
            return _Kept.model_validate_json(self.file.read_bytes())
        except (OSError, ValidationError):
            return None

    def _save(self, kept: _Kept) -> None:
        draft = self.file.with_suffix(".new")
        draft.write_text(kept.model_dump_json(), encoding="utf-8")
        draft.replace(self.file)

    def _read_post(self, post: _Post) -> NewsItem:
        whole = post.note_tweet.text if post.note_tweet is not None else post.text
        number = post.id if post.id.isdecimal() else ""
        return NewsItem(
            source=self.name,
            item_id=clean_text(post.id, limit=24),
            title=clean_text(whole),
            published_at=post.created_at.astimezone(UTC),
            language=post.lang if post.lang in LANGUAGES else LANGUAGES[0],
            link=f"https://x.com/i/status/{number}" if number else "",
            text=clean_text(whole, limit=MAX_NEWS_TEXT_CHARACTERS),
        )


def build_query(*, list_id: str, accounts: tuple[str, ...]) -> str:
    """
    The query for the posts of a list, or of accounts.

    Raises:
        PermanentError: for neither, for names that are no names, or for too many accounts.
    """
    names = tuple(account.removeprefix("@") for account in accounts)
    if not (list_id or names) or not (list_id or "0").isdecimal():
        raise PermanentError(message("feed-x-unset"))
    if not all(name.replace("_", "a").isalnum() and name.isascii() for name in names):
        raise PermanentError(message("feed-x-unset"))
    who = [f"list:{list_id}"] if list_id else [f"from:{name}" for name in names]
    languages = " OR ".join(f"lang:{language}" for language in LANGUAGES)
    query = f"({' OR '.join(who)}) ({languages}) -is:retweet -is:reply"
    if len(query) > MAX_QUERY:
        raise PermanentError(message("feed-x-too-many"))
    return query


class _Client(AsyncClient):  # type: ignore[misc]  # tweepy is untyped
    """tweepy's client over our transport."""

    def __init__(self, reader: XReader) -> None:
        super().__init__(bearer_token=None, return_type=dict)
        self._reader = reader

    async def request(  # signature: tweepy
        self,
        method: str,
        route: str,
        params: dict[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
    ) -> "_JsonAnswer":
        del method, json, user_auth  # a search is a GET with a bearer token
        reader = self._reader
        return _JsonAnswer(
            fetched=await fetch(
                reader.base_url + route,
                headers={"authorization": f"Bearer {reader.token.get_secret_value()}"},
                params={name: str(value) for name, value in (params or {}).items()},
                timeout_seconds=reader.timeout_seconds,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _JsonAnswer:
    """The part of an HTTP answer used by tweepy."""

    fetched: FeedResponse

    async def json(self) -> Any:
        try:
            return json.loads(self.fetched.body)
        except (ValueError, RecursionError):
            raise TransientError(message("feed-changed")) from None


def _read_rows(answer: object) -> list[Any]:
    """The posts of an answer as they came. Raises TransientError for another form."""
    try:
        outline = TypeAdapter(dict[str, Any]).validate_python(answer)
        rows = TypeAdapter(list[Any]).validate_python(outline.get("data", []))
    except ValidationError:
        raise TransientError(message("feed-changed")) from None
    return rows[:MAX_POSTS]


def _read_whole(raw: object) -> _Post | None:
    try:
        post = _Post.model_validate(raw)
    except ValidationError:
        return None
    return post if post.created_at.tzinfo is not None else None


def _order(post_id: str) -> tuple[int, str]:
    """Ids grow with time; they are numbers of growing length."""
    return len(post_id), post_id
