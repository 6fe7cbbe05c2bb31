"""Reader of candle files; a bad file is reported in a single sentence with the bad row.

file -> frame -> checks by row -> Decimal candles of 5m -> Recording (+ funding rates beside it)

The files of traders hold floats. Each float becomes the Decimal of the shortest text, equal to the
printed price before the conversion to float, rounded to the tick. Shorter candles are merged into
5m candles. Longer candles are drawn out into 5m candles along open, low, high, close (open, high,
low, close for a falling candle), because fills and stops walk 5m candles; `is_drawn` reports drawn
candles.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from blocks.venues.offline.instruments import QUOTES, RULES, Rules
from trading.domain.errors import BadInput
from trading.domain.units import Pair, floor_time
from trading.market.candles import Candle, Interval, aggregate_candles

PRICES = ("open", "high", "low", "close")
COLUMNS = ("date", *PRICES, "volume")

_FUNDING_NAME = "{prefix}-8h-funding_rate{suffix}"
_READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {
    ".feather": pd.read_feather,
    ".parquet": pd.read_parquet,
    ".csv": lambda path: pd.read_csv(path, float_precision="round_trip"),
}
_MILLISECONDS_FROM = 10**11  # as seconds this is the year 5138: larger numbers are milliseconds
_MOST_DECIMALS = 8
_LARGEST = 1e15  # of a price or volume: above, the step of a float exceeds 0.1
_FEWEST_TICKS = 1000  # a price of fewer ticks would be rounded by more than 0.1 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """
    Content of a file.

    Attributes:
        base: length of the file's own candles.
        candles: 5m candles without a gap, oldest first, at least one.
        funding: settled rates by settlement time, oldest first; empty when there is no file.
        rules: of the imitated venue; an unlisted base gets rules in proportion to the prices.
    """

    pair: Pair
    base: timedelta
    candles: tuple[Candle, ...]
    funding: tuple[tuple[datetime, Decimal], ...]
    rules: Rules

    @property
    def is_drawn(self) -> bool:
        """Whether the 5m candles were drawn out of longer candles."""
        return self.base > Interval.M5.duration


def load_recording(path: Path, *, pair: Pair | None = None) -> Recording:
    """
    Read a .feather, .parquet or .csv file with the columns date, open, high, low, close, volume.

    Args:
        path: the file; funding rates are read from PAIR-8h-funding_rate beside the file, if any.
        pair: pair of the file; None reads the pair from the name, as in
            BTC_USDT_USDT-5m-futures.feather.

    Raises:
        BadInput: for anything that can't be traded on, naming the file and the row.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    known = pair if pair is not None else parse_pair_of(path)
    frame = _read(path, columns=COLUMNS)
    base = _check_times(frame, path=path)
    _check_numbers(frame, path=path)
    rules = _choose_rules(known, frame)
    candles = _build_candles(frame, tick=rules.tick)
    return Recording(
        pair=known,
        base=base,
        candles=_to_5m(candles, base=base, tick=rules.tick, path=path),
        funding=_load_funding(path),
        rules=rules,
    )


def parse_pair_of(path: Path) -> Pair:
    """The pair at the start of a file's name. Raises BadInput for a name without a pair."""
    parts = re.split(r"[-_ ]", path.stem.upper())
    joined = re.fullmatch(rf"([A-Z0-9]+?)({'|'.join(sorted(QUOTES))})", parts[0])
    if joined:
        return Pair(joined[1], joined[2])
    if len(parts) > 1 and parts[1] in QUOTES:
        return Pair(parts[0], parts[1])
    raise BadInput(f"{path.name} does not begin with a pair, as BTC_USDT-5m.csv does.")


