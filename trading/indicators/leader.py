"""The trend of BTC for the question about any other pair.

1h and 4h candles of BTC -> view_leader -> LeaderView
"""

from trading.indicators.formulas import compute_indicators
from trading.indicators.values import LeaderView
from trading.market.candles import CandleSeries

LEADER_BASE = "BTC"


def view_leader(hours: CandleSeries, four_hours: CandleSeries) -> LeaderView:
    """The view of BTC by closed candles of 1h and 4h."""
    return LeaderView(
        trend_1h=_find_trend(hours),
        trend_4h=_find_trend(four_hours),
        change_4h_ratio=_compute_change(hours, candles=4),
        change_24h_ratio=_compute_change(hours, candles=24),
    )


def _find_trend(series: CandleSeries) -> int | None:
    return compute_indicators(series).trend if series.candles else None


def _compute_change(series: CandleSeries, *, candles: int) -> float | None:
    if len(series.candles) <= candles:
        return None
    return float(series.candles[-1].close / series.candles[-1 - candles].close) - 1
