"""Builds the facts of a question from a snapshot, and the view of a position.

    snapshot, indicators, news, instrument, leader -> build_facts   -> Facts
    position, mark price, reasons at entry         -> view_position -> PositionView

Rounding of a position: distances and result to 0.2 %, age to 30 minutes. Users who entered in the
same cycle have fills that differ by hundredths of a percent and by seconds, so the users ask the
same question and share the answers; a size or an exact entry price would name the user.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from trading.council.decisions import Action, Decision
from trading.council.question.facts import Facts, PositionView
from trading.domain.instruments import Instrument
from trading.domain.positions import Position
from trading.domain.units import HUNDRED, ONE, PositionSide, sum_money
from trading.indicators.series import view_series
from trading.indicators.values import Indicators, LeaderView
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import MarketSnapshot, OrderBook
from trading.news.items import NewsDigest

BOOK_LEVELS = 10
"""Levels of each side that the imbalance looks at."""

SERIES_LENGTHS = {Interval.H1: 24, Interval.H4: 16, Interval.M15: 12}
"""Closes of the question, in the order of the question."""

VIEW_STEP_PCT = Decimal("0.2")
VIEW_STEP_AGE = timedelta(minutes=30)
_RATIO_STEP = Decimal("0.0001")
_FINEST = (Interval.M5, Interval.M15, Interval.H1)


def build_facts(
    snapshot: MarketSnapshot,
    indicators: Mapping[Interval, Indicators],
    *,
    news: NewsDigest,
    instrument: Instrument | None = None,
    leader: LeaderView | None = None,
) -> Facts:
    """
    Public facts of a market: no data of a user, no data after `snapshot.as_of`.

    Args:
        snapshot: Market data at the cycle time.
        indicators: Of the intervals with candles.
        news: The digest of the pair's news.
        instrument: The venue's public rules, never a user's own fees; None where unknown.
        leader: The trend of BTC, for any other pair.
    """
    ticker = snapshot.ticker
    return Facts(
        venue=snapshot.venue,
        pair=snapshot.pair,
        source=snapshot.source,
        as_of=snapshot.as_of,
        last_price=ticker.last_price,
        mark_price=ticker.mark_price,
        spread_ratio=ticker.spread_ratio,
        funding=snapshot.funding,
        book_imbalance=None if snapshot.book is None else _compute_imbalance(snapshot.book),
        indicators=indicators,
        news=news,
        cost_ratio=None
        if instrument is None
        else instrument.taker_fee_rate * 2 + ticker.spread_ratio,
        funding_interval=None if instrument is None else instrument.funding_interval,
        day_change_ratio=_compute_day_change(snapshot),
        open_interest=snapshot.open_interest,
        leader=leader,
        series={
            interval: view_series(candles, count=count)
            for interval, count in SERIES_LENGTHS.items()
            if (candles := snapshot.candles.get(interval)) is not None and candles.candles
        },
    )


def view_position(
    position: Position | None,
    *,
    mark_price: Decimal,
    as_of: datetime,
    entry_reasons: tuple[str, ...] = (),
) -> PositionView | None:
    """A position without the owner, rounded as the module says; None without a position."""
    if position is None or position.side is PositionSide.FLAT:
        return None
    distance = _compute_distance(mark_price, position.average_entry_price)
    stop, target = position.stop_price, position.target_price
    return PositionView(
        side=position.side,
        entry_distance_pct=_round_to(distance, VIEW_STEP_PCT),
        unrealized_pct=_round_to(distance * position.side.sign, VIEW_STEP_PCT),
        age_minutes=_round_age(as_of - position.opened_at),
        stop_distance_pct=None if stop is None else _view_distance(stop, mark_price),
        target_distance_pct=None if target is None else _view_distance(target, mark_price),
        entry_reasons=entry_reasons,
    )


def find_entry_reasons(decisions: Iterable[Decision], *, side: PositionSide) -> tuple[str, ...]:
    """The first reason of each vote in time that opened a position of the side."""
    action = Action.OPEN_LONG if side is PositionSide.LONG else Action.OPEN_SHORT
    votes = (one.proposal for one in decisions if one.proposal is not None and not one.is_late)
    return tuple(vote.reasons[0] for vote in votes if vote.action is action and vote.reasons)


def _view_distance(price: Decimal, mark_price: Decimal) -> Decimal:
    return _round_to(_compute_distance(price, mark_price), VIEW_STEP_PCT)


def _compute_distance(price: Decimal, base: Decimal) -> Decimal:
    """Signed percent of a price from a base."""
    return (price - base) / base * HUNDRED


def _compute_day_change(snapshot: MarketSnapshot) -> Decimal | None:
    midnight = snapshot.as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    known = (snapshot.candles.get(interval) for interval in _FINEST)
    day_open = next((found for one in known if (found := _find_open(one, midnight))), None)
    return None if day_open is None else snapshot.ticker.last_price / day_open - ONE


def _find_open(series: CandleSeries | None, at: datetime) -> Decimal | None:
    """The open of the candle that begins at `at`; None without such a candle."""
    candles = () if series is None else series.candles
    return next((candle.open for candle in reversed(candles) if candle.open_time == at), None)


def _compute_imbalance(book: OrderBook) -> Decimal | None:
    bids = sum_money(level.quantity for level in book.bids[:BOOK_LEVELS])
    asks = sum_money(level.quantity for level in book.asks[:BOOK_LEVELS])
    if book.is_synthetic or not bids + asks:
        return None
    return _round_to((bids - asks) / (bids + asks), _RATIO_STEP)


def _round_to(value: Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of the step."""
    rounded = (value / step).quantize(ONE, rounding=ROUND_HALF_EVEN) * step
    return rounded if rounded else abs(rounded)  # "-0.0" would be another prompt than "0.0"


def _round_age(age: timedelta) -> int:
    return max(0, round(age / VIEW_STEP_AGE) * int(VIEW_STEP_AGE.total_seconds() // 60))