def _read(path: Path, *, columns: tuple[str, ...]) -> pd.DataFrame:
    """The columns in order, dates as aware UTC, rows counted from 0."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name} is not a .feather, .parquet or .csv file.")
    try:
        frame = reader(path)
    except (OSError, ValueError):
        raise BadInput(f"{path.name} is not a readable {path.suffix} file.") from None
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise BadInput(f"{path.name} lacks the column {', '.join(missing)}.")
    frame = frame[list(columns)].reset_index(drop=True)
    return frame.assign(date=_parse_dates(frame["date"], path=path))


def _parse_dates(dates: "pd.Series[Any]", *, path: Path) -> "pd.Series[Any]":
    """ISO 8601 text or instants (naive means UTC), Unix time in seconds or milliseconds."""
    values = dates.tolist()
    if pd.api.types.is_numeric_dtype(dates):
        unit: Literal["ms", "s"] = "ms" if max(values) > _MILLISECONDS_FROM else "s"
        parsed = pd.to_datetime(values, unit=unit, utc=True, errors="coerce")
    else:
        parsed = pd.to_datetime(values, format="ISO8601", utc=True, errors="coerce")
    series = pd.Series(parsed)
    _refuse(series.isna(), path=path, sentence="the date can't be read as ISO 8601 or Unix time")
    return series


def _check_times(frame: pd.DataFrame, *, path: Path) -> timedelta:
    """Check that candles ascend without a gap, and return the length of a candle."""
    if len(frame) < 2:
        raise BadInput(f"{path.name} holds {len(frame)} candles: at least 2 are needed.")
    steps = frame["date"].diff()
    zero = pd.Timedelta(0)
    _refuse(steps <= zero, path=path, sentence="the date is not after the one before")
    base: timedelta = steps.min().to_pytimedelta()
    short = Interval.M5.duration
    if max(base, short) % min(base, short) or Interval.H4.duration % base:
        raise BadInput(
            f"{path.name} holds candles of {render_length(base)}: their length must divide "
            "5 minutes or be a multiple of it, and divide 4 hours."
        )
    _refuse(
        steps > base, path=path, sentence=f"candles of {render_length(base)} are missing before it"
    )
    first = frame["date"].iloc[0].to_pydatetime()
    if floor_time(first, base) != first:
        raise BadInput(f"{path.name} row 1: {first} does not begin {render_length(base)}.")
    return base


def render_length(length: timedelta) -> str:
    """How long candles are, for a person: 15 min."""
    return f"{length / timedelta(minutes=1):g} min"


def _check_numbers(frame: pd.DataFrame, *, path: Path) -> None:
    for name in COLUMNS[1:]:
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("float64")
        bad = ~frame[name].map(math.isfinite)
        _refuse(bad, path=path, sentence=f"{name} is not a finite number")
        _refuse(frame[name] > _LARGEST, path=path, sentence=f"{name} is above {_LARGEST:.0e}")
    for name in PRICES:
        _refuse(frame[name] <= 0, path=path, sentence=f"{name} is not above 0")
    _refuse(frame["volume"] < 0, path=path, sentence="volume is below 0")
    outer = frame[["open", "close"]]
    _refuse(frame["high"] < outer.max(axis=1), path=path, sentence="high is below open or close")
    _refuse(frame["low"] > outer.min(axis=1), path=path, sentence="low is above open or close")


def _refuse(bad: "pd.Series[Any]", *, path: Path, sentence: str) -> None:
    """Raise BadInput naming the first bad row, counted from 1 without a header."""
    if bad.any():
        raise BadInput(f"{path.name} row {int(bad.to_numpy().argmax()) + 1}: {sentence}.")


def _choose_rules(pair: Pair, frame: pd.DataFrame) -> Rules:
    """The imitated venue's rules; own rules for an unlisted base or too coarse a tick."""
    lowest = Decimal(repr(float(frame["low"].min())))
    listed = RULES.get(pair.base)
    if listed is not None and lowest >= listed.tick * _FEWEST_TICKS:
        return listed
    decimals = max(_count_decimals(price) for price in frame["close"].tolist())
    step = Decimal(1).scaleb(-max(lowest.adjusted(), 0))
    return Rules(
        price=lowest,
        tick=Decimal(1).scaleb(-min(decimals, _MOST_DECIMALS)),
        step=step,
        min_notional=Decimal(5),
        max_leverage=Decimal(20),
        max_quantity=step * 10**7,
    )


def _count_decimals(number: float) -> int:
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(-int(exponent), 0)


