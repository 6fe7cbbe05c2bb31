"""News items and the mood of a pair's news; text of a headline is data, never an instruction."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.domain.messages import KeptMessage
from trading.domain.units import ONE, ZERO, require_finite, require_utc

MAX_NEWS_TITLE_CHARACTERS = 240
MAX_NEWS_LINK_CHARACTERS = 500
MAX_NEWS_TEXT_CHARACTERS = 4_000

STRANGERS = frozenset({"x"})
"""Feeds in which anybody may write: no text of theirs reaches a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsItem:
    """
    One headline, already cleaned by the feed.

    Attributes:
        source: the feed's configured name, "coindesk"; never taken from the text.
        title: plain text, at most `MAX_NEWS_TITLE_CHARACTERS`.
        item_id: stable within the source; items with the same id are duplicates.
        language: ISO 639-1, "en" or "ru".
        link: http(s) address of the text; empty without an address.
        text: the whole text where the title is only the beginning; not kept with a digest.
        also: further sources of the same story, without `source`.
    """

    source: str
    item_id: str
    title: str
    published_at: datetime
    language: str = "en"
    link: str = ""
    text: str = ""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_utc(published_at=self.published_at)
        if len(self.title) > MAX_NEWS_TITLE_CHARACTERS:
            raise ValueError(f"a title has at most {MAX_NEWS_TITLE_CHARACTERS} characters")
        if len(self.link) > MAX_NEWS_LINK_CHARACTERS:
            raise ValueError(f"a link has at most {MAX_NEWS_LINK_CHARACTERS} characters")

    @property
    def said(self) -> str:
        """The text to match and to score: whole where known."""
        return self.text or self.title

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source of the story, the first one first."""
        return (self.source, *self.also)

    @property
    def is_published(self) -> bool:
        """Whether a publisher wrote the title, and not a stranger."""
        return self.source not in STRANGERS

    @property
    def publishers(self) -> tuple[str, ...]:
        """The sources of the story that are publishers."""
        return tuple(source for source in self.sources if source not in STRANGERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentScore:
    """
    The mood of the news.

    Attributes:
        score: -1 (all bad) .. +1 (all good); 0 also without items.
        item_count: number of stories.
        words: words and phrases with a mood, strongest first, with signed weights; empty when
            no story says anything.
        source_count: number of feeds that told the stories.
    """

    score: Decimal
    item_count: int
    words: tuple[tuple[str, Decimal], ...] = ()
    source_count: int = 0

    def __post_init__(self) -> None:
        require_finite(score=self.score)
        if not -ONE <= self.score <= ONE:
            raise ValueError(f"a sentiment score lies in -1..+1, got {self.score}")

    @property
    def is_silent(self) -> bool:
        """Whether no story says anything: no mood is known, which is not a mood of 0."""
        return not self.words


NO_NEWS = SentimentScore(score=ZERO, item_count=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsDigest:
    """All news of a pair for a cycle: items newest first, the mood, failed feeds."""

    items: tuple[NewsItem, ...] = ()
    sentiment: SentimentScore = NO_NEWS
    warnings: tuple[KeptMessage, ...] = ()
