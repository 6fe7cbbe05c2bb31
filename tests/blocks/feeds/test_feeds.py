"""The feeds: what they say is cleaned, matched and dated, and nothing they send breaks us."""

# ruff: noqa: RUF001  (Russian headlines)

import json
import logging
import os
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.feed import build_feed, feeds_from_settings
from blocks.feeds.http import MAX_BODY_BYTES
from blocks.feeds.rss import MAX_ENTRIES, RssFeed, parse_feed
from blocks.feeds.settings import FeedSettings
from blocks.feeds.x import XFeed
from tests.doubles.feeds import FeedDouble, serve_feed
from trading.domain.errors import PermanentError, TransientError
from trading.domain.units import Pair
from trading.news.items import NewsItem

BTC = Pair("BTC", "USDT")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=6)
TOKEN = "canary-token-0123456789"


@pytest.fixture
async def double() -> AsyncIterator[FeedDouble]:
    async with serve_feed() as running:
        yield running


def entry(title: str, *, minutes: int = 30, guid: str = "") -> str:
    at = (NOW - timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><guid>{guid or title}</guid><title>{title}</title><pubDate>{at}</pubDate></item>"
    )


def rss(*entries: str) -> bytes:
    items = "".join(entries)
    text = (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'
    )
    return text.encode()


def rss_feed(double: FeedDouble, **changes: Any) -> RssFeed:
    return RssFeed(name="coindesk", url=double.url, language="en", **changes)


async def read(feed: RssFeed | XFeed) -> tuple[NewsItem, ...]:
    return await feed.fetch_news(BTC, since=SINCE, as_of=NOW)


async def test_items_are_cleaned_matched_dated_and_newest_first(double: FeedDouble) -> None:
    double.body = rss(
        entry("Bitcoin &lt;b&gt;slips&lt;/b&gt;", minutes=60),
        entry("Вitcoin\u200b jumps", minutes=5),
        entry("Ethereum jumps", minutes=5),
        entry("Bitcoin yesterday", minutes=361),
        entry("Bitcoin tomorrow", minutes=-1),
        "<item><title>Bitcoin undated</title></item>",
        "<item><pubDate>Sun, 01 Mar 2026 11:00:00 +0000</pubDate></item>",
    )
    items = await read(rss_feed(double))
    assert [item.title for item in items] == ["Bitcoin jumps", "Bitcoin slips"]
    assert items[0].published_at == NOW - timedelta(minutes=5)
    assert (items[0].source, items[0].language) == ("coindesk", "en")
    assert len(items[0].item_id) == 24


async def test_atom_is_read_too(double: FeedDouble) -> None:
    double.body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>Биткоин вырос</title>'
        "<updated>2026-03-01T14:00:00+03:00</updated></entry></feed>"
    ).encode()
    (item,) = await read(rss_feed(double))
    assert item.published_at == NOW - timedelta(hours=1)


async def test_an_unchanged_feed_is_not_sent_twice(double: FeedDouble) -> None:
    double.body, double.etag = rss(entry("Bitcoin slips")), '"v1"'
    double.headers = {"Last-Modified": "Sun, 01 Mar 2026 11:00:00 GMT"}
    feed = rss_feed(double)
    assert await read(feed) == await read(feed) != ()
    first, second = double.asked
    assert "if-none-match" not in first
    assert second["if-none-match"] == '"v1"'
    assert second["if-modified-since"] == "Sun, 01 Mar 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "error", "retry_after"),
    [
        (429, TransientError, 7.0),
        (500, TransientError, 7.0),
        (503, TransientError, 7.0),
        (403, PermanentError, None),
        (404, PermanentError, None),
    ],
)
async def test_statuses_are_classed(
    double: FeedDouble, status: int, error: type[Exception], retry_after: float | None
) -> None:
    double.status, double.headers = status, {"Retry-After": "7"}
    with pytest.raises(error, match=f"coindesk: answered {status}") as caught:
        await read(rss_feed(double))
    assert getattr(caught.value, "retry_after_seconds", None) == retry_after


