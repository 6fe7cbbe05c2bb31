"""Prompts: what the council is asked, the same bytes for the same facts.

    market, indicators, news, position -> build_prompt -> Prompt

The stable part comes first (vendors cache prefixes), the facts next, the position last. It holds no
user data: no ids, balances or amounts; a position appears only as side, distances and age.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.candles import Interval
from trading.indicators import Indicators
from trading.market import MarketSource
from trading.news import NewsDigest
from trading.units import Pair
from trading.units import PositionSide
from trading.units import VenueName


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """
    All that a model learns of a position.

    Attributes:
        entry_distance_pct: signed percent of the mark price from the average entry price.
        unrealized_pct: signed percent of the entry notional, before leverage.
        age_minutes: since the first fill.
    """

    side: PositionSide
    entry_distance_pct: Decimal
    unrealized_pct: Decimal
    age_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What everyone may know at `as_of`: the same for all users of a pair."""

    venue: VenueName
    pair: Pair
    source: MarketSource
    as_of: datetime
    last_price: Decimal
    mark_price: Decimal
    spread_ratio: Decimal
    funding_rate: Decimal | None
    book_imbalance: Decimal | None
    indicators: Mapping[Interval, Indicators]
    news: NewsDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """
    A question to the council.

    Attributes:
        instructions: stable for a release; facts_text: deterministic; position_text: "flat" or
            the view.
        facts, position: the same in numbers, for voters that compute instead of read.
    """

    instructions: str
    facts_text: str
    position_text: str
    facts: Facts
    position: PositionView | None

    @property
    def digest(self) -> str:
        """Names the text: equal prompts share one answer. 32 hex digits."""
        text = "\x1f".join((self.instructions, self.facts_text, self.position_text))
        return hashlib.sha256(text.encode()).hexdigest()[:32]
