"""Reads the mood of a text: VADER with crypto phrases and words, in English and Russian.

    text -> tokens -> phrases become a token each -> VADER (negation, emphasis, "but") -> Reading

VADER (`vaderSentiment`, MIT) has the general English words and the rules of a sentence. The words
and phrases of markets, and all Russian ones, are in `trading.news.english` and
`trading.news.russian`; they stand above VADER's own. Russian negations and intensifiers are given
to VADER as the English words with the same job.

Forms of a word are listed as stems instead of asking a dictionary of forms: `pymorphy3` answers
with the same word for all cases, but takes 30 MB of each process and 0.13 ms a word (2.0.6,
measured 2026-11-30), and the stems already cover the cases.
"""

# ruff: noqa: RUF001  (Russian words)

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from html import unescape
from math import sqrt
from typing import override

from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]  # ships no types
    SentimentIntensityAnalyzer,
)

from trading.domain.units import ZERO
from trading.news import english, russian

MAX_TOKENS = 600
"""Tokens read of a text; a title has at most 240 characters, a long post a few hundred words."""

NEUTRAL_SUM = 0.2
"""Sums below are no mood: VADER's own limit (a compound score of 0.05)."""

NEUTRAL_SUM_RUSSIAN = 1.05
"""The same of a text with Russian words: a single weak stem is there by chance too often."""

NORMAL = 6
"""A single word of weight 2.5 scores 0.71; VADER itself, made for long posts, divides by more."""

_STEP = Decimal("0.01")
_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»“”„‘’…—–•"
_BREAKS = re.compile(r"[—–…/|«»“”„]|\.{2,}")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_MARK = "markedphrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    The mood of a text.

    Attributes:
        score: -1 (bad) .. +1 (good), to 0.01; 0 without a mood.
        phrases: words and phrases behind the score, in the order of the text, with signed
            weights after negation and emphasis. Empty for a text that says nothing.
    """

    score: Decimal
    phrases: tuple[tuple[str, Decimal], ...] = ()


SILENCE = Reading(score=ZERO)


def read_mood(text: str) -> Reading:
    """Read the mood of a text of any length; equal texts have equal readings."""
    tokens = _split(unescape(text))
    parts = list(_mark_phrases(tokens))
    if not parts:
        return SILENCE
    weights = _reader().polarity_scores(" ".join(part.given for part in parts))
    found = tuple(
        (part.shown, _round(weight))
        for part, weight in zip(parts, weights, strict=True)
        if abs(weight) >= NEUTRAL_SUM
    )
    total = sum(weights)
    limit = NEUTRAL_SUM_RUSSIAN if _CYRILLIC.search(text) else NEUTRAL_SUM
    if abs(total) < limit:
        return Reading(score=ZERO, phrases=found)
    return Reading(score=_round(total / sqrt(total * total + NORMAL)), phrases=found)


@dataclass(frozen=True, slots=True)
class _Part:
    """A token or a phrase: `given` to VADER, `shown` to people."""

    given: str
    shown: str


class _Reader(SentimentIntensityAnalyzer):  # type: ignore[misc]  # untyped base
    """VADER, answering with the weight of each token instead of the four totals."""

    def __init__(self) -> None:
        super().__init__()
        self.lexicon: _Lexicon = _Lexicon(self.make_lex_dict())

    @override
    def score_valence(self, sentiments: list[float], text: str) -> list[float]:
        del text
        return [float(weight) for weight in sentiments]


class _Lexicon(dict[str, float]):
    """VADER's words below ours; a word is found by the word itself, else by the longest stem."""

    def __init__(self, general: dict[str, float]) -> None:
        super().__init__(general)
        words, self._stems = _read_tables(english.WORDS, russian.WORDS)
        for word in _covered(general, words, self._stems):
            del self[word]
        self.update(words)
        self.update({f"{_MARK}{number}": weight for number, weight in enumerate(_weights())})

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or self._find(str(word)) is not None

    def __missing__(self, word: str) -> float:
        return self._find(word) or 0.0

    def _find(self, word: str) -> float | None:
        for end in range(len(word), 2, -1):
            if (weight := self._stems.get(word[:end])) is not None:
                return weight
        return None


