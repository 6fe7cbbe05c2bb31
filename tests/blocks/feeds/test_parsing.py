"""Parsing of feeds: the newest entry survives, in the right letters, whatever the XML is like."""

# ruff: noqa: RUF001  (Russian titles)

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from blocks.feeds.parsing import MAX_ENTRIES, keep_link, parse_feed
from trading.domain.errors import PermanentError
from trading.news.items import NewsItem

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEWEST = "Биткоин вырос & newest"


def parse(body: bytes, *, content_type: str = "") -> tuple[NewsItem, ...]:
    return parse_feed(body, name="coindesk", language="en", content_type=content_type)


def entry(title: str, *, minutes: int, guid: str = "") -> str:
    at = (NOW - timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><guid>{guid or title}</guid><title>{title}</title><pubDate>{at}</pubDate></item>"
    )


def rss(*entries: str, encoding: str = "utf-8", declared: str = "") -> bytes:
    head = f'<?xml version="1.0"{f' encoding="{declared}"' if declared else ""}?>'
    items = "".join(entries)
    return f'{head}<rss version="2.0"><channel>{items}</channel></rss>'.encode(encoding)


def test_the_newest_entries_are_kept_wherever_they_stand() -> None:
    minutes = list(range(1, MAX_ENTRIES + 50))
    random.Random(3).shuffle(minutes)
    items = parse(rss(*(entry(f"Bitcoin {m}", minutes=m) for m in minutes)))
    assert [item.title for item in items] == [f"Bitcoin {m}" for m in range(1, MAX_ENTRIES + 1)]


def test_one_id_is_one_item_and_the_newest_one() -> None:
    old, new = entry("Old", minutes=9, guid="1"), entry("New", minutes=1, guid="1")
    for body in (rss(old, new), rss(new, old)):
        (item,) = parse(body)
        assert item.title == "New"


def test_an_unreadable_date_does_not_hide_a_readable_one() -> None:
    body = rss(
        "<item><title>Bitcoin</title><pubDate>the day before</pubDate>"
        "<atom:updated xmlns:atom='http://www.w3.org/2005/Atom'>2026-03-01T11:00:00Z"
        "</atom:updated></item>"
    )
    (item,) = parse(body)
    assert item.published_at == NOW - timedelta(hours=1)


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "iso-8859-5", "utf-16"])
@pytest.mark.parametrize("declared", ["", "iso-8859-1"])
def test_the_charset_of_the_content_type_is_obeyed(encoding: str, declared: str) -> None:
    body = rss(entry("Биткоин вырос", minutes=1), encoding=encoding, declared=declared)
    (item,) = parse(body, content_type=f'text/xml; charset="{encoding}"')
    assert item.title == "Биткоин вырос"


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8"])
def test_without_a_charset_the_declaration_counts(encoding: str) -> None:
    body = rss(entry("Биткоин вырос", minutes=1), encoding=encoding, declared=encoding)
    for content_type in ("", "application/rss+xml", "text/xml", "text/html; boundary=x"):
        (item,) = parse(body, content_type=content_type)
        assert item.title == "Биткоин вырос"


def test_a_charset_that_does_not_exist_is_no_harm() -> None:
    body = rss(entry("Биткоин вырос", minutes=1))
    (item,) = parse(body, content_type="text/xml; charset=no-such-thing")
    assert item.title == "Биткоин вырос"


@pytest.mark.parametrize("body", [b"", b"<html><body>Blocked</body></html>", b"{}", b"\x00\xff"])
def test_a_body_without_a_feed_is_refused(body: bytes) -> None:
    with pytest.raises(PermanentError, match="the answer is no feed"):
        parse(body)


def test_a_feed_without_entries_is_a_feed() -> None:
    assert parse(rss()) == ()


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://example.org/a?b=1", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("https://example.org/<b>", False),
        ("https://example.org/a b", False),
        ("https://exаmple.org", False),
        ("https://example.org/" + "a" * 500, False),
    ],
)
def test_only_a_plain_web_link_is_kept(link: str, kept: bool) -> None:
    assert keep_link(link) == (link if kept else "")


_JUNK = (
    "<![CDATA[ open", "&undefined;", "&#xD800;", "<item>", "\x00", "\ufffe", "&b;", "<title/>",
    "<!DOCTYPE r [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>", '<item xmlns:x="">', "<?php echo 1 ?>",
    "]]>", "<!-- open", "<x:y>", "\u202e", "<guid>" * 50, "</item></item>", "<p hidden>",
    "<title>Bitcoin", "<pubDate>", "&amp;&lt;", "\x1b[2J", "<a href=\"x", "--><!--", "</channel>",
)  # fmt: skip


def break_text(text: str, rng: random.Random) -> str:
    """A text with up to three pieces of junk in it, or a part of it gone."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        cut = rng.randrange(0, 40) if rng.random() < 0.5 else 0
        text = text[:at] + rng.choice(_JUNK) + text[at + cut :]
    return text


def truncate(text: str, rng: random.Random) -> str:
    return text[: rng.randrange(len(text) + 1)]


def test_of_three_hundred_broken_feeds_none_loses_the_newest_entry() -> None:
    """Everything around the newest entry is broken; the newest entry itself is whole."""
    rng = random.Random(7)
    lost = []
    breaks: tuple[Callable[[str, random.Random], str], ...] = (break_text, truncate)
    for number in range(300):
        others = [entry(f"Bitcoin {n}", minutes=60 + n) for n in range(rng.randrange(6))]
        at = rng.randrange(len(others) + 1)
        head = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>'
        before = break_text(head + "".join(others[:at]), rng)
        after = rng.choice(breaks)("".join(others[at:]) + "</channel></rss>", rng)
        newest = entry(NEWEST.replace("&", "&amp;"), minutes=1)
        encoding = rng.choice(("utf-8", "windows-1251", "koi8-r"))
        body = (before + newest + after).encode(encoding, errors="ignore")
        items = parse(body, content_type=f"text/xml; charset={encoding}")
        if NEWEST not in {item.title for item in items}:
            lost.append((number, body[:400], [item.title for item in items]))
    assert lost == []


def test_of_three_hundred_mutilated_feeds_none_raises() -> None:
    rng = random.Random(11)
    outcomes = {"items": 0, "none": 0, "refused": 0}
    for _ in range(300):
        title = rng.choice(("Bitcoin slips", "", "B" * 5_000, "<b>Bitcoin", "Биткоин", "&lt;"))
        body = bytearray(rss(entry(title, minutes=5) * rng.randrange(1, 4)))
        for _ in range(rng.randrange(6)):
            at = rng.randrange(len(body) + 1)
            body[at : at + rng.randrange(60)] = bytes([rng.randrange(256)])
        if rng.random() < 0.2:
            body = body[: rng.randrange(len(body))]
        try:
            items = parse(bytes(body))
        except PermanentError:
            outcomes["refused"] += 1
            continue
        outcomes["items" if items else "none"] += 1
        assert all(item.title and item.published_at.tzinfo for item in items)
    assert all(outcomes.values()), outcomes
