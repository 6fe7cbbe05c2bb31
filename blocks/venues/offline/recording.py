"""A recorded market's content; a bad file is reported in a single sentence with the bad row.

file -> frame (candle_files) -> checks -> Decimal candles of 5m -> Recording (+ funding rates)

The files of traders hold floats. Each float becomes the Decimal of the shortest text, equal to the
printed price before the conversion to float, rounded to the tick. Shorter candles are merged into
5m candles. Longer candles are drawn out into 5m candles along open, low, high, close (open, high,
low, close for a falling candle), because fills and stops walk 5m candles; `is_drawn` reports drawn
candles.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from glob import escape
from pathlib import Path

import pandas as pd

from blocks.venues.offline.candle_files import FUNDING_COLUMNS, read_candle_file, refuse_rows
from blocks.venues.offline.instruments import QUOTES, RULES, Rules
from trading.domain.errors import BadInput
from trading.domain.units import Pair, floor_time
from trading.market.candles import Candle, Interval, aggregate_candles

PRICES = ("open", "high", "low", "close")
COLUMNS = ("date", *PRICES, "volume")

_FUNDING_NAMES = "{prefix}-*-funding_rate{suffix}"  # freqtrade: 8h, in newer files 1h
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


def load_recording(
    path: Path, *, pair: Pair | None = None, now: datetime | None = None
) -> Recording:
    """
    Read a file of candles in any format of `candle_files`.

    Args:
        path: the file; funding rates are read from PAIR-8h-funding_rate beside the file, if any.
        pair: pair of the file; None reads the pair from the name, as in
            BTC_USDT_USDT-5m-futures.feather.
        now: a candle that closes later is refused; None accepts any time.

    Raises:
        BadInput: for anything that can't be traded on, naming the file and the row.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    known = _choose_pair(path, pair)
    frame = read_candle_file(path, columns=COLUMNS)
    base = _check_times(frame, path=path)
    if now is not None:
        sentence = f"the candle closes after now ({now:%Y-%m-%d %H:%M})"
        refuse_rows(frame["date"] + base > now, path=path, sentence=sentence)
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


def _choose_pair(path: Path, pair: Pair | None) -> Pair:
    """The pair asked for, or the name's. Raises BadInput where the name tells another pair."""
    if pair is None:
        return parse_pair_of(path)
    try:
        named = parse_pair_of(path)
    except BadInput:
        return pair
    if named != pair:
        raise BadInput(f"{path.name} holds {named} by its name, not {pair}.")
    return pair


def parse_pair_of(path: Path) -> Pair:
    """The pair at the start of a file's name. Raises BadInput for a name without a pair."""
    parts = re.split(r"[-_ ]", path.stem.upper())
    joined = re.fullmatch(rf"([A-Z0-9]+?)({'|'.join(sorted(QUOTES))})", parts[0])
    if joined:
        return Pair(joined[1], joined[2])
    if len(parts) > 1 and parts[1] in QUOTES:
        return Pair(parts[0], parts[1])
    raise BadInput(f"{path.name} does not begin with a pair, as BTC_USDT-5m.csv does.")


def _check_times(frame: pd.DataFrame, *, path: Path) -> timedelta:
    """Check that candles ascend without a gap, and return the length of a candle."""
    if len(frame) < 2:
        raise BadInput(f"{path.name} holds {len(frame)} candles: at least 2 are needed.")
    steps = frame["date"].diff()
    zero = pd.Timedelta(0)
    refuse_rows(steps <= zero, path=path, sentence="the date is not after the one before")
    base: timedelta = steps.min().to_pytimedelta()
    short = Interval.M5.duration
    if max(base, short) % min(base, short) or Interval.H4.duration % base:
        raise BadInput(
            f"{path.name} holds candles of {render_length(base)}: their length must divide "
            "5 minutes or be a multiple of it, and divide 4 hours."
        )
    refuse_rows(
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
        bad = ~frame[name].map(math.isfinite)
        refuse_rows(bad, path=path, sentence=f"{name} is not a finite number")
        refuse_rows(frame[name] > _LARGEST, path=path, sentence=f"{name} is above {_LARGEST:.0e}")
    for name in PRICES:
        refuse_rows(frame[name] <= 0, path=path, sentence=f"{name} is not above 0")
    refuse_rows(frame["volume"] < 0, path=path, sentence="volume is below 0")
    outer = frame[["open", "close"]]
    refuse_rows(
        frame["high"] < outer.max(axis=1), path=path, sentence="high is below open or close"
    )
    refuse_rows(frame["low"] > outer.min(axis=1), path=path, sentence="low is above open or close")


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
    pattern = _FUNDING_NAMES.format(prefix=escape(path.name.split("-")[0]), suffix=path.suffix)
    found = sorted(path.parent.glob(pattern))
    if not found:
        return ()
    beside = found[0]
    frame = read_candle_file(beside, columns=FUNDING_COLUMNS)
    rates = frame["open"]
    refuse_rows(~rates.map(math.isfinite), path=beside, sentence="open is not a finite number")
    times = frame["date"].dt.floor("min")
    refuse_rows(
        times.diff() <= pd.Timedelta(0), path=beside, sentence="the date is not after the last"
    )
    instants = [at.replace(tzinfo=UTC) for at in pd.DatetimeIndex(times).to_pydatetime().tolist()]
    return tuple(zip(instants, (Decimal(repr(rate)) for rate in rates.tolist()), strict=True))
