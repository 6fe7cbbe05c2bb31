"""The trend of BTC: unknown in a short history, never a guess."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.builders import make_series
from trading.indicators.leader import view_leader
from trading.market.candles import CandleSeries, Interval


def _rising(count: int, interval: Interval) -> CandleSeries:
    """Closes that rise by 1 each candle from 100."""
    series = make_series(count, interval=interval)
    candles = tuple(
        replace(c, open=price, high=price, low=price, close=price)
        for c, price in zip(series.candles, (Decimal(100 + n) for n in range(count)), strict=True)
    )
    return replace(series, candles=candles)


def test_a_rising_btc_is_told_with_its_changes() -> None:
    view = view_leader(_rising(300, Interval.H1), _rising(300, Interval.H4))

    assert (view.trend_1h, view.trend_4h) == (1, 1)
    assert view.change_4h_ratio == pytest.approx(399 / 395 - 1)
    assert view.change_24h_ratio == pytest.approx(399 / 375 - 1)


def test_a_short_history_leaves_the_changes_unknown() -> None:
    view = view_leader(_rising(5, Interval.H1), _rising(0, Interval.H4))

    assert view.trend_4h is None
    assert view.change_4h_ratio == pytest.approx(0.04)
    assert view.change_24h_ratio is None
