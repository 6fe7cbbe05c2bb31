"""The numbered facts of the second edition: F1, F2 ... each with named figures.

Facts, PositionView -> build_sheet -> Fact ... -> a line of the question each

A reason cites facts by number, and `trading.council.question.fabrication` compares the figures of
a reason with the figures of the cited facts. A fact keeps its number in every question; the
instructions explain each number once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from trading.council.question.facts import Facts, PositionView
from trading.council.question.numbers import (
    UNKNOWN,
    render_number,
    render_percent,
    render_series,
)
from trading.domain.units import Pair
from trading.indicators.values import Indicators, LeaderView, SeriesView
from trading.market.candles import Interval

PRICE_DIGITS = 6
CLOSE_DIGITS = 5
INDICATOR_DIGITS = 4
VOLUME_DIGITS = 2
SETTLEMENT_STEP_MINUTES = 5

SERIES = (Interval.H1, Interval.H4, Interval.M15)
"""Intervals of the series, in the order of the question; facts F13 to F18."""

POSITION_NUMBER = 19

_NO_INDICATORS = Indicators(close=0.0)
_NO_SERIES = SeriesView(closes=(), volume_ratios=())

type Figures = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    A numbered fact.

    Attributes:
        number: of the fact, the same in every question.
        label: name of the fact, "1h" for the indicators of an interval.
        figures: names and values as printed, "-" for unknown; a series has one nameless figure
            with all values.
    """

    number: int
    label: str
    figures: Figures

    @property
    def line(self) -> str:
        """The fact as printed in the question."""
        shown = (f"{name}={value}" if name else value for name, value in self.figures)
        return f"F{self.number} {self.label}: " + " ".join(shown)


def build_sheet(facts: Facts) -> tuple[Fact, ...]:
    """All facts of a market by number; facts without a known figure included."""
    parts: list[tuple[str, Figures]] = [
        *_list_market(facts),
        *((i.value, _list_indicators(facts, i)) for i in Interval),
    ]
    for interval in SERIES:
        series = facts.series.get(interval, _NO_SERIES)
        closes = render_series(series.closes, digits=CLOSE_DIGITS)
        volumes = render_series(series.volume_ratios, digits=VOLUME_DIGITS)
        parts += [
            (f"{interval} closes", (("", closes),)),
            (f"{interval} volume ratios", (("", volumes),)),
        ]
    return tuple(
        Fact(number=number, label=label, figures=figures)
        for number, (label, figures) in enumerate(parts, start=1)
    )


def build_position_fact(position: PositionView) -> Fact:
    """The position as the last fact; the reasons at entry are printed below, not a figure."""
    return Fact(
        number=POSITION_NUMBER,
        label="position",
        figures=(
            ("side", str(position.side)),
            ("age_min", str(position.age_minutes)),
            ("result_pct", f"{position.unrealized_pct:+}"),
            ("stop_distance_pct", _show_signed(position.stop_distance_pct)),
            ("target_distance_pct", _show_signed(position.target_distance_pct)),
        ),
    )


def _list_market(facts: Facts) -> Iterator[tuple[str, Figures]]:
    yield (
        "price",
        (
            ("last", render_number(facts.last_price, digits=PRICE_DIGITS)),
            ("mark", render_number(facts.mark_price, digits=PRICE_DIGITS)),
            ("day_change_pct", render_percent(facts.day_change_ratio, digits=3)),
        ),
    )
    yield (
        "costs",
        (
            ("spread_pct", render_percent(facts.spread_ratio, digits=3)),
            ("round_trip_pct", render_percent(facts.cost_ratio, digits=3)),
        ),
    )
    yield "funding", _list_funding(facts)
    interest = facts.open_interest
    hour, day = (
        (None, None)
        if interest is None
        else (interest.hour_change_ratio, interest.day_change_ratio)
    )
    yield (
        "open interest",
        (
            ("change_1h_pct", render_percent(hour, digits=3)),
            ("change_24h_pct", render_percent(day, digits=3)),
        ),
    )
    yield "book", (("imbalance", render_number(facts.book_imbalance, digits=2)),)
    yield "BTC", _list_leader(facts)
    hours = facts.series.get(Interval.H1, _NO_SERIES)
    yield (
        "volatility",
        (
            ("realized_24h_pct", render_percent(hours.volatility, digits=3)),
            ("percentile", render_number(hours.volatility_percentile, digits=2)),
        ),
    )
    yield "mood", _list_mood(facts)


def _list_funding(facts: Facts) -> Figures:
    funding, interval = facts.funding, facts.funding_interval
    left = None if funding is None else (funding.next_at - facts.as_of).total_seconds() / 60
    step = SETTLEMENT_STEP_MINUTES
    return (
        ("rate_pct", render_percent(None if funding is None else funding.rate, digits=3)),
        (
            "interval_h",
            UNKNOWN
            if interval is None
            else render_number(interval.total_seconds() / 3600, digits=3),
        ),
        ("settles_in_min", UNKNOWN if left is None else str(max(0, round(left / step) * step))),
    )


def _list_leader(facts: Facts) -> Figures:
    is_own = facts.pair == Pair("BTC", facts.pair.quote)
    leader = LeaderView() if is_own or facts.leader is None else facts.leader
    return (
        ("trend_1h", _show_trend(leader.trend_1h)),
        ("trend_4h", _show_trend(leader.trend_4h)),
        ("change_4h_pct", render_percent(leader.change_4h_ratio, digits=3)),
        ("change_24h_pct", render_percent(leader.change_24h_ratio, digits=3)),
    )


def _list_mood(facts: Facts) -> Figures:
    mood = facts.news.sentiment
    newest = max((item.published_at for item in facts.news.items), default=None)
    age = None if newest is None else round((facts.as_of - newest).total_seconds() / 60)
    is_known = mood.item_count and not mood.is_silent
    return (
        ("score", f"{mood.score:+.2f}" if is_known else UNKNOWN),
        ("stories", str(mood.item_count)),
        ("sources", str(mood.source_count)),
        ("newest_min", UNKNOWN if age is None else str(age)),
    )


def _list_indicators(facts: Facts, interval: Interval) -> Figures:
    values = facts.indicators.get(interval, _NO_INDICATORS)
    close = values.close or None
    macd, atr = values.macd_histogram, values.atr
    return (
        ("close", render_number(close, digits=PRICE_DIGITS)),
        ("trend", _show_trend(values.trend)),
        ("ema20", render_number(values.ema_fast, digits=PRICE_DIGITS)),
        ("ema50", render_number(values.ema_slow, digits=PRICE_DIGITS)),
        ("adx", render_number(values.adx, digits=3)),
        ("rsi", render_number(values.rsi, digits=3)),
        ("macd_atr", render_number(macd / atr if macd is not None and atr else None, digits=2)),
        ("bb_position", render_number(values.bollinger_position_ratio, digits=2)),
        ("bb_width_pct", render_percent(values.bollinger_width_ratio, digits=3)),
        ("atr_pct", render_percent(values.atr_ratio, digits=3)),
        ("high20_pct", _show_distance(close, values.highest_20)),
        ("low20_pct", _show_distance(close, values.lowest_20)),
        ("volume_ratio", render_number(values.volume_ratio, digits=2)),
    )


def _show_distance(close: float | None, level: float | None) -> str:
    """Signed percent of the close from a level."""
    return render_percent(close / level - 1 if close and level else None, digits=2)


def _show_trend(trend: int | None) -> str:
    return UNKNOWN if trend is None else str(trend)


def _show_signed(value: Decimal | None) -> str:
    return UNKNOWN if value is None else f"{value:+}"
