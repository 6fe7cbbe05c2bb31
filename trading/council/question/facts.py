"""The facts of a question: a market without data of a user, and the view of a position.

`trading.council.question.evidence` builds both; voters that compute read the numbers here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from trading.domain.units import Pair, PositionSide, VenueName
from trading.indicators.values import Indicators, LeaderView, SeriesView
from trading.market.candles import Interval
from trading.market.snapshot import FundingRate, MarketSource, OpenInterest
from trading.news.items import NewsDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """
    The view of a position in a question.

    Attributes:
        entry_distance_pct: signed percent of the mark price from the average entry price.
        unrealized_pct: signed percent of the entry notional, before leverage and costs.
        age_minutes: since the first fill.
        stop_distance_pct, target_distance_pct: signed percent of the stop and the target from the
            mark price; None without an order.
        entry_reasons: reasons of the voters at the entry, shared by all users of that cycle.
    """

    side: PositionSide
    entry_distance_pct: Decimal
    unrealized_pct: Decimal
    age_minutes: int
    stop_distance_pct: Decimal | None = None
    target_distance_pct: Decimal | None = None
    entry_reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    Public knowledge at `as_of`: the same for all users of a pair.

    Attributes:
        cost_ratio: of a round trip without funding: the public taker fee twice, and the spread;
            None without the trading rules.
        book_imbalance: (bids - asks) / (bids + asks) of the nearest levels' quantities, -1..+1;
            None without a book and for a synthetic one, whose balance means nothing.
        funding_interval: time between settlements; None without the trading rules.
        day_change_ratio: last price / open of the UTC day - 1; None without the day's candles.
        leader: trend of BTC; None for BTC itself and where unknown.
        series: the newest closes and volume ratios of `SERIES_LENGTHS`.
    """

    venue: VenueName
    pair: Pair
    source: MarketSource
    as_of: datetime
    last_price: Decimal
    mark_price: Decimal
    spread_ratio: Decimal
    funding: FundingRate | None
    book_imbalance: Decimal | None
    indicators: Mapping[Interval, Indicators]
    news: NewsDigest
    cost_ratio: Decimal | None = None
    funding_interval: timedelta | None = None
    day_change_ratio: Decimal | None = None
    open_interest: OpenInterest | None = None
    leader: LeaderView | None = None
    series: Mapping[Interval, SeriesView] = field(default_factory=dict)
