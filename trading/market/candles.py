"""Candles: prices and volume of a market in closed intervals.

A series is ascending. Gaps are never filled: the quality check has to see a missing candle.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from trading.domain.units import (
    Pair,
    floor_time,
    require_not_negative,
    require_positive,
    require_utc,
)


class Interval(StrEnum):
    """The four candle lengths of the council's question."""

    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"

    @property
    def duration(self) -> timedelta:
        """Length of the interval."""
        return _DURATIONS[self]


_DURATIONS = {
    Interval.M5: timedelta(minutes=5),
    Interval.M15: timedelta(minutes=15),
    Interval.H1: timedelta(hours=1),
    Interval.H4: timedelta(hours=4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """
    One interval [open_time, open_time + interval): prices in quote per base, volume in base.

    Raises:
        ValueError: when a price is not above 0 or the high and low do not enclose the others.
    """

    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal

    def __post_init__(self) -> None:
        require_utc(open_time=self.open_time)
        require_positive(open=self.open, high=self.high, low=self.low, close=self.close)
        require_not_negative(volume=self.volume)
        if self.high < max(self.open, self.close) or self.low > min(self.open, self.close):
            raise ValueError(
                f"candle {self.open_time}: high and low do not enclose open and close"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CandleSeries:
    """
    Closed candles of one pair and interval, oldest first; may be empty.

    Raises:
        ValueError: when the open times are not strictly ascending.
    """

    pair: Pair
    interval: Interval
    candles: tuple[Candle, ...]

    def __post_init__(self) -> None:
        times = [candle.open_time for candle in self.candles]
        if any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError(f"{self.pair} {self.interval}: open times are not ascending")

    @property
    def closes_at(self) -> datetime | None:
        """The end (exclusive) of the newest candle, or None for an empty series."""
        return self.candles[-1].open_time + self.interval.duration if self.candles else None


def aggregate_candles(candles: Iterable[Candle], *, interval: Interval) -> tuple[Candle, ...]:
    """
    Merge shorter candles (ascending) into longer ones.

    A longer candle covers the available shorter candles; the caller drops an unfinished last
    candle (`drop_unclosed`).
    """
    groups: dict[datetime, list[Candle]] = {}
    for candle in candles:
        groups.setdefault(floor_time(candle.open_time, interval.duration), []).append(candle)
    return tuple(
        Candle(
            open_time=open_time,
            open=group[0].open,
            high=max(c.high for c in group),
            low=min(c.low for c in group),
            close=group[-1].close,
            volume=sum((c.volume for c in group), Decimal(0)),
        )
        for open_time, group in groups.items()
    )


def drop_unclosed(
    candles: Iterable[Candle], *, interval: Interval, as_of: datetime
) -> tuple[Candle, ...]:
    """Candles closed at `as_of`: nothing from the future reaches a decision."""
    return tuple(c for c in candles if c.open_time + interval.duration <= as_of)