def _build_candles(frame: pd.DataFrame, *, tick: Decimal) -> tuple[Candle, ...]:
    columns = [[_to_tick(price, tick) for price in frame[name].tolist()] for name in PRICES]
    times = pd.DatetimeIndex(frame["date"]).to_pydatetime().tolist()
    volumes = [Decimal(repr(volume)) for volume in frame["volume"].tolist()]
    return tuple(
        Candle(open_time=at.replace(tzinfo=UTC), open=o, high=h, low=low, close=c, volume=volume)
        for at, o, h, low, c, volume in zip(times, *columns, volumes, strict=True)
    )


def _to_tick(price: float, tick: Decimal) -> Decimal:
    return Decimal(repr(price)).quantize(tick, rounding=ROUND_HALF_EVEN)


def _to_5m(
    candles: tuple[Candle, ...], *, base: timedelta, tick: Decimal, path: Path
) -> tuple[Candle, ...]:
    if base == Interval.M5.duration:
        return candles
    if base > Interval.M5.duration:
        return tuple(one for candle in candles for one in draw_out(candle, base=base, tick=tick))
    merged = keep_whole(candles, interval=Interval.M5, base=base)
    if not merged:
        raise BadInput(f"{path.name} holds less than one whole candle of 5 minutes.")
    return merged


def keep_whole(
    candles: tuple[Candle, ...], *, interval: Interval, base: timedelta
) -> tuple[Candle, ...]:
    """Contiguous candles of `base`, merged into wholly covered candles of `interval`."""
    first, last = candles[0].open_time, candles[-1].open_time + base
    return tuple(
        candle
        for candle in aggregate_candles(candles, interval=interval)
        if candle.open_time >= first and candle.open_time + interval.duration <= last
    )


def draw_out(candle: Candle, *, base: timedelta, tick: Decimal) -> tuple[Candle, ...]:
    """Candles of 5m along the way open, low, high, close, or open, high, low, close of a fall."""
    count = base // Interval.M5.duration
    rose = candle.close >= candle.open
    middle = (candle.low, candle.high) if rose else (candle.high, candle.low)
    way = (candle.open, *middle, candle.close)
    parts = 3 * count  # three legs of `count` parts each; a drawn candle takes three parts
    places = [_place(way, part, count=count, tick=tick) for part in range(parts + 1)]
    volume = (candle.volume / count).quantize(Decimal("0.00000001"), rounding=ROUND_HALF_EVEN)
    return tuple(
        Candle(
            open_time=candle.open_time + number * Interval.M5.duration,
            open=places[3 * number],
            high=max(places[3 * number : 3 * number + 4]),
            low=min(places[3 * number : 3 * number + 4]),
            close=places[3 * number + 3],
            volume=volume if number else candle.volume - volume * (count - 1),
        )
        for number in range(count)
    )


def _place(way: tuple[Decimal, ...], part: int, *, count: int, tick: Decimal) -> Decimal:
    leg = min(part // count, len(way) - 2)
    into = Decimal(part - leg * count) / count
    return (way[leg] + (way[leg + 1] - way[leg]) * into).quantize(tick, rounding=ROUND_HALF_EVEN)


def _load_funding(path: Path) -> tuple[tuple[datetime, Decimal], ...]:
    """Rates beside the candles; the milliseconds of the timestamps mean nothing and are cut."""
    name = _FUNDING_NAME.format(prefix=path.name.split("-")[0], suffix=path.suffix)
    beside = path.with_name(name)
    if not beside.exists():
        return ()
    frame = _read(beside, columns=("date", "open"))
    rates = pd.to_numeric(frame["open"], errors="coerce").astype("float64")
    _refuse(~rates.map(math.isfinite), path=beside, sentence="open is not a finite number")
    times = frame["date"].dt.floor("min")
    _refuse(
        times.diff() <= pd.Timedelta(0), path=beside, sentence="the date is not after the last"
    )
    instants = [at.replace(tzinfo=UTC) for at in pd.DatetimeIndex(times).to_pydatetime().tolist()]
    return tuple(zip(instants, (Decimal(repr(rate)) for rate in rates.tolist()), strict=True))
