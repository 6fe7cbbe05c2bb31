"""Formulas of the indicators: the only place for floats.

CandleSeries -> columns of float64 -> pandas-ta (TA-Lib inside) -> newest values -> Indicators

pandas-ta's numbers silently change with TA-Lib's presence (RSI and ATR seed differently, a
standard deviation divides by n - 1 instead of n), so both are pinned: `talib=True`, refused when
TA-Lib is not installed, and `ddof=0`. With TA-Lib nothing is compiled at the first call (without,
numba takes 9 s). The import of pandas-ta costs a second, so the first computation imports it.

Warm-up: a field is None until the formula is defined (`WARM_AFTER` candles), and from then on
equals published values (tests/trading/indicators/test_formulas.py: to 1e-8).
Averages of the whole past show the influence of the seed for hundreds of candles. TA-Lib's MACD
starts the fast average with the slow average and TA-Lib's ADX sums 13 first moves instead of 14:
both agree with other libraries to 1e-8 only after 134 and 310 candles, more than a cycle reads. So
MACD and ADX are computed here from pandas-ta's averages, in a fifth of the time of pandas-ta's
`adx`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trading.indicators.values import Indicators
from trading.market.candles import CandleSeries

WARM_AFTER = {
    "rsi": 15,
    "macd": 26,
    "macd_signal": 34,
    "bollinger_middle": 20,
    "atr": 15,
    "adx": 28,
    "ema_fast": 20,
    "ema_slow": 50,
    "trend": 50,
    "highest_20": 21,
    "volume_ratio": 21,
    "volatility": 21,
}
"""Candles until a field, and the others of its formula, is a number."""

_LENGTH = 14
_FAST, _SLOW, _SIGNAL = 12, 26, 9
_WINDOW = 20
_DEVIATIONS = 2
_EMA_FAST, _EMA_SLOW = 20, 50
_COLUMNS = ("high", "low", "close", "volume")

type _Series = pd.Series[float]
type _Floats = NDArray[np.float64]
type _Columns = dict[str, _Series]


def compute_indicators(candles: CandleSeries | pd.DataFrame) -> Indicators:
    """
    The newest values of one interval.

    Args:
        candles: a series, or float64 columns open, high, low, close, volume, oldest first.

    Raises:
        ValueError: without a candle.
        RuntimeError: when TA-Lib is not installed: the numbers would silently differ.
    """
    columns = _to_columns(candles)
    close = columns["close"]
    if not close.size:
        raise ValueError("indicators need at least one candle")
    ta = _load_library()
    last = float(close.to_numpy()[-1])
    macd, macd_signal = _compute_macd(ta, close)
    bands = _compute_bands(ta, close)
    atr = _newest(ta.atr(columns["high"], columns["low"], close, length=_LENGTH, talib=True))
    ema_fast = _newest(ta.ema(close, length=_EMA_FAST, talib=True))
    ema_slow = _newest(ta.ema(close, length=_EMA_SLOW, talib=True))
    return Indicators(
        close=last,
        rsi=_compute_rsi(ta, close),
        macd=macd,
        macd_signal=macd_signal,
        macd_histogram=None if macd is None or macd_signal is None else macd - macd_signal,
        bollinger_lower=bands.lower,
        bollinger_middle=bands.middle,
        bollinger_upper=bands.upper,
        bollinger_width_ratio=bands.width_ratio,
        bollinger_position_ratio=bands.find_position(last),
        atr=atr,
        atr_ratio=None if atr is None else atr / last,
        adx=_compute_adx(ta, columns),
        ema_fast=ema_fast,
        ema_slow=ema_slow,
        trend=_find_trend(last, ema_fast=ema_fast, ema_slow=ema_slow),
        highest_20=_before(columns["high"], np.max),
        lowest_20=_before(columns["low"], np.min),
        volume_ratio=_compute_volume_ratio(columns["volume"]),
        volatility=_compute_volatility(close),
    )


@dataclass(frozen=True, slots=True)
class _Bands:
    middle: float | None
    deviation: float | None

    @property
    def lower(self) -> float | None:
        return self._at(-_DEVIATIONS)

    @property
    def upper(self) -> float | None:
        return self._at(_DEVIATIONS)

    @property
    def width_ratio(self) -> float | None:
        if self.middle is None or self.deviation is None:
            return None
        return 2 * _DEVIATIONS * self.deviation / self.middle

    def find_position(self, price: float) -> float | None:
        if self.lower is None or not self.deviation:
            return None
        return (price - self.lower) / (2 * _DEVIATIONS * self.deviation)

    def _at(self, deviations: int) -> float | None:
        if self.middle is None or self.deviation is None:
            return None
        return self.middle + deviations * self.deviation


def _to_columns(candles: CandleSeries | pd.DataFrame) -> _Columns:
    """Plain float64 series without an index of times: an index is slow to build and not needed."""
    if isinstance(candles, pd.DataFrame):
        return {name: candles[name] for name in _COLUMNS}
    return {
        name: pd.Series(
            np.array([float(price) for price in map(attrgetter(name), candles.candles)])
        )
        for name in _COLUMNS
    }


@lru_cache(maxsize=1)
def _load_library() -> ModuleType:
    import pandas_ta  # noqa: PLC0415 - a second that readers of the values don't owe

    if not pandas_ta.Imports["talib"]:
        raise RuntimeError("TA-Lib is not installed: the indicators would be others")
    return pandas_ta


def _compute_rsi(ta: ModuleType, close: _Series) -> float | None:
    """None for prices that never moved: TA-Lib's 0 would mean a fall without a pause."""
    if not np.ptp(close.to_numpy()):
        return None
    return _newest(ta.rsi(close, length=_LENGTH, talib=True))


