"""News: what was said, by whom, when; heard, never obeyed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.domain.units import ONE, ZERO, require_finite, require_utc

MAX_NEWS_TITLE_CHARACTERS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """
    One headline, already cleaned by its feed.

    Attributes:
        source: the feed's configured name, "coindesk"; never taken from the text.
        title: plain text, at most `MAX_NEWS_TITLE_CHARACTERS`.
        item_id: stable within the source; two items with one id are one item.
        language: ISO 639-1, "en" or "ru".
    """

    source: str
    item_id: str
    title: str
    published_at: datetime
    language: str = "en"

    def __post_init__(self) -> None:
        require_utc(published_at=self.published_at)
        if len(self.title) > MAX_NEWS_TITLE_CHARACTERS:
            raise ValueError(f"a title has at most {MAX_NEWS_TITLE_CHARACTERS} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentScore:
    """
    The mood of the news.

    Attributes:
        score: -1 (all bad) .. +1 (all good); 0 also when there is nothing to score.
        item_count: how many items it was made from.
        words: the words that made it, strongest first, with their signed weight.
    """

    score: Decimal
    item_count: int
    words: tuple[tuple[str, Decimal], ...] = ()

    def __post_init__(self) -> None:
        require_finite(score=self.score)
        if not -ONE <= self.score <= ONE:
            raise ValueError(f"a sentiment score lies in -1..+1, got {self.score}")


NO_NEWS = SentimentScore(score=ZERO, item_count=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsDigest:
    """All news of one pair for one cycle: items newest first, the mood, feeds that failed."""

    items: tuple[NewsItem, ...] = ()
    sentiment: SentimentScore = NO_NEWS
    warnings: tuple[str, ...] = ()
