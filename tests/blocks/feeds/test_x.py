"""X: one paid read for all pairs, since the newest known post, within the day's money."""

import json
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.feeds.shared import RECENT, SharedFeed
from blocks.feeds.x import MAX_POSTS, POST_USD, XReader, build_query
from tests.doubles.feeds import FeedDouble, serve_feed
from trading.domain.errors import PermanentError, TransientError
from trading.domain.units import Pair
from trading.news.items import NewsItem

BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKEN = "canary-token-0123456789"
BOUND = MAX_POSTS * POST_USD


@dataclass
class Purse:
    """A budget of a day; `reads` are dollars by read."""

    day_usd: Decimal = Decimal(3)
    reads: dict[str, Decimal] = field(default_factory=dict)

    async def reserve(self, read_id: str, *, bound_usd: Decimal, at: datetime) -> bool:
        del at
        if sum(self.reads.values()) + bound_usd > self.day_usd:
            return False
        self.reads[read_id] = bound_usd
        return True

    async def settle(self, read_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        del at
        self.reads[read_id] = cost_usd


@pytest.fixture
async def double() -> AsyncIterator[FeedDouble]:
    async with serve_feed() as running:
        yield running


@pytest.fixture
def purse() -> Purse:
    return Purse()


@pytest.fixture
def feed(double: FeedDouble, purse: Purse, tmp_path: Path) -> SharedFeed:
    return make_feed(double, purse, tmp_path)


def make_feed(double: FeedDouble, purse: Purse, folder: Path) -> SharedFeed:
    reader = XReader(
        token=SecretStr(TOKEN),
        query=build_query(list_id="123", accounts=()),
        file=folder / "x.json",
        budget=purse,
        base_url=double.url,
        timeout_seconds=2,
    )
    return SharedFeed(reader=reader)


async def read(feed: SharedFeed, *, pair: Pair = BTC, at: datetime = NOW) -> tuple[NewsItem, ...]:
    return await feed.fetch_news(pair, since=at - timedelta(hours=6), as_of=at)


def post(number: int, text: str, *, minutes: int = 10, **changes: Any) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", ".000Z")
    return {"id": str(number), "text": text, "created_at": at, "lang": "en"} | changes


def answer(*posts: Any) -> bytes:
    return json.dumps({"data": posts, "meta": {"result_count": len(posts)}}).encode()


async def test_posts_are_cleaned_matched_and_newest_first(
    double: FeedDouble, feed: SharedFeed
) -> None:
    double.body = answer(
        post(1, "Bitcoin slips https://t.co/abc", minutes=20),
        post(2, "Биткоин растет", minutes=10, lang="ru"),
        post(3, "Ethereum slips"),
        post(4, "Bitcoin, said in the past", minutes=361),
        post(5, "Bitcoin en français", minutes=30, lang="fr"),
        post(6, "https://t.co/only"),
    )
    items = await read(feed)
    assert [(item.title, item.language) for item in items] == [
        ("Биткоин растет", "ru"),
        ("Bitcoin slips", "en"),
        ("Bitcoin en français", "en"),
    ]
    assert {item.source for item in items} == {"x"}
    assert items[0].link == "https://x.com/i/status/2"


async def test_a_long_post_is_read_whole(double: FeedDouble, feed: SharedFeed) -> None:
    whole = "A long day. " * 40 + "Bitcoin crashes"
    double.body = answer(post(1, "A long day…", note_tweet={"text": whole}))
    (item,) = await read(feed)
    assert item.title.endswith("…")
    assert item.said.endswith("Bitcoin crashes")
    assert "note_tweet" in double.asked[0]["tweet.fields"]


async def test_one_read_serves_all_pairs_and_processes(
    double: FeedDouble, feed: SharedFeed, purse: Purse, tmp_path: Path
) -> None:
    double.body = answer(post(1, "Bitcoin slips"), post(2, "Ethereum slips"))
    assert len(await read(feed)) == len(await read(feed, pair=ETH)) == 1
    other_process = make_feed(double, purse, tmp_path)
    assert len(await read(other_process)) == 1
    assert len(double.asked) == 1
    assert list(purse.reads.values()) == [2 * POST_USD]


async def test_the_next_read_asks_for_newer_posts_only(
    double: FeedDouble, feed: SharedFeed, purse: Purse, tmp_path: Path
) -> None:
    double.body = answer(post(99, "Bitcoin slips"), post(100, "Bitcoin jumps", minutes=5))
    await read(feed)
    double.body = answer(post(101, "Bitcoin rests", minutes=0))
    later = NOW + timedelta(minutes=30)
    titles = [item.title for item in await read(make_feed(double, purse, tmp_path), at=later)]
    assert titles == ["Bitcoin rests", "Bitcoin jumps", "Bitcoin slips"]
    first, second = double.asked
    assert "since_id" not in first
    assert first["start_time"] == "2026-03-01T06:00:00Z"
    assert second["since_id"] == "100"
    assert "start_time" not in second
    assert first["query"] == "(list:123) (lang:en OR lang:ru) -is:retweet -is:reply"
    assert first["authorization"] == f"Bearer {TOKEN}"


async def test_after_a_long_silence_the_hours_are_asked_again(
    double: FeedDouble, feed: SharedFeed
) -> None:
    double.body = answer(post(100, "Bitcoin jumps"))
    await read(feed)
    await read(feed, at=NOW + timedelta(days=8))
    assert "since_id" not in double.asked[1]


async def test_the_money_of_the_day_ends_the_reads(double: FeedDouble, feed: SharedFeed) -> None:
    double.body = answer(*(post(n, "Bitcoin slips") for n in range(MAX_POSTS)))
    reads = int(Decimal(3) / BOUND)
    for number in range(reads):
        await read(feed, at=NOW + number * RECENT)
    with pytest.raises(PermanentError, match="limit for paid reads"):
        await read(feed, at=NOW + reads * RECENT)
    assert len(double.asked) == reads


@pytest.mark.parametrize(
    ("status", "cause"),
    [(402, "credits are used up"), (403, "refuses the request"), (401, "401"), (503, "503")],
)
async def test_a_refused_read_costs_nothing_and_is_told(
    double: FeedDouble, feed: SharedFeed, purse: Purse, status: int, cause: str
) -> None:
    double.status = status
    with pytest.raises((PermanentError, TransientError), match=cause):
        await read(feed)
    assert list(purse.reads.values()) == [0]


async def test_a_rate_limit_is_told_with_its_end(double: FeedDouble, feed: SharedFeed) -> None:
    double.status, double.headers = 429, {"x-rate-limit-reset": "1772368200"}
    with pytest.raises(TransientError, match=r"until .*12:30"):
        await read(feed)


async def test_a_read_without_an_answer_counts_at_the_bound(
    double: FeedDouble, feed: SharedFeed, purse: Purse
) -> None:
    double.drop = True
    with pytest.raises(TransientError, match="no answer"):
        await read(feed)
    assert list(purse.reads.values()) == [BOUND]


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"data": 7}', b"[" * 5_000, b'{"data": {"id": 1}}'],
)
async def test_an_answer_that_cannot_be_read_is_transient(
    double: FeedDouble, feed: SharedFeed, body: bytes
) -> None:
    double.body = body
    with pytest.raises(TransientError, match="the answer is no feed"):
        await read(feed)