def _covered(
    general: dict[str, float], words: dict[str, float], stems: dict[str, float]
) -> list[str]:
    """VADER's words that a stem of ours covers."""
    return [
        word
        for word in general
        if word not in words and any(word[:end] in stems for end in range(3, len(word) + 1))
    ]


@cache
def _reader() -> _Reader:
    """One reader per process; its lexicon is read from VADER's package at the first text."""
    return _Reader()


def _split(text: str) -> list[str]:
    """Tokens without punctuation at the ends; emoticons stay whole."""
    lexicon = _reader()
    spaced = "".join(f" {lexicon.emojis[c]} " if c in lexicon.emojis else c for c in text)
    raw = _BREAKS.sub(" ", spaced.replace("’", "'")).split()[:MAX_TOKENS]
    tokens = (token if _is_emoticon(token) else token.strip(_EDGES) for token in raw)
    return [token for token in tokens if token]


def _is_emoticon(token: str) -> bool:
    return not token[0].isalnum() and dict.__contains__(_reader().lexicon, token.lower())


def _mark_phrases(tokens: list[str]) -> Iterator[_Part]:
    plain = [token.casefold().replace("ё", "е") for token in tokens]
    line = " ".join(plain)
    index = 0
    for match in _phrase_pattern().finditer(line):
        start = line.count(" ", 0, match.start())
        end = start + match[0].count(" ") + 1
        yield from _translate(tokens[index:start])
        number = next(n for n, found in enumerate(match.groups()) if found is not None)
        yield _Part(f"{_MARK}{number}", " ".join(plain[start:end]))
        index = end
    yield from _translate(tokens[index:])


def _translate(tokens: list[str]) -> Iterator[_Part]:
    for token in tokens:
        plain = token.casefold().replace("ё", "е")
        given = russian.FUNCTION_WORDS.get(plain)
        if given is None:
            given = plain.upper() if token.isupper() else plain
        yield _Part(given, plain)


@cache
def _phrase_pattern() -> re.Pattern[str]:
    """A group for each weight, in the order of `_weights`."""
    groups = ("|".join(map(_compile, _phrases()[weight])) for weight in _weights())
    return re.compile(r"(?<!\S)(?:" + "|".join(f"({group})" for group in groups) + r")(?!\S)")


def _compile(phrase: str) -> str:
    """`drop* ~ charges/case` as a pattern: a stem, up to three words between, alternatives."""
    parts = []
    for part in phrase.split():
        if part == "~":
            parts.append(r"(?: \S+){0,3}?")
            continue
        words = (re.escape(w).replace(r"\*", r"[^\s]*") for w in part.split("/"))
        parts.append(f" (?:{'|'.join(words)})")
    return "".join(parts).removeprefix(" ")


@cache
def _phrases() -> dict[float, list[str]]:
    """Phrases by weight; within a weight the longest first."""
    found: dict[float, list[str]] = {}
    for table in (english.PHRASES, russian.PHRASES):
        for weight, lines in table.items():
            found.setdefault(float(weight), []).extend(p.strip() for p in lines.split("|"))
    return {weight: sorted(found[weight], key=len, reverse=True) for weight in found}


@cache
def _weights() -> tuple[float, ...]:
    """Weights of phrases: silent phrases first, then the strongest."""
    return tuple(sorted(_phrases(), key=lambda weight: (weight != 0, -abs(weight), weight)))


def _read_tables(*tables: dict[str, str]) -> tuple[dict[str, float], dict[str, float]]:
    entries = [
        (entry, float(weight))
        for table in tables
        for weight, words in table.items()
        for entry in words.split()
    ]
    words = {entry: weight for entry, weight in entries if not entry.endswith("*")}
    stems = {entry[:-1]: weight for entry, weight in entries if entry.endswith("*")}
    return words, stems


def _round(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(_STEP)
