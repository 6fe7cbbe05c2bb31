"""Cleaning of foreign text: one short line of plain, visible text.

    markup out -> NFKC -> invisible characters out -> look-alikes folded -> links out -> cap

The author of a headline may want to mislead the council. Invisible parts of the page (hidden
elements, comments, zero-width and direction marks, tag characters) are dropped. Look-alike letters
(Cyrillic or Greek letters in a Latin word, and the reverse) are replaced by letters of the word's
script. Words of a single script stay unchanged: Russian stays Russian.
"""

# ruff: noqa: RUF001  (the look-alikes are the point)

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser

from trading.news.items import MAX_NEWS_TITLE_CHARACTERS

MAX_RAW_CHARACTERS = 5_000
"""What is longer is cut before it is looked at."""

_UNESCAPINGS = 2
"""Feeds escape twice; what is still escaped then stays visible as text."""

_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "head"})
_VOID = frozenset(
    {"br", "img", "hr", "input", "meta", "link", "wbr", "area", "base", "col", "embed", "source"}
)
_HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|opacity:0(?![.\d]*[1-9])|font-size:0(?![.\d]*[1-9])"
    r"|color:transparent|(?:left|top|text-indent):-\d{3}"
)
_TAG = re.compile(r"<[^>]*>|<!--.*?-->", re.DOTALL)
LINK = re.compile(r"(?<![a-z0-9+.\-])(?:[a-z][a-z0-9+.\-]{1,20}://|www\.)\S*", re.IGNORECASE)
"""A link; it starts where a word does, or long words would take quadratic time."""

_WORD = re.compile(r"[^\W\d_]+")
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"
_INVISIBLE = str.maketrans(dict.fromkeys(_INVISIBLE_LETTERS, " "))

# Letters with a Latin look-alike, lower case first: (look-alike, Latin).
_CYRILLIC = "аaеeоoрpсcхxуyіiјjѕsһhԁdӏlкkмmтtнhвbАAВBЕEКKМMНHОOРPСCТTУYХXІIЈJЅSԌGҮY"
_GREEK = "αaοoρpνvιiκkτtυuχxγyηnωwΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX"


def clean_text(raw: str, *, limit: int = MAX_NEWS_TITLE_CHARACTERS) -> str:
    """A visible line of at most `limit` characters; "" without visible text."""
    text = raw[:MAX_RAW_CHARACTERS]
    for _ in range(_UNESCAPINGS):
        text = unescape(_strip_markup(text))
    text = LINK.sub(" ", _drop_invisible(unicodedata.normalize("NFKC", text)))
    return _cap(" ".join(_WORD.sub(_fold_word, text).split()), limit=limit)


class _VisibleText(HTMLParser):
    """Collects the text visible in a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(" ")
        if tag not in _VOID and (self._hidden or _is_hidden(tag, attrs)):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(" ")
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _is_hidden(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
    named = dict(attrs)
    style = "".join((named.get("style") or "").split()).lower()
    return (
        tag in _SILENT
        or "hidden" in named
        or named.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(style) is not None
    )


def _strip_markup(text: str) -> str:
    if "<" not in text:
        return text
    parser = _VisibleText()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError:  # the parser's answer to some broken declarations
        return _TAG.sub(" ", text)
    return "".join(parser.parts)


def _drop_invisible(text: str) -> str:
    return "".join(map(_show, text.translate(_INVISIBLE)))


def _show(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me", "Cs", "Co", "Cn"}:
        return ""
    return " " if category in {"Cc", "Zl", "Zp"} else character


def _fold_word(match: re.Match[str]) -> str:
    """A word of mixed scripts in the script of most letters; other words unchanged."""
    word = match[0]
    latin = {character for character in word if character.isascii()}
    others = set(word) - latin
    if not latin or not others:
        return _fold_lone(word)
    is_mostly_cyrillic = 2 * sum(_is_cyrillic(character) for character in word) > len(word)
    if is_mostly_cyrillic and latin <= _TO_CYRILLIC.keys():
        return word.translate(_CYRILLIC_TABLE)
    return word.translate(_LATIN_TABLE) if others <= _TO_LATIN.keys() else word


def _is_cyrillic(character: str) -> bool:
    return "\u0400" <= character <= "\u052f"


def _fold_lone(word: str) -> str:
    """A Greek word made only of look-alikes is no Greek word: our sources write none."""
    return word.translate(_GREEK_TABLE) if set(word) <= _GREEK_LETTERS.keys() else word


def _cap(text: str, *, limit: int) -> str:
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut).rstrip() + "…"


def _pair_up(letters: str) -> dict[str, str]:
    return dict(zip(letters[::2], letters[1::2], strict=True))


_GREEK_LETTERS = _pair_up(_GREEK)
_TO_LATIN = _pair_up(_CYRILLIC) | _GREEK_LETTERS
_LATIN_TABLE = str.maketrans(_TO_LATIN)
_GREEK_TABLE = str.maketrans(_GREEK_LETTERS)
_TO_CYRILLIC = {latin: other for other, latin in reversed(_pair_up(_CYRILLIC).items())}
_CYRILLIC_TABLE = str.maketrans(_TO_CYRILLIC)