async def test_a_slow_feed_is_not_waited_for(double: FeedDouble) -> None:
    double.latency_seconds = 5
    with pytest.raises(TransientError, match=r"coindesk: no answer in 0\.2 s"):
        await read(rss_feed(double, timeout_seconds=0.2))


async def test_a_dropped_line_is_transient(double: FeedDouble) -> None:
    double.drop = True
    with pytest.raises(TransientError, match="the connection failed"):
        await read(rss_feed(double))


async def test_an_endless_body_is_cut(double: FeedDouble) -> None:
    double.body = b" " * (MAX_BODY_BYTES + 1)
    with pytest.raises(PermanentError, match="more than 1 MB"):
        await read(rss_feed(double))


async def test_a_redirect_without_end_is_transient(double: FeedDouble) -> None:
    double.status, double.headers = 302, {"Location": "/again"}
    with pytest.raises(TransientError, match="the connection failed"):
        await read(rss_feed(double))
    assert len(double.asked) == 4


@pytest.mark.parametrize("body", [b"", b"<html><body>Blocked</body></html>", b"{}", b"\x00\xff"])
def test_what_is_no_feed_is_transient(body: bytes) -> None:
    with pytest.raises(TransientError, match="no feed"):
        parse_feed(body, name="coindesk", language="en")


def test_a_long_feed_is_capped() -> None:
    body = rss(*(entry(f"Bitcoin {n}") for n in range(MAX_ENTRIES + 50)))
    assert len(parse_feed(body, name="coindesk", language="en")) == MAX_ENTRIES


def test_one_id_is_one_item() -> None:
    body = rss(entry("Bitcoin a", guid="1"), entry("Bitcoin b", guid="1"))
    assert len(parse_feed(body, name="coindesk", language="en")) == 1


def test_three_hundred_malformed_feeds_do_not_crash_the_reader() -> None:
    rng = random.Random(7)
    outcomes = {"items": 0, "none": 0, "refused": 0}
    for _ in range(300):
        try:
            items = parse_feed(_malformed(rng), name="coindesk", language="en")
        except TransientError:
            outcomes["refused"] += 1
            continue
        outcomes["items" if items else "none"] += 1
        assert all(item.title and item.published_at.tzinfo for item in items)
    assert all(outcomes.values()), outcomes


_DATES = (
    "Sun, 01 Mar 2026 11:00:00 +0000", "2026-03-01T11:00:00Z", "yesterday", "", "0000-00-00",
    "99999-01-01T00:00:00Z", "Sun, 31 Feb 2026 25:61:61 +9999", "\u200b", "1e308", "-1",
    "0001-01-01T00:00:00+14:00",
)  # fmt: skip
_PARTS = (
    "<![CDATA[ Bitcoin ]]", "&undefined;", "&#xD800;", "<item>", "</channel>", "\x00", "\ufffe",
    "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;'>]>", "&b;", "<title/>",
    '<item xmlns:x="">', "<?php echo 1 ?>", "]]>", "<!--", "<x:y>", "\u202e", "<guid>" * 50,
)  # fmt: skip


def _malformed(rng: random.Random) -> bytes:
    title = rng.choice(("Bitcoin slips", "", "B" * 5_000, "<b>Bitcoin", "Биткоин", "&amp;&lt;"))
    item = f"<item><guid>{rng.random()}</guid><title>{title}</title>"
    item += f"<pubDate>{rng.choice(_DATES)}</pubDate></item>"
    body = bytearray(rss(item * rng.randrange(1, 4)))
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(body) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            body[at:at] = rng.choice(_PARTS).encode(errors="surrogatepass")
        elif kind == 1:
            del body[at : at + rng.randrange(1, 60)]
        elif kind == 2:
            body[at : at + 1] = bytes([rng.randrange(256)])
        else:
            body = body[:at]
    if rng.random() < 0.1:
        return bytes(body).decode(errors="replace").encode(rng.choice(("utf-16", "utf-7")))
    return bytes(body)


def x_feed(double: FeedDouble) -> XFeed:
    return XFeed(token=SecretStr(TOKEN), base_url=double.url, timeout_seconds=2)


