"""Sentiment: the mood of the headlines, -1 to +1, and the words behind the score.

    NewsItem ... -> digest_news (dedupe, newest first, cap) -> score_news -> NewsDigest

A headline's mood is the sum of the weights of the words, squeezed into -1..+1. The mood of all
headlines is the mean, weighted by age and by trust in the source. A keyword list can't understand
a text, but can't be persuaded by a text either, and can show the reasons. A mood counts only when
two sources agree: a single captured or wrong source has no effect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from trading.domain.units import ONE, ZERO, sum_money
from trading.news.items import NO_NEWS, NewsDigest, NewsItem, SentimentScore
from trading.news.lexicon import score_words

NEWS_WINDOW = timedelta(hours=6)
"""How far back news is heard."""

HALF_LIFE = timedelta(hours=2)
"""After which a headline weighs half."""

MIN_SOURCES = 2
"""Feeds that must share a mood, each with a headline of its own, before it moves a decision."""

MAX_ITEMS = 40
MAX_WORDS = 8

SOURCE_WEIGHTS: Mapping[str, Decimal] = {
    "coindesk": Decimal(1),
    "forklog": Decimal("0.9"),
    "x": Decimal("0.4"),
}
"""Trust by feed name: an edited page says more than anybody's post."""

DEFAULT_SOURCE_WEIGHT = Decimal("0.5")

_SCORE_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineMood:
    """A headline with the score -1..+1 and the signed words in the order of the text."""

    score: Decimal
    words: tuple[tuple[str, Decimal], ...]


def digest_news(
    items: Iterable[NewsItem], *, as_of: datetime, warnings: tuple[str, ...] = ()
) -> NewsDigest:
    """
    Deduplicated items, newest first, at most `MAX_ITEMS`, and the mood.

    Items with the same source and id, and equal titles of any source, are duplicates: the oldest
    counts. Items older than `NEWS_WINDOW` or later than `as_of` are dropped. The mood is 0 unless
    `MIN_SOURCES` feeds agree; the words are shown in either case.
    """
    heard: dict[str, NewsItem] = {}
    seen: set[tuple[str, str]] = set()
    for item in sorted(items, key=lambda i: (i.published_at, i.source, i.item_id)):
        key = (item.source, item.item_id)
        if not as_of - NEWS_WINDOW <= item.published_at <= as_of or key in seen:
            continue
        seen.add(key)
        heard.setdefault(" ".join(item.title.casefold().split()), item)
    newest = tuple(reversed(heard.values()))[:MAX_ITEMS]
    mood = _confirm(score_news(newest, as_of=as_of), items=newest)
    return NewsDigest(items=newest, sentiment=mood, warnings=warnings)


def score_news(items: Iterable[NewsItem], *, as_of: datetime) -> SentimentScore:
    """The weighted mean of the headlines' moods, to 0.01; 0 when there is nothing to score."""
    moods = [(score_headline(i.title), _weigh(i, as_of=as_of)) for i in items]
    total = sum_money(weight for _, weight in moods)
    if not total:
        return NO_NEWS
    score = sum_money(mood.score * weight for mood, weight in moods) / total
    return SentimentScore(
        score=_rounded(score), item_count=len(moods), words=_strongest(moods, total=total)
    )


def score_headline(title: str) -> HeadlineMood:
    """The mood of a text: x / (1 + |x|) of the sum x of the words' weights."""
    words = score_words(title)
    total = sum_money(weight for _, weight in words)
    return HeadlineMood(score=total / (ONE + abs(total)), words=words)


def _confirm(mood: SentimentScore, *, items: Iterable[NewsItem]) -> SentimentScore:
    """The mood if enough sources agree, else a mood of 0."""
    sharing = {i.source for i in items if score_headline(i.title).score * mood.score > 0}
    return mood if len(sharing) >= MIN_SOURCES else replace(mood, score=ZERO)


def _weigh(item: NewsItem, *, as_of: datetime) -> Decimal:
    age = max(as_of - item.published_at, timedelta(0)) / HALF_LIFE
    recency = Decimal(repr(round(0.5**age, 6)))
    return recency * SOURCE_WEIGHTS.get(item.source, DEFAULT_SOURCE_WEIGHT)


def _strongest(
    moods: list[tuple[HeadlineMood, Decimal]], *, total: Decimal
) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    for mood, weight in moods:
        for word, value in mood.words:
            sums[word] = sums.get(word, ZERO) + value * weight / total
    ranked = sorted(sums.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    return tuple((word, _rounded(value)) for word, value in ranked[:MAX_WORDS])


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_SCORE_STEP, rounding=ROUND_HALF_EVEN)
