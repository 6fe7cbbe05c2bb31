"""Candles and settled funding rates kept as Parquet under a home.

    HOME/candles/VENUE/BTC_USDT-5m.parquet                date, open, high, low, close, volume
    HOME/candles/VENUE/BTC_USDT-8h-funding_rate.parquet   date, open (the rate)

The layout is the one that `recording` reads: a stored file is also a file for `quorum demo`.
Prices are floats whose `repr` has the digits of the candle. A downloaded candle has the digits of
the venue; an imported candle is rounded to the tick that the demo trades by. Two candles at one
time are one candle: the newer reading counts.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd

from blocks.venues.offline.candle_files import FUNDING_COLUMNS, read_candle_file
from blocks.venues.offline.recording import COLUMNS, parse_pair_of
from trading.domain.units import Pair, VenueName
from trading.market.candles import Candle, Interval

_STEP = Interval.M5.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Missing candles: the first missing open time, and the first open time after the hole."""

    begin: datetime
    end: datetime

    @property
    def count(self) -> int:
        """Number of missing candles."""
        return (self.end - self.begin) // _STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCandles:
    """
    What a stored file holds.

    Attributes:
        first, last: open times of the oldest and the newest candle.
        holes: missing candles between both, oldest first.
        funding: number of settled rates.
    """

    venue: VenueName
    pair: Pair
    path: Path
    count: int
    first: datetime
    last: datetime
    holes: tuple[Hole, ...]
    funding: int


class CandleStore:
    """The stored candles of a home; `root` is HOME/candles."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list_stored(self) -> tuple[StoredCandles, ...]:
        """Every stored file, by venue and pair. Raises BadInput for an unreadable file."""
        paths = sorted(self._root.glob("*/*-5m.parquet"))
        return tuple(
            self.describe(VenueName(path.parent.name), pair=parse_pair_of(path)) for path in paths
        )

    def describe(self, venue: VenueName, *, pair: Pair) -> StoredCandles:
        """The content of a pair's file, which must exist."""
        path = self.find_path(venue, pair=pair)
        dates = [at.to_pydatetime() for at in self._load(path, columns=COLUMNS)["date"]]
        return StoredCandles(
            venue=venue,
            pair=pair,
            path=path,
            count=len(dates),
            first=dates[0],
            last=dates[-1],
            holes=find_holes(dates, begin=dates[0], end=dates[-1] + _STEP),
            funding=len(self._load(self._funding_path(venue, pair), columns=FUNDING_COLUMNS)),
        )

    def find_path(self, venue: VenueName, *, pair: Pair) -> Path:
        """The path of a pair's candles, whether the file exists or not."""
        return self._root / venue / f"{pair.base}_{pair.quote}-5m.parquet"

    def find_missing(
        self, venue: VenueName, *, pair: Pair, begin: datetime, end: datetime
    ) -> tuple[Hole, ...]:
        """Holes of the stored candles from `begin` (inclusive) to `end` (exclusive)."""
        stored = self._load(self.find_path(venue, pair=pair), columns=COLUMNS)
        dates = [at.to_pydatetime() for at in stored["date"]]
        return find_holes([at for at in dates if begin <= at < end], begin=begin, end=end)

    def add_candles(self, venue: VenueName, *, pair: Pair, candles: Iterable[Candle]) -> int:
        """Merge 5m candles into the file; returns the number of candles that were not there."""
        rows = [
            (c.open_time, *(float(price) for price in (c.open, c.high, c.low, c.close, c.volume)))
            for c in candles
        ]
        path = self.find_path(venue, pair=pair)
        return self._merge(path, pd.DataFrame(rows, columns=list(COLUMNS)))

    def add_funding(
        self, venue: VenueName, *, pair: Pair, rates: Iterable[tuple[datetime, Decimal]]
    ) -> int:
        """Merge settled rates into the file; returns the number of rates that were not there."""
        # Binance stamps a settlement some milliseconds late.
        rows = [(at.replace(second=0, microsecond=0), float(rate)) for at, rate in rates]
        frame = pd.DataFrame(rows, columns=list(FUNDING_COLUMNS))
        return self._merge(self._funding_path(venue, pair), frame)

    def _funding_path(self, venue: VenueName, pair: Pair) -> Path:
        return self._root / venue / f"{pair.base}_{pair.quote}-8h-funding_rate.parquet"

    def _load(self, path: Path, *, columns: tuple[str, ...]) -> pd.DataFrame:
        if not path.is_file():
            return pd.DataFrame(columns=list(columns))
        return read_candle_file(path, columns=columns)

    def _merge(self, path: Path, new: pd.DataFrame) -> int:
        """Write the file anew beside the old file, then replace: a kill loses nothing."""
        if new.empty:
            return 0
        new = new.assign(date=pd.to_datetime(new["date"], utc=True))
        old = self._load(path, columns=tuple(new.columns))
        both = new if old.empty else pd.concat([old, new])
        both = both.drop_duplicates("date", keep="last").sort_values("date", ignore_index=True)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(f".{os.getpid()}.draft")
        both.to_parquet(draft, index=False)
        draft.replace(path)
        return len(both) - len(old)


def find_holes(times: Iterable[datetime], *, begin: datetime, end: datetime) -> tuple[Hole, ...]:
    """Holes between ascending 5m open times within [`begin`, `end`)."""
    holes, expected = [], begin.astimezone(UTC)
    for at in (*times, end):
        if at > expected:
            holes.append(Hole(begin=expected, end=at))
        expected = at + _STEP
    return tuple(holes)


def list_chunks(hole: Hole, *, size: int) -> tuple[datetime, ...]:
    """Ends of the requests that fill a hole, `size` (> 0) candles each, oldest first."""
    step = size * _STEP
    ends = [hole.begin + step * number for number in range(1, (hole.end - hole.begin) // step + 1)]
    return (*ends, *([] if ends and ends[-1] == hole.end else [hole.end]))