def post(text: str, *, minutes: int = 10, **changes: Any) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", ".000Z")
    return {"id": f"{abs(hash(text))}", "text": text, "created_at": at, "lang": "en"} | changes


async def test_posts_are_cleaned_matched_and_newest_first(double: FeedDouble) -> None:
    posts = [
        post("Bitcoin slips https://t.co/abc", minutes=20),
        post("Биткоин растет", minutes=10, lang="ru"),
        post("Ethereum slips"),
        post("Bitcoin, said in the past", minutes=361),
        post("Bitcoin en français", minutes=30, lang="fr"),
        post("https://t.co/only"),
    ]
    double.body = json.dumps({"data": posts, "meta": {"result_count": 6}}).encode()
    items = await read(x_feed(double))
    assert [(item.title, item.language) for item in items] == [
        ("Биткоин растет", "ru"),
        ("Bitcoin slips", "en"),
        ("Bitcoin en français", "en"),
    ]
    assert {item.source for item in items} == {"x"}


async def test_the_search_names_the_pair_and_the_hours(double: FeedDouble) -> None:
    double.body = b'{"meta": {"result_count": 0}}'
    assert await read(x_feed(double)) == ()
    (asked,) = double.asked
    assert asked["query"].startswith('("BTC" OR "bitcoin" OR ')
    assert "-is:retweet" in asked["query"]
    assert asked["start_time"] == "2026-03-01T06:00:00Z"
    assert asked["end_time"] == "2026-03-01T11:59:30Z"
    assert asked["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"null", b'{"data": 7}', b"[" * 5_000, b'{"data": {"id": 1}}'],
)
async def test_an_answer_that_cannot_be_read_is_transient(double: FeedDouble, body: bytes) -> None:
    double.body = body
    with pytest.raises(TransientError, match="x: sent something"):
        await read(x_feed(double))


async def test_a_post_that_cannot_be_read_is_left_out(double: FeedDouble) -> None:
    wrong: list[Any] = [None, 7, {}, {"id": 1}, post("Bitcoin", created_at="2026-03-01T11:00:00")]
    double.body = json.dumps({"data": [*wrong, post("Bitcoin slips")]}).encode()
    assert [item.title for item in await read(x_feed(double))] == ["Bitcoin slips"]


async def test_the_token_is_in_no_log_and_no_error(
    double: FeedDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    double.status, double.body = 401, f'{{"detail": "{TOKEN}"}}'.encode()
    with pytest.raises(PermanentError) as caught:
        await read(x_feed(double))
    assert TOKEN not in str(caught.value) + caplog.text + repr(x_feed(double))


async def test_the_official_sample_answers_are_read(double: FeedDouble) -> None:
    folder = Path(os.environ.get("QUORUM_DATA", "../shared/data")) / "tweets"
    if not folder.is_dir():
        pytest.skip(f"the sample answers in {folder} are not there")
    for path in sorted(folder.glob("*.json")):
        answer = json.loads(path.read_bytes())
        posts = [one | {"text": f"Bitcoin: {one['text']}"} for one in answer["data"]]
        double.body = json.dumps(answer | {"data": posts}).encode()
        items = await x_feed(double).fetch_news(
            BTC, since=datetime(2000, 1, 1, tzinfo=UTC), as_of=datetime(2030, 1, 1, tzinfo=UTC)
        )
        dated = [one["created_at"] for one in posts if "created_at" in one]
        assert sorted(item.published_at for item in items) == sorted(
            datetime.fromisoformat(moment) for moment in dated
        )


def test_feeds_are_configured_by_name() -> None:
    settings = FeedSettings(
        _env_file=None, feeds=("coindesk", "forklog", "x"), X_BEARER_TOKEN=SecretStr(TOKEN)
    )
    assert [feed.name for feed in feeds_from_settings(settings)] == ["coindesk", "forklog", "x"]


def test_x_without_a_token_is_refused() -> None:
    with pytest.raises(PermanentError, match="needs a bearer token"):
        build_feed("x")
