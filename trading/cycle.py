"""The cycle record, or receipt: inputs, decisions and actions of one cycle.

Built once at the end of a cycle, stored whole, rendered for people by
`reports.documents.receipts`. A cycle without an action has a receipt too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from trading.council.consensus import Consensus
from trading.council.decisions import Decision
from trading.council.news_check import NewsCheck
from trading.domain.accounts import Portfolio
from trading.domain.fees import PaidFee
from trading.domain.messages import KeptMessage
from trading.domain.orders import Order
from trading.domain.positions import Position
from trading.domain.units import (
    CYCLE_INTERVAL,
    Mode,
    Pair,
    UserId,
    VenueName,
    floor_time,
    require_utc,
)
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSource
from trading.news.items import NewsDigest
from trading.risk.results import RiskVerdict

CYCLE_GRACE = timedelta(minutes=10)
"""A cycle that starts later than this after its scheduled instant is skipped, not made up for."""


class CycleOutcome(StrEnum):
    """How a cycle ended."""

    ENTERED = "entered"
    EXITED = "exited"
    HELD = "held"
    DENIED = "denied"
    SKIPPED = "skipped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleKey:
    """Identity of a cycle: user, pair and cycle time."""

    user_id: UserId
    pair: Pair
    cycle_time: datetime

    def __post_init__(self) -> None:
        require_utc(cycle_time=self.cycle_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSummary:
    """
    Part of the market snapshot kept in the receipt; prices in quote per base.

    Attributes:
        book_is_synthetic: None without a book.
        ages_seconds: age of each part when the cycle read the market, by name of the part.
        findings: objections of the quality check; empty means good.
    """

    source: MarketSource
    last_price: Decimal
    mark_price: Decimal
    spread_ratio: Decimal
    book_is_synthetic: bool | None
    funding_rate: Decimal | None
    ages_seconds: Mapping[str, Decimal] = field(default_factory=dict)
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRecord:
    """
    The receipt of one cycle.

    Attributes:
        as_of: time of the data behind the decision.
        closed_at: None until the cycle ended.
        reason: one sentence with the cause of the result.
        decisions: on the market question.
        news_check: the question with headlines and its effect; None when the question was not due.
        consensus: the council's view to act on, after both questions.
        orders: orders sent by this cycle, protection included.
        fees: of the executions of these orders, by asset.
        position: position after the cycle.
        warnings: failures without effect on the decision.
    """

    key: CycleKey
    mode: Mode
    venue: VenueName
    as_of: datetime
    outcome: CycleOutcome
    reason: KeptMessage
    closed_at: datetime | None = None
    market: MarketSummary | None = None
    indicators: Mapping[Interval, Indicators] = field(default_factory=dict)
    news: NewsDigest = field(default_factory=NewsDigest)
    decisions: tuple[Decision, ...] = ()
    news_check: NewsCheck | None = None
    consensus: Consensus | None = None
    risk: RiskVerdict | None = None
    orders: tuple[Order, ...] = ()
    fees: tuple[PaidFee, ...] = ()
    position: Position | None = None
    portfolio: Portfolio | None = None
    warnings: tuple[str, ...] = ()


def floor_cycle_time(scheduled_at: datetime, *, interval: timedelta = CYCLE_INTERVAL) -> datetime:
    """The cycle's identity in time: the scheduled instant floored to the interval."""
    return floor_time(scheduled_at, interval)


def is_stale(scheduled_at: datetime, *, now: datetime, grace: timedelta = CYCLE_GRACE) -> bool:
    """Whether the grace period of a cycle scheduled at `scheduled_at` is over at `now`."""
    require_utc(scheduled_at=scheduled_at, now=now)
    return now - scheduled_at > grace
