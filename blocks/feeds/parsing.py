"""Parses RSS and Atom: every dated entry, the newest first, whatever state the XML is in.

    body, charset of the Content-Type -> feedparser -> clean_text -> NewsItem

feedparser repairs malformed feeds. A body that feedparser can't repair, or of which it shows fewer
entries than there are, is cut into its entries, and each entry is parsed alone: a broken entry
costs no other entry. An entry without a title or a valid time is left out.
"""

import calendar
import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import Message as Header
from typing import Any

import feedparser

from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.news.items import MAX_NEWS_LINK_CHARACTERS, NewsItem
from trading.news.text import clean_text

MAX_ENTRIES = 200
MAX_ALONE = 300
"""Entries of a broken feed that are parsed alone."""

# feedparser promises to accept malformed input, but lets some exceptions of inner parsers
# through: a lone surrogate as a character reference raises UnicodeEncodeError, for example.
_PARSER_FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
_ENTRY = re.compile(rb"<(item|entry)\b[^>]*>(?:(?!<(?:item|entry)[\s>]).)*", re.DOTALL | re.I)
_END = re.compile(rb"</(?:item|entry)\s*>.*", re.DOTALL | re.IGNORECASE)
_ILLEGAL = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#x?0*(?:d[89a-f][0-9a-f]{2}|0+);|<!DOCTYPE[^>]*>", re.I
)
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.:-]+)""")


def parse_feed(
    body: bytes, *, name: str, language: str, content_type: str = ""
) -> tuple[NewsItem, ...]:
    """
    Items of the newest `MAX_ENTRIES` entries, newest first.

    Args:
        content_type: of the HTTP answer; its charset stands above the XML declaration.

    Raises:
        PermanentError: for a body without a feed.
    """
    charset = _read_charset(content_type)
    parsed = _parse(body, charset=charset)
    entries = list(parsed.get("entries") or [])
    pieces = [match[0] for match in _ENTRY.finditer(body)]
    if len(entries) < len(pieces):
        alone = _parse_alone(body, pieces[:MAX_ALONE], charset=charset)
        entries = [*entries, *alone]
    if not entries and not parsed.get("version"):
        raise PermanentError(message("feed-changed"))
    items = (_read_entry(entry, name=name, language=language) for entry in entries)
    dated = sorted(
        (item for item in items if item is not None),
        key=lambda item: (item.published_at, item.item_id),
        reverse=True,
    )
    newest: dict[str, NewsItem] = {}
    for item in dated:
        newest.setdefault(item.item_id, item)
    return tuple(newest.values())[:MAX_ENTRIES]


def _read_charset(content_type: str) -> str:
    header = Header()
    header["content-type"] = content_type or "application/xml"
    charset = header.get_param("charset")
    return charset.strip("\"' ") if isinstance(charset, str) else ""


def _parse(body: bytes, *, charset: str) -> Mapping[str, Any]:
    """The answer of feedparser; a body that breaks feedparser is read without illegal bytes."""
    kind = "application/rss+xml" + (f"; charset={charset}" if charset else "")
    for text in (body, _ILLEGAL.sub(b" ", body)):
        try:
            parsed: Mapping[str, Any] = feedparser.parse(
                text, response_headers={"content-type": kind}
            )
        except _PARSER_FAILURES:
            continue
        return parsed
    return {}


def _parse_alone(body: bytes, pieces: list[bytes], *, charset: str) -> Iterator[Mapping[str, Any]]:
    """The entries of the pieces, each parsed in a feed of its own."""
    declared = _DECLARED.search(body[:200])
    encoding = declared[1] if declared else b"utf-8"
    for piece in pieces:
        inner = _ILLEGAL.sub(b" ", _END.sub(b"", piece))
        is_atom = inner[1:6].lower() == b"entry"
        head, tail = (
            (b'<feed xmlns="http://www.w3.org/2005/Atom">', b"</entry></feed>")
            if is_atom
            else (b'<rss version="2.0"><channel>', b"</item></channel></rss>")
        )
        whole = b'<?xml version="1.0" encoding="' + encoding + b'"?>' + head + inner + tail
        yield from _parse(whole, charset=charset).get("entries") or []


def _read_entry(entry: Mapping[str, Any], *, name: str, language: str) -> NewsItem | None:
    fields = dict(entry)  # feedparser's own mapping warns when `updated` is asked for in vain
    title = clean_text(str(fields.get("title") or ""))
    published_at = _read_time(fields.get("published_parsed")) or _read_time(
        fields.get("updated_parsed")
    )
    if not title or published_at is None:
        return None
    link = str(fields.get("link") or "")
    identity = str(fields.get("id") or link or title)
    return NewsItem(
        source=name,
        item_id=hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:24],
        title=title,
        published_at=published_at,
        language=language,
        link=keep_link(link),
    )


def keep_link(link: str) -> str:
    """The link if people can follow it: http(s), printable, not too long; else ""."""
    is_web = link.startswith(("https://", "http://")) and link.isascii() and link.isprintable()
    is_plain = not any(character in link for character in " <>\"'`")
    return link if is_web and is_plain and len(link) <= MAX_NEWS_LINK_CHARACTERS else ""


def _read_time(moment: Any) -> datetime | None:
    if moment is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), tz=UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None  # year 0, year 99999, half a date
