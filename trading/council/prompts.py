"""Prompts: the council's questions, equal bytes for equal facts.

    snapshot, indicators, news -> build_facts -> Facts -+
    position, mark price -> view_position -> view ------+-> build_prompt -> Prompt

The stable part comes first (vendors cache prefixes), the facts next, the position last. A prompt
holds no user data: no ids, balances or amounts; a position appears only as side, distances and
age, rounded so coarsely that users with the same trade ask the same question.

No headline stands in this question: a model can be talked into anything, so strangers' words must
not reach a question whose answer can open a position. Headlines stand in a second question only
(`trading.council.news_question`).
The wording is in `trading.council.prompt_text`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from trading.council.prompt_text import (
    INDICATOR_DIGITS,
    INSTRUCTIONS,
    PRICE_DIGITS,
    render_indicators,
    render_number,
    render_percent,
)
from trading.domain.positions import Position
from trading.domain.units import HUNDRED, Pair, PositionSide, VenueName, sum_money
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSnapshot, MarketSource, OrderBook
from trading.news.items import NewsDigest

BOOK_LEVELS = 10
"""Levels of each side that the imbalance looks at."""

VIEW_STEP_PCT = Decimal("0.1")
VIEW_STEP_AGE = timedelta(minutes=5)
_RATIO_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """
    The view of a position in a prompt.

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
    """
    Public knowledge at `as_of`: the same for all users of a pair.

    Attributes:
        book_imbalance: (bids - asks) / (bids + asks) of the nearest levels' quantities, -1..+1;
            None without a book and for a synthetic one, whose balance means nothing.
    """

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
        """Digest of the text: equal prompts share the answers. 32 hex digits."""
        text = "\x1f".join((self.instructions, self.facts_text, self.position_text))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def name_edition(prompt: Prompt) -> str:
    """The edition of the question: changes with the instructions only. 8 hex digits."""
    return hashlib.sha256(prompt.instructions.encode()).hexdigest()[:8]


def build_facts(
    snapshot: MarketSnapshot, indicators: Mapping[Interval, Indicators], *, news: NewsDigest
) -> Facts:
    """Public facts of a market: no data of a user, no data after `snapshot.as_of`."""
    return Facts(
        venue=snapshot.venue,
        pair=snapshot.pair,
        source=snapshot.source,
        as_of=snapshot.as_of,
        last_price=snapshot.ticker.last_price,
        mark_price=snapshot.ticker.mark_price,
        spread_ratio=snapshot.ticker.spread_ratio,
        funding_rate=None if snapshot.funding is None else snapshot.funding.rate,
        book_imbalance=None if snapshot.book is None else _compute_imbalance(snapshot.book),
        indicators=indicators,
        news=news,
    )


def view_position(
    position: Position | None, *, mark_price: Decimal, as_of: datetime
) -> PositionView | None:
    """
    A position without the owner: percents to 0.1, age to 5 minutes; None without a position.

    A size or an exact entry price would name the user, and make every prompt a different prompt.
    """
    if position is None or position.side is PositionSide.FLAT:
        return None
    entry = position.average_entry_price
    distance = (mark_price - entry) / entry * HUNDRED
    return PositionView(
        side=position.side,
        entry_distance_pct=_round_to(distance, VIEW_STEP_PCT),
        unrealized_pct=_round_to(distance * position.side.sign, VIEW_STEP_PCT),
        age_minutes=_round_age(as_of - position.opened_at),
    )


def build_prompt(facts: Facts, position: PositionView | None) -> Prompt:
    """The question: the same text, to the byte, for the same facts and view."""
    intervals = [interval for interval in Interval if interval in facts.indicators]
    lines = [_render_market(facts)]
    lines += [render_indicators(interval, facts.indicators[interval]) for interval in intervals]
    return Prompt(
        instructions=INSTRUCTIONS,
        facts_text="\n".join(lines),
        position_text=_render_position(position),
        facts=facts,
        position=position,
    )


def _render_market(facts: Facts) -> str:
    return (
        f"Market: {facts.pair} perpetual on {facts.venue}, "
        f"as of {facts.as_of:%Y-%m-%d %H:%M} UTC\n"
        f"last={render_number(facts.last_price, digits=PRICE_DIGITS)} "
        f"mark={render_number(facts.mark_price, digits=PRICE_DIGITS)} "
        f"spread_pct={render_percent(facts.spread_ratio)} "
        f"funding_pct={render_percent(facts.funding_rate)} "
        f"book_imbalance={render_number(facts.book_imbalance, digits=INDICATOR_DIGITS)}"
    )


def _render_position(position: PositionView | None) -> str:
    if position is None:
        return "Position: flat"
    return (
        f"Position: {position.side}, mark {position.entry_distance_pct:+}% from entry, "
        f"unrealized {position.unrealized_pct:+}%, age {position.age_minutes} minutes"
    )


def _compute_imbalance(book: OrderBook) -> Decimal | None:
    bids = sum_money(level.quantity for level in book.bids[:BOOK_LEVELS])
    asks = sum_money(level.quantity for level in book.asks[:BOOK_LEVELS])
    if book.is_synthetic or not bids + asks:
        return None
    return _round_to((bids - asks) / (bids + asks), _RATIO_STEP)


def _round_to(value: Decimal, step: Decimal) -> Decimal:
    rounded = value.quantize(step, rounding=ROUND_HALF_EVEN)
    return rounded if rounded else abs(rounded)  # "-0.0" would be another prompt than "0.0"


def _round_age(age: timedelta) -> int:
    return max(0, round(age / VIEW_STEP_AGE) * int(VIEW_STEP_AGE.total_seconds() // 60))