async def test_a_post_that_cannot_be_read_is_left_out(
    double: FeedDouble, feed: SharedFeed, purse: Purse
) -> None:
    wrong: list[Any] = [None, 7, {}, {"id": 1}, post(1, "BTC", created_at="2026-03-01T11:00:00")]
    double.body = answer(*wrong, post(2, "Bitcoin slips"))
    assert [item.title for item in await read(feed)] == ["Bitcoin slips"]
    assert list(purse.reads.values()) == [6 * POST_USD]


async def test_a_damaged_file_is_no_harm(
    double: FeedDouble, feed: SharedFeed, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text("{")
    double.body = answer(post(2, "Bitcoin slips"))
    assert [item.title for item in await read(feed)] == ["Bitcoin slips"]


async def test_the_token_is_in_no_log_no_error_and_no_file(
    double: FeedDouble, feed: SharedFeed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    double.status, double.body = 401, f'{{"detail": "{TOKEN}"}}'.encode()
    with pytest.raises(PermanentError) as caught:
        await read(feed)
    assert TOKEN not in str(caught.value) + caplog.text + repr(feed)
    double.status, double.body = 200, answer(post(2, "Bitcoin slips"))
    await read(feed, at=NOW + RECENT)
    assert TOKEN not in (tmp_path / "x.json").read_text()


async def test_the_official_sample_answers_are_read(double: FeedDouble, feed: SharedFeed) -> None:
    folder = Path(os.environ.get("QUORUM_DATA", "../shared/data")) / "tweets"
    if not folder.is_dir():
        pytest.skip(f"the sample answers in {folder} are not there")
    for number, path in enumerate(sorted(folder.glob("*.json"))):
        sample = json.loads(path.read_bytes())
        posts = [one | {"text": f"Bitcoin: {one['text']}"} for one in sample["data"]]
        double.body = json.dumps(sample | {"data": posts}).encode()
        at = datetime(2030, 1, 1, tzinfo=UTC) + number * RECENT
        items = await feed.fetch_news(BTC, since=datetime(2000, 1, 1, tzinfo=UTC), as_of=at)
        dated = {datetime.fromisoformat(one["created_at"]) for one in posts if "created_at" in one}
        assert dated <= {item.published_at for item in items}


def test_accounts_are_a_query_of_their_own() -> None:
    query = build_query(list_id="", accounts=("@CoinDesk", "vitalik_b"))
    assert query.startswith("(from:CoinDesk OR from:vitalik_b) ")


@pytest.mark.parametrize(
    ("list_id", "accounts", "code"),
    [
        ("", (), "feed-x-unset"),
        ("12a", (), "feed-x-unset"),
        ("", ("a b",), "feed-x-unset"),
        ("", ("a) OR (b",), "feed-x-unset"),
        ("", tuple(f"account_{n}" for n in range(60)), "feed-x-too-many"),
    ],
)
def test_a_query_that_cannot_be_asked_is_refused(
    list_id: str, accounts: tuple[str, ...], code: str
) -> None:
    with pytest.raises(PermanentError) as caught:
        build_query(list_id=list_id, accounts=accounts)
    assert caught.value.message.code == code
