"""The feeds: one read for all pairs, failures classed and coded, settings by name."""

# ruff: noqa: RUF001  (Russian headlines)

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from blocks.feed import build_feed, feeds_from_settings
from blocks.feeds.bybit import PATH, BybitReader
from blocks.feeds.http import MAX_BODY_BYTES
from blocks.feeds.rss import RssReader
from blocks.feeds.settings import FeedSettings
from blocks.feeds.shared import CLOCK_SKEW, RECENT, SharedFeed
from tests.blocks.feeds.test_parsing import entry, rss
from tests.doubles.feeds import FeedDouble, serve_feed
from trading.domain.errors import PermanentError, TransientError
from trading.domain.messages import message
from trading.domain.units import Pair
from trading.news.items import NewsItem

BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(hours=6)


@pytest.fixture
async def double() -> AsyncIterator[FeedDouble]:
    async with serve_feed() as running:
        yield running


def rss_feed(double: FeedDouble, **changes: Any) -> SharedFeed:
    return SharedFeed(reader=RssReader(name="coindesk", url=double.url, language="en", **changes))


async def read(feed: SharedFeed, *, pair: Pair = BTC, at: datetime = NOW) -> tuple[NewsItem, ...]:
    return await feed.fetch_news(pair, since=at - timedelta(hours=6), as_of=at)


async def test_items_are_cleaned_matched_dated_and_newest_first(double: FeedDouble) -> None:
    double.body = rss(
        entry("Bitcoin &lt;b&gt;slips&lt;/b&gt;", minutes=60),
        entry("Вitcoin\u200b jumps", minutes=5),
        entry("Ethereum jumps", minutes=5),
        entry("Bitcoin yesterday", minutes=361),
        entry("Bitcoin tomorrow", minutes=-60),
        "<item><title>Bitcoin undated</title></item>",
        "<item><pubDate>Sun, 01 Mar 2026 11:00:00 +0000</pubDate></item>",
    )
    items = await read(rss_feed(double))
    assert [item.title for item in items] == ["Bitcoin jumps", "Bitcoin slips"]
    assert items[0].published_at == NOW - timedelta(minutes=5)
    assert (items[0].source, items[0].language) == ("coindesk", "en")
    assert len(items[0].item_id) == 24


async def test_a_fast_clock_of_the_publisher_does_not_hide_the_newest(double: FeedDouble) -> None:
    double.body = rss(entry("Bitcoin jumps", minutes=-int(CLOCK_SKEW / timedelta(minutes=1))))
    (item,) = await read(rss_feed(double))
    assert item.published_at == NOW


async def test_atom_is_read_too_with_the_link(double: FeedDouble) -> None:
    double.body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>Биткоин вырос</title>'
        '<link href="https://example.org/1"/><updated>2026-03-01T14:00:00+03:00</updated></entry>'
        "</feed>"
    ).encode()
    (item,) = await read(rss_feed(double))
    assert item.published_at == NOW - timedelta(hours=1)
    assert item.link == "https://example.org/1"


async def test_the_charset_of_the_answer_is_obeyed(double: FeedDouble) -> None:
    double.body = rss(entry("Биткоин вырос", minutes=5), encoding="windows-1251")
    double.headers = {"Content-Type": "text/xml; charset=windows-1251"}
    (item,) = await read(rss_feed(double))
    assert item.title == "Биткоин вырос"


async def test_pairs_share_one_read(double: FeedDouble) -> None:
    double.body = rss(entry("Bitcoin slips", minutes=9), entry("Ethereum jumps", minutes=5))
    feed = rss_feed(double)
    bitcoin, ether = await asyncio.gather(read(feed), read(feed, pair=ETH))
    assert [item.title for item in (*bitcoin, *ether)] == ["Bitcoin slips", "Ethereum jumps"]
    assert len(double.asked) == 1


async def test_pairs_share_one_failure(double: FeedDouble) -> None:
    double.status = 404
    feed = rss_feed(double)
    for pair in (BTC, ETH):
        with pytest.raises(PermanentError):
            await read(feed, pair=pair)
    assert len(double.asked) == 1
    double.status, double.body = 200, rss(entry("Bitcoin slips", minutes=5))
    later = NOW + RECENT
    assert [item.title for item in await read(feed, at=later)] == ["Bitcoin slips"]


async def test_an_unchanged_feed_is_not_sent_twice(double: FeedDouble) -> None:
    double.body, double.etag = rss(entry("Bitcoin slips", minutes=5)), '"v1"'
    double.headers = {"Last-Modified": "Sun, 01 Mar 2026 11:00:00 GMT"}
    feed = rss_feed(double)
    assert await read(feed) == await read(feed, at=NOW + RECENT) != ()
    first, second = double.asked
    assert "if-none-match" not in first
    assert second["if-none-match"] == '"v1"'
    assert second["if-modified-since"] == "Sun, 01 Mar 2026 11:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "error", "retry_after", "code"),
    [
        (429, TransientError, 7.0, "feed-status"),
        (500, TransientError, 7.0, "feed-status"),
        (503, TransientError, 7.0, "feed-status"),
        (402, PermanentError, None, "feed-no-credits"),
        (403, PermanentError, None, "feed-forbidden"),
        (404, PermanentError, None, "feed-status"),
    ],
)
async def test_statuses_are_classed(
    double: FeedDouble,
    status: int,
    error: type[TransientError | PermanentError],
    retry_after: float | None,
    code: str,
) -> None:
    double.status, double.headers = status, {"Retry-After": "7"}
    with pytest.raises(error) as caught:
        await read(rss_feed(double))
    assert caught.value.message.code == code
    assert getattr(caught.value, "retry_after_seconds", None) == retry_after


