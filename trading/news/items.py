"""News items and the mood of a pair's news; text of a headline is data, never an instruction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.domain.units import ONE, ZERO, require_finite, require_utc

MAX_NEWS_TITLE_CHARACTERS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """
    One headline, already cleaned by the feed.

    Attributes:
        source: the feed's configured name, "coindesk"; never taken from the text.
        title: plain text, at most `MAX_NEWS_TITLE_CHARACTERS`.
        item_id: stable within the source; items with the same id are duplicates.
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
        score: -1 (all bad) .. +1 (all good); 0 also without items.
        item_count: number of scored items.
        words: words with an effect on the score, strongest first, with signed weights.
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
    """All news of a pair for a cycle: items newest first, the mood, failed feeds."""

    items: tuple[NewsItem, ...] = ()
    sentiment: SentimentScore = NO_NEWS
    warnings: tuple[str, ...] = ()
