"""Indicators: the newest numbers of a candle series, warm or None.

`trading.indicators.formulas` computes the values; readers of the values don't import pandas.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """
    The newest value of each indicator of one interval; None until enough candles exist.

    Attributes:
        close: quote per base.
        rsi: 0..100, Wilder, 14.
        macd, macd_signal, macd_histogram: quote units, 12/26/9.
        bollinger_lower, bollinger_middle, bollinger_upper: quote per base, 20, 2 deviations with
            ddof 0.
        bollinger_width_ratio: (upper - lower) / middle.
        bollinger_position_ratio: 0 at the lower band, 1 at the upper; may leave 0..1; None when
            the bands are one line.
        atr: quote units, Wilder, 14; atr_ratio: atr / close.
        adx: 0..100, 14.
        ema_fast, ema_slow: quote per base, 20 and 50.
        trend: +1 when close and ema_fast are above ema_slow, -1 when both are below, else 0.
        highest_20, lowest_20: quote per base, of the 20 candles before the newest.
        volume_ratio: newest volume / mean of the 20 before it; None when nothing was traded.
        volatility: standard deviation (ddof 0) of the last 20 log returns, per candle.
    """

    close: float
    rsi: float | None = None
    macd: float | None = None
    macd_signal: float | None = None
    macd_histogram: float | None = None
    bollinger_lower: float | None = None
    bollinger_middle: float | None = None
    bollinger_upper: float | None = None
    bollinger_width_ratio: float | None = None
    bollinger_position_ratio: float | None = None
    atr: float | None = None
    atr_ratio: float | None = None
    adx: float | None = None
    ema_fast: float | None = None
    ema_slow: float | None = None
    trend: int | None = None
    highest_20: float | None = None
    lowest_20: float | None = None
    volume_ratio: float | None = None
    volatility: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesView:
    """
    The newest candles of an interval, oldest first (`trading.indicators.series`).

    Attributes:
        closes: quote per base.
        volume_ratios: volume / mean of the 20 candles before; None where nothing is known.
        volatility: standard deviation of the last 24 log returns, per candle; None while unknown.
        volatility_percentile: share of the earlier windows with a lower volatility, 0..100; None
            while unknown.
    """

    closes: tuple[float, ...]
    volume_ratios: tuple[float | None, ...]
    volatility: float | None = None
    volatility_percentile: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderView:
    """
    BTC, for the question about any other pair (`trading.indicators.leader`).

    None stands for a figure that is not known.

    Attributes:
        trend_1h, trend_4h: +1, 0 or -1 as in `Indicators.trend`.
        change_4h_ratio, change_24h_ratio: newest 1h close / close 4 and 24 candles before - 1.
    """

    trend_1h: int | None = None
    trend_4h: int | None = None
    change_4h_ratio: float | None = None
    change_24h_ratio: float | None = None