async def test_the_end_of_a_rate_limit_is_told(double: FeedDouble) -> None:
    double.status, double.headers = 429, {"x-rate-limit-reset": "1772368200"}
    with pytest.raises(TransientError) as caught:
        await read(rss_feed(double))
    until = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert caught.value.message == message("feed-limited-until", until=until)


async def test_a_slow_feed_is_not_waited_for(double: FeedDouble) -> None:
    double.latency_seconds = 5
    with pytest.raises(TransientError, match="no answer"):
        await read(rss_feed(double, timeout_seconds=0.2))


async def test_a_dropped_line_is_transient(double: FeedDouble) -> None:
    double.drop = True
    with pytest.raises(TransientError, match="no answer"):
        await read(rss_feed(double))


async def test_an_endless_body_is_cut(double: FeedDouble) -> None:
    double.body = b" " * (MAX_BODY_BYTES + 1)
    with pytest.raises(PermanentError, match="larger than 2 MB"):
        await read(rss_feed(double))


async def test_a_redirect_without_end_is_transient(double: FeedDouble) -> None:
    double.status, double.headers = 302, {"Location": "/again"}
    with pytest.raises(TransientError, match="no answer"):
        await read(rss_feed(double))
    assert len(double.asked) == 4


def row(title: str, *, minutes: int = 30, kind: str = "new_crypto", **more: Any) -> dict[str, Any]:
    at = int((NOW - timedelta(minutes=minutes)).timestamp() * 1000)
    return {"title": title, "type": {"title": "", "key": kind}, "publishTime": at} | more


def announcements(*rows: Any) -> bytes:
    return json.dumps({"retCode": 0, "result": {"total": 1, "list": rows}}).encode()


async def test_announcements_of_bybit_are_read(double: FeedDouble) -> None:
    link = "https://announcements.bybit.com/en-US/article/1"
    double.body = announcements(
        row("Bitcoin options: maintenance", url=link, minutes=60),
        row("Delisting of BTC pairs", kind="delistings", publishTime=None, dateTimestamp=0),
        row("Trade BTC and win", kind="latest_activities"),
        row("New BTC pair", minutes=5, unknown={"more": 1}),
        {"title": 7}, None, row("", minutes=1), row("BTC undated", publishTime=None),
    )  # fmt: skip
    items = await read(SharedFeed(reader=BybitReader(base_url=double.url)))
    assert [item.title for item in items] == ["New BTC pair", "Bitcoin options: maintenance"]
    assert (items[1].link, items[1].source) == (link, "bybit")
    (asked,) = double.asked
    assert (asked["locale"], asked["limit"]) == ("en-US", "50")
    assert PATH == "/v5/announcements/index"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"result": null}', b'{"result": {}}'])
async def test_announcements_in_another_form_are_refused(double: FeedDouble, body: bytes) -> None:
    double.body = body
    with pytest.raises(PermanentError, match="the answer is no feed"):
        await read(SharedFeed(reader=BybitReader(base_url=double.url)))


def settings(text: str, **more: Any) -> FeedSettings:
    return FeedSettings.model_validate({"feeds": text} | more)


def test_feeds_are_configured_by_name_and_by_address() -> None:
    text = "CoinDesk, rss:My-Page=https://example.org/Feed.xml?A=1, bybit"
    feeds = feeds_from_settings(settings(text))
    assert [feed.name for feed in feeds] == ["coindesk", "my-page", "bybit"]
    assert isinstance(feeds[1], SharedFeed)
    reader = feeds[1].reader
    assert isinstance(reader, RssReader)
    assert reader.url == "https://example.org/Feed.xml?A=1"


def test_publishers_and_a_venue_are_on_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUORUM_FEEDS", raising=False)
    names = [feed.name for feed in feeds_from_settings(FeedSettings(_env_file=None))]
    assert names == ["coindesk", "cointelegraph", "decrypt", "theblock", "forklog", "bybit"]


def test_no_feed_is_a_choice() -> None:
    assert feeds_from_settings(settings("none")) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rumour", "feed-unknown"),
        ("rss:=https://example.org", "feed-bad-address"),
        ("rss:page=ftp://example.org", "feed-bad-address"),
        ("rss:a b=https://example.org", "feed-bad-address"),
        ("rss:coindesk=https://example.org", "feed-name-taken"),
        ("x", "feed-x-no-token"),
    ],
)
def test_a_feed_that_cannot_be_built_is_refused(text: str, code: str) -> None:
    with pytest.raises(PermanentError) as caught:
        build_feed(text, settings=settings(text))
    assert caught.value.message.code == code


def test_x_needs_a_list_or_accounts() -> None:
    chosen = settings("x", X_BEARER_TOKEN=SecretStr("token"))
    with pytest.raises(PermanentError) as caught:
        feeds_from_settings(chosen)
    assert caught.value.message.code == "feed-x-unset"
