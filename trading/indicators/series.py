"""Series of a question: the newest closes, volume ratios and realized volatility of an interval.

CandleSeries -> view_series -> SeriesView

Floats as in `trading.indicators.formulas`; numpy only, so that no library is loaded for a view.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.indicators.values import SeriesView
from trading.market.candles import CandleSeries

VOLUME_WINDOW = 20
"""Candles before a candle whose mean volume makes the ratio 1."""

VOLATILITY_WINDOW = 24
"""Returns of a realized volatility: a day of 1h candles."""

type _Floats = NDArray[np.float64]


def view_series(series: CandleSeries, *, count: int) -> SeriesView:
    """The newest `count` candles; fewer in a shorter series."""
    closes = np.array([float(candle.close) for candle in series.candles])
    volumes = np.array([float(candle.volume) for candle in series.candles])
    volatility, percentile = _rank_volatility(closes)
    first = max(closes.size - count, 0)
    return SeriesView(
        closes=tuple(map(float, closes[first:])),
        volume_ratios=tuple(_compute_ratio(volumes, at) for at in range(first, volumes.size)),
        volatility=volatility,
        volatility_percentile=percentile,
    )


def _compute_ratio(volumes: _Floats, at: int) -> float | None:
    if at < VOLUME_WINDOW:
        return None
    mean = float(volumes[at - VOLUME_WINDOW : at].mean())
    return float(volumes[at]) / mean if mean else None


def _rank_volatility(closes: _Floats) -> tuple[float | None, float | None]:
    """The newest realized volatility, and its percentile among all earlier windows."""
    if closes.size <= VOLATILITY_WINDOW:
        return None, None
    returns = np.diff(np.log(closes))
    windows: Any = np.lib.stride_tricks.sliding_window_view(returns, VOLATILITY_WINDOW)
    found = np.std(windows, axis=1)
    newest, earlier = float(found[-1]), found[:-1]
    if not earlier.size:
        return newest, None
    return newest, float(np.mean(earlier < newest) * 100)
