"""Merges items that tell the same story: one story with several sources.

    NewsItem ... -> near-duplicate titles -> NewsItem with the other sources in `also`

Two titles are the same story when they share most words (the Jaccard index of their words), the
same numbers and no word that only one of them negates: "Fed cuts rates" and "Fed does not cut
rates" share most words and are two stories.
"""

# ruff: noqa: RUF001  (Russian words)

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from trading.news.items import NewsItem

SAME_STORY = 0.6
"""Share of common words from which two titles are the same story."""

MIN_WORDS = 3
"""Titles with fewer words are the same story only when they are equal."""

_WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
_STEM = 5
"""Letters of a word that are compared: the endings differ between two editors."""

_FILLING = (
    "a an the to of in on at as is are was by for from and or with its it after over amid says "
    "в на и с по из за от до о об у к для как что после при"
)
_STOPWORDS = frozenset(_FILLING.split())
_TURNING = (
    "not no never denies denied without fails failed rejects rejected isn't won't doesn't cannot "
    "не нет без опроверг опровергла отклонил отклонила отказал отказался"
)
_TURNS = frozenset(_TURNING.split())


@dataclass(slots=True)
class _Story:
    item: NewsItem
    line: str
    words: frozenset[str]
    ids: set[tuple[str, str]]


def merge_stories(items: Iterable[NewsItem]) -> tuple[NewsItem, ...]:
    """
    Stories, oldest first; a story is its oldest item, or the oldest item of a publisher.

    `also` of a story names the other sources in the order of their items.
    """
    stories: list[_Story] = []
    for item in sorted(items, key=lambda i: (i.published_at, i.source, i.item_id)):
        line, words = _fingerprint(item.title)
        known = next((s for s in stories if _is_same(s, item, line=line, words=words)), None)
        if known is None:
            stories.append(_Story(item, line, words, {(item.source, item.item_id)}))
            continue
        known.ids.add((item.source, item.item_id))
        new = tuple(s for s in item.sources if s not in known.item.sources)
        known.item = _join(known.item, item, new=new)
    return tuple(story.item for story in stories)


def _join(known: NewsItem, item: NewsItem, *, new: tuple[str, ...]) -> NewsItem:
    """The story with further sources; a publisher's title replaces a stranger's."""
    if known.is_published or not item.is_published:
        return replace(known, also=(*known.also, *new))
    return replace(item, also=(*known.sources, *(s for s in item.also if s not in known.sources)))


def _is_same(story: _Story, item: NewsItem, *, line: str, words: frozenset[str]) -> bool:
    if (item.source, item.item_id) in story.ids or line == story.line:
        return True
    if min(len(words), len(story.words)) < MIN_WORDS:
        return False
    if _numbers(words) != _numbers(story.words) or words & _TURNS != story.words & _TURNS:
        return False
    return len(words & story.words) >= SAME_STORY * len(words | story.words)


def _fingerprint(title: str) -> tuple[str, frozenset[str]]:
    """The line without case and spaces, and the compared words."""
    line = " ".join(title.casefold().replace("ё", "е").split())
    words = (w for w in _WORD.findall(line) if w not in _STOPWORDS)
    return line, frozenset(w if w in _TURNS or w[0].isdecimal() else w[:_STEM] for w in words)


def _numbers(words: frozenset[str]) -> set[str]:
    return {word for word in words if word[0].isdecimal()}
