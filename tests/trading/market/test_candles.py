"""Candles: closed intervals, gaps that are seen, nothing from the future."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import BTC, NOW, PRICE, make_candle, make_series
from trading.market.candles import CandleSeries, Interval, aggregate_candles, drop_unclosed

FIVE = timedelta(minutes=5)


def test_intervals_have_their_lengths() -> None:
    minutes = {interval.value: interval.duration for interval in Interval}
    assert minutes == {
        "5m": timedelta(minutes=5),
        "15m": timedelta(minutes=15),
        "1h": timedelta(hours=1),
        "4h": timedelta(hours=4),
    }


@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
def test_prices_are_above_zero(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be above 0"):
        make_candle(**{name: Decimal(0)})


@pytest.mark.parametrize(
    "changes",
    [
        {"high": PRICE + 49},  # below the close
        {"high": PRICE - 1, "close": PRICE - 50},  # below the open
        {"low": PRICE + 1},  # above the open
        {"low": PRICE - 99, "close": PRICE - 100},  # above the close
    ],
)
def test_high_and_low_enclose_open_and_close(changes: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match="high and low do not enclose open and close"):
        make_candle(**changes)


def test_a_candle_without_movement_or_volume_is_one() -> None:
    still = make_candle(open=PRICE, high=PRICE, low=PRICE, close=PRICE, volume=Decimal(0))
    assert still.volume == 0
    with pytest.raises(ValueError, match="volume must be at least 0"):
        make_candle(volume=Decimal(-1))
    with pytest.raises(ValueError, match="open_time must be aware UTC"):
        make_candle(open_time=NOW.replace(tzinfo=None))


def test_a_series_ends_where_its_newest_candle_ends() -> None:
    assert make_series(3).closes_at == NOW + 3 * FIVE
    assert CandleSeries(pair=BTC, interval=Interval.M5, candles=()).closes_at is None


def test_a_series_ascends_strictly() -> None:
    first, second = make_series(2).candles
    for wrong in [(second, first), (first, first)]:
        with pytest.raises(ValueError, match="BTC/USDT 5m: open times are not ascending"):
            CandleSeries(pair=BTC, interval=Interval.M5, candles=wrong)


def test_shorter_candles_merge_into_longer_ones() -> None:
    first, second, third, fourth = make_series(4).candles
    second = replace(second, high=PRICE + 900, volume=Decimal(1))
    third = replace(third, low=PRICE - 900, close=PRICE - 50)
    merged = aggregate_candles((first, second, third, fourth), interval=Interval.M15)
    assert merged == (
        make_candle(
            high=PRICE + 900, low=PRICE - 900, close=PRICE - 50, volume=Decimal(12 + 1 + 12)
        ),
        fourth,
    )


@given(count=st.integers(min_value=0, max_value=60))
def test_merging_keeps_volume_and_extremes(count: int) -> None:
    candles = make_series(count).candles
    merged = aggregate_candles(candles, interval=Interval.H1)
    assert len(merged) == -(-count // 12)
    assert sum(c.volume for c in merged) == 12 * count


def test_only_candles_that_had_ended_reach_a_decision() -> None:
    candles = make_series(3).candles
    assert drop_unclosed(candles, interval=Interval.M5, as_of=NOW + 2 * FIVE) == candles[:2]
    just_before = NOW + 2 * FIVE - timedelta(microseconds=1)
    assert drop_unclosed(candles, interval=Interval.M5, as_of=just_before) == candles[:1]