def _compute_macd(ta: ModuleType, close: _Series) -> tuple[float | None, float | None]:
    """MACD and the signal line."""
    if close.size < WARM_AFTER["macd"]:
        return None, None
    fast = ta.ema(close, length=_FAST, talib=True).to_numpy()
    slow = ta.ema(close, length=_SLOW, talib=True).to_numpy()
    macd = pd.Series((fast - slow)[_SLOW - 1 :])
    return _newest(macd), _newest(ta.ema(macd, length=_SIGNAL, talib=True))


def _compute_bands(ta: ModuleType, close: _Series) -> _Bands:
    """From the mean and the deviation: `bbands` computes the same two and three columns more."""
    return _Bands(
        middle=_newest(ta.sma(close, length=_WINDOW, talib=True)),
        deviation=_newest(ta.stdev(close, length=_WINDOW, ddof=0, talib=True)),
    )


def _compute_adx(ta: ModuleType, columns: _Columns) -> float | None:
    """Wilder's ADX: the ranges in both directional movements cancel in the index."""
    if columns["close"].size < WARM_AFTER["adx"]:
        return None
    up = np.diff(columns["high"].to_numpy())
    down = -np.diff(columns["low"].to_numpy())
    plus = _smooth(ta, np.where((up > down) & (up > 0), up, 0.0))
    minus = _smooth(ta, np.where((down > up) & (down > 0), down, 0.0))
    moved = plus + minus
    index = np.divide(np.abs(plus - minus), moved, out=np.zeros_like(moved), where=moved > 0)
    return float(_smooth(ta, 100 * index)[-1])


def _smooth(ta: ModuleType, values: _Floats) -> _Floats:
    """Wilder's average, starting at the 14th value with the mean of the first 14."""
    seed = np.full(_LENGTH, values[:_LENGTH].mean())  # `rma` of a constant is the constant
    seeded = pd.Series(np.concatenate((seed, values[_LENGTH:])))
    smoothed: _Floats = ta.rma(seeded, length=_LENGTH).to_numpy()
    return smoothed[_LENGTH - 1 :]


def _find_trend(close: float, *, ema_fast: float | None, ema_slow: float | None) -> int | None:
    if ema_fast is None or ema_slow is None:
        return None
    return int(min(close, ema_fast) > ema_slow) - int(max(close, ema_fast) < ema_slow)


def _before(column: _Series, choose: Callable[[Any], np.floating[Any]]) -> float | None:
    """Result of `choose` for the 20 values before the newest."""
    if column.size <= _WINDOW:
        return None
    return float(choose(column.to_numpy()[-_WINDOW - 1 : -1]))


def _compute_volume_ratio(volume: _Series) -> float | None:
    mean = _before(volume, np.mean)
    return float(volume.to_numpy()[-1]) / mean if mean else None


def _compute_volatility(close: _Series) -> float | None:
    if close.size <= _WINDOW:
        return None
    returns = np.diff(np.log(close.to_numpy()[-_WINDOW - 1 :]))
    return float(np.std(returns, ddof=0))


def _newest(series: _Series | None) -> float | None:
    """The last value; None for a series with too few values."""
    if series is None:
        return None
    value = float(series.to_numpy()[-1])
    return None if np.isnan(value) else value
