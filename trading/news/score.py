"""The mood of a pair's news, -1 to +1, and the phrases behind the score.

    NewsItem ... -> digest_news (stories, newest first, cap) -> score_stories -> NewsDigest

The same story in five feeds is a single story with five sources. The mood is the mean of the
stories that say something, weighted by age and by trust in the sources; a story without a mood
counts neither for nor against. The weight of a story decays with age, and a mood with little
weight behind it shrinks: an old headline alone moves little. The weight of a story and of a source
has a cap, so neither a story told everywhere nor a feed that writes much decides alone. A list of
phrases can't understand a text, but can't be persuaded by a text either, and can show the reasons.
A mood counts only when two sources agree: a single captured or wrong source has no effect.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from trading.domain.messages import Message
from trading.domain.units import ONE, ZERO, sum_money
from trading.news.items import NO_NEWS, NewsDigest, NewsItem, SentimentScore
from trading.news.lexicon import Reading, read_mood
from trading.news.stories import merge_stories

NEWS_WINDOW = timedelta(hours=6)
"""How far back news is heard."""

HALF_LIFE = timedelta(hours=2)
"""After which a headline weighs half."""

MIN_SOURCES = 2
"""Feeds that must share a mood before it moves a decision."""

MAX_ITEMS = 40
MAX_PHRASES = 8

STORY_CAP = Decimal("1.5")
"""Weight of a story at most, however many sources tell it."""

SOURCE_CAP = Decimal(2)
"""Stories of a source that count in full; more of them share this weight."""

FULL_WEIGHT = Decimal(1)
"""Weight behind a mood that is shown in full: one fresh headline of full trust."""

SOURCE_WEIGHTS: Mapping[str, Decimal] = {
    "coindesk": Decimal(1),
    "theblock": Decimal(1),
    "cointelegraph": Decimal("0.9"),
    "decrypt": Decimal("0.9"),
    "forklog": Decimal("0.9"),
    "bybit": Decimal("0.9"),
    "x": Decimal("0.4"),
}
"""Trust by feed name: an edited page says more than anybody's post."""

DEFAULT_SOURCE_WEIGHT = Decimal("0.5")

_SCORE_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScoredStory:
    """A story that says something, with its mood and weight."""

    item: NewsItem
    reading: Reading
    weight: Decimal


def digest_news(
    items: Iterable[NewsItem], *, as_of: datetime, warnings: tuple[Message, ...] = ()
) -> NewsDigest:
    """
    Stories, newest first, at most `MAX_ITEMS`, and the mood.

    Items older than `NEWS_WINDOW` or later than `as_of` are dropped; items with the same source
    and id, and items with nearly the same title, become one story
    (`merge_stories`). The mood is 0 unless `MIN_SOURCES` feeds agree; the phrases are shown in
    either case.
    """
    heard = [i for i in items if as_of - NEWS_WINDOW <= i.published_at <= as_of]
    stories = merge_stories(heard)
    newest = tuple(sorted(stories, key=_order, reverse=True))[:MAX_ITEMS]
    mood = score_stories(newest, as_of=as_of)
    shown = tuple(replace(story, text="") for story in newest)
    return NewsDigest(items=shown, sentiment=mood, warnings=warnings)


def score_stories(stories: Sequence[NewsItem], *, as_of: datetime) -> SentimentScore:
    """The mood of merged stories, to 0.01; 0 and no phrases when no story says anything."""
    if not stories:
        return NO_NEWS
    spoken = _weigh_all(stories, as_of=as_of)
    total = sum_money(story.weight for story in spoken)
    score = ZERO
    if total:
        mean = sum_money(story.reading.score * story.weight for story in spoken) / total
        score = _rounded(mean * min(ONE, total / FULL_WEIGHT))
    if len(_agreeing(spoken, score=score)) < MIN_SOURCES:
        score = ZERO
    return SentimentScore(
        score=score,
        item_count=len(stories),
        words=_strongest(spoken, total=total),
        source_count=len({source for story in stories for source in story.sources}),
    )


def _order(item: NewsItem) -> tuple[datetime, str, str]:
    return item.published_at, item.source, item.item_id


def _weigh_all(stories: Iterable[NewsItem], *, as_of: datetime) -> list[_ScoredStory]:
    """Stories with a mood; the weight is capped by story, then by source, then decayed."""
    readings = ((item, read_mood(item.said)) for item in stories)
    heard = [(item, reading) for item, reading in readings if reading.score]
    shares = [_share_out(item) for item, _ in heard]
    totals: dict[str, Decimal] = {}
    for share in shares:
        for source, weight in share.items():
            totals[source] = totals.get(source, ZERO) + weight
    return [
        _ScoredStory(
            item=item,
            reading=reading,
            weight=_decay(item, as_of=as_of)
            * sum_money(
                w * min(ONE, SOURCE_CAP * _trust(source) / totals[source])
                for source, w in share.items()
            ),
        )
        for (item, reading), share in zip(heard, shares, strict=True)
    ]


def _share_out(story: NewsItem) -> dict[str, Decimal]:
    """The weight of a story by source, at most `STORY_CAP` together."""
    trust = {source: _trust(source) for source in story.sources}
    factor = min(ONE, STORY_CAP / sum_money(trust.values()))
    return {source: weight * factor for source, weight in trust.items()}


def _trust(source: str) -> Decimal:
    return SOURCE_WEIGHTS.get(source, DEFAULT_SOURCE_WEIGHT)


def _decay(story: NewsItem, *, as_of: datetime) -> Decimal:
    age = max(as_of - story.published_at, timedelta(0)) / HALF_LIFE
    return Decimal(repr(round(0.5**age, 6)))


def _agreeing(spoken: Iterable[_ScoredStory], *, score: Decimal) -> set[str]:
    """Sources with a story of the mood's sign."""
    return {
        source
        for story in spoken
        if story.reading.score * score > 0
        for source in story.item.sources
    }


def _strongest(spoken: list[_ScoredStory], *, total: Decimal) -> tuple[tuple[str, Decimal], ...]:
    sums: dict[str, Decimal] = {}
    for story in spoken:
        for phrase, value in story.reading.phrases:
            sums[phrase] = sums.get(phrase, ZERO) + value * story.weight / total
    ranked = sorted(sums.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    return tuple((phrase, _rounded(value)) for phrase, value in ranked[:MAX_PHRASES])


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_SCORE_STEP, rounding=ROUND_HALF_EVEN)
