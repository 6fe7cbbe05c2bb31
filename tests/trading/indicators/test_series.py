"""Series of a question: the newest candles, their volume beside the mean, their volatility."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.builders import make_series
from trading.indicators.series import VOLATILITY_WINDOW, VOLUME_WINDOW, view_series
from trading.market.candles import CandleSeries


def _series(closes: list[float], *, volumes: list[int] | None = None) -> CandleSeries:
    """Candles with the closes; a volume of 10 each unless given."""
    candles = make_series(len(closes)).candles
    said = volumes or [10] * len(closes)
    changed = tuple(
        replace(
            candle,
            open=Decimal(str(close)),
            high=Decimal(str(close)),
            low=Decimal(str(close)),
            close=Decimal(str(close)),
            volume=Decimal(volume),
        )
        for candle, close, volume in zip(candles, closes, said, strict=True)
    )
    return replace(make_series(len(closes)), candles=changed)


def test_the_newest_closes_come_oldest_first() -> None:
    assert view_series(_series([1, 2, 3, 4]), count=3).closes == (2, 3, 4)
    assert view_series(_series([1, 2]), count=3).closes == (1, 2)


def test_a_volume_is_compared_with_the_mean_of_the_candles_before() -> None:
    volumes = [10] * VOLUME_WINDOW + [25]
    view = view_series(_series([100] * len(volumes), volumes=volumes), count=2)

    assert view.volume_ratios == (None, 2.5)


def test_a_market_without_volume_has_no_ratio() -> None:
    count = VOLUME_WINDOW + 1
    view = view_series(_series([100] * count, volumes=[0] * count), count=1)

    assert view.volume_ratios == (None,)


@pytest.mark.parametrize("count", [1, VOLATILITY_WINDOW])
def test_a_short_series_has_no_volatility(count: int) -> None:
    view = view_series(_series([100.0] * count), count=1)

    assert (view.volatility, view.volatility_percentile) == (None, None)


def test_a_single_window_has_a_volatility_without_a_rank() -> None:
    closes = [100.0 * (1.01 if number % 2 else 1) for number in range(VOLATILITY_WINDOW + 1)]
    view = view_series(_series(closes), count=1)

    assert view.volatility == pytest.approx(math.log(1.01), rel=1e-6)
    assert view.volatility_percentile is None


def test_the_wildest_window_has_the_highest_rank() -> None:
    calm = [100.0 + number % 2 * 0.01 for number in range(VOLATILITY_WINDOW * 2)]
    view = view_series(_series([*calm, 120.0]), count=1)

    assert view.volatility_percentile == 100
