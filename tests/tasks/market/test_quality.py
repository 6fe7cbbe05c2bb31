"""The quality check: a good feed passes, and every way to be bad is told with its place."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tasks.market.quality import COLUMNS, build_table, check_snapshot, find_quality_findings
from tests.doubles.market import build_candles
from trading.domain.units import Pair, VenueName, floor_time
from trading.market.candles import Candle, CandleSeries, Interval
from trading.market.snapshot import MarketSnapshot, MarketSource, Ticker

BTC = Pair("BTC", "USDT")
AS_OF = datetime(2025, 11, 22, 12, 0, 7, tzinfo=UTC)


def _series(interval: Interval, *, as_of: datetime = AS_OF, count: int = 30) -> CandleSeries:
    end = floor_time(as_of, interval.duration)
    candles = tuple(
        Candle(
            open_time=end - interval.duration * (count - number),
            open=Decimal(100 + number),
            high=Decimal(103 + number),
            low=Decimal(99 + number),
            close=Decimal(101 + number),
            volume=Decimal(number),
        )
        for number in range(count)
    )
    return CandleSeries(pair=BTC, interval=interval, candles=candles)


def _snapshot(*series: CandleSeries, as_of: datetime = AS_OF) -> MarketSnapshot:
    price = Decimal(130)
    return MarketSnapshot(
        venue=VenueName.BINANCE,
        pair=BTC,
        source=MarketSource.LIVE,
        as_of=as_of,
        ticker=Ticker(
            last_price=price, mark_price=price, best_bid=price, best_ask=price, as_of=as_of
        ),
        book=None,
        funding=None,
        candles={one.interval: one for one in series},
    )


def _all(as_of: datetime = AS_OF) -> list[CandleSeries]:
    return [_series(interval, as_of=as_of) for interval in Interval]


def _without(series: CandleSeries, number: int) -> CandleSeries:
    kept = series.candles[:number] + series.candles[number + 1 :]
    return CandleSeries(pair=BTC, interval=series.interval, candles=kept)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=4, seconds=52)])
def test_a_good_feed_has_no_findings(late: timedelta) -> None:
    as_of = AS_OF + late

    assert check_snapshot(_snapshot(*_all(as_of), as_of=as_of)) == ()


def test_a_market_of_two_candles_is_not_judged_for_its_length() -> None:
    series = [_series(interval, count=2) for interval in Interval]

    assert check_snapshot(_snapshot(*series)) == ()


def _told(*series: CandleSeries) -> str:
    return " ".join(check_snapshot(_snapshot(*series)))


def _change(series: CandleSeries, change: Callable[[int, Candle], Candle]) -> CandleSeries:
    candles = tuple(change(n, candle) for n, candle in enumerate(series.candles))
    return replace(series, candles=candles)


def test_a_single_candle_of_four_hours_is_not_good() -> None:
    *others, _ = _all()
    assert "4h: an interval has a single candle" in _told(*others, _series(Interval.H4, count=1))


def test_a_spike_of_ten_times_the_price_is_not_good() -> None:
    m5, *others = _all()
    spiked = _change(m5, lambda n, c: replace(c, high=c.high * 10) if n == 20 else c)
    assert "5m: a price jumps" in _told(spiked, *others)


def test_fifty_frozen_candles_are_not_good() -> None:
    flat = (Decimal(130),) * 4
    start = floor_time(AS_OF, timedelta(minutes=5)) - timedelta(minutes=5) * 50
    candles = tuple(
        Candle(
            open_time=start + timedelta(minutes=5) * n,
            open=flat[0],
            high=flat[1],
            low=flat[2],
            close=flat[3],
            volume=Decimal(0),
        )
        for n in range(50)
    )
    frozen = CandleSeries(pair=BTC, interval=Interval.M5, candles=candles)
    assert "5m: the prices are frozen" in _told(frozen, *_all()[1:])
    fewer = replace(frozen, candles=candles[1:])
    assert "frozen" not in _told(fewer, *_all()[1:])


def test_five_minutes_ten_percent_away_from_an_hour_are_not_good() -> None:
    m5, *others = _all()
    share = Decimal("0.9")
    away = _change(
        m5,
        lambda _, c: replace(
            c, open=c.open * share, high=c.high * share, low=c.low * share, close=c.close * share
        ),
    )
    assert "two intervals disagree on the price" in _told(away, *others)


def test_an_infinite_price_is_not_good() -> None:
    table = build_table(tuple(_all()), as_of=AS_OF)
    table.loc[3, "high"] = float("inf")
    assert "5m: a price is infinite" in " ".join(find_quality_findings(table))


def test_a_missing_candle_is_found_where_it_is_missing() -> None:
    m5, *others = _all()

    findings = check_snapshot(_snapshot(_without(m5, 20), *others))

    assert findings == ("5m: candles are missing or out of order at 2025-11-22 11:15 UTC.",)


def test_the_newest_candle_must_be_the_last_that_closed() -> None:
    *others, h4 = _all()

    findings = check_snapshot(_snapshot(*others, _without(h4, 29)))

    assert findings == (
        "4h: the newest candle is stale or has not closed at 2025-11-22 04:00 UTC.",
    )


def test_a_candle_that_has_not_closed_is_from_the_future() -> None:
    as_of = AS_OF - timedelta(minutes=1)
    earlier = _all(as_of)

    findings = check_snapshot(_snapshot(_series(Interval.M5), *earlier[1:], as_of=as_of))

    assert "5m: the newest candle is stale or has not closed at 2025-11-22 11:55 UTC." in findings


@pytest.mark.parametrize("missing", Interval)
def test_an_interval_without_candles_is_found(missing: Interval) -> None:
    empty = CandleSeries(pair=BTC, interval=missing, candles=())
    series = [empty if one.interval is missing else one for one in _all()]

    assert check_snapshot(_snapshot(*series)) == ("an interval has no candles.",)


def test_no_candles_at_all_is_a_finding() -> None:
    assert check_snapshot(_snapshot()) == ("an interval has no candles.",)


def _set(column: str, value: float | None) -> Callable[[pd.DataFrame], None]:
    def change(table: pd.DataFrame) -> None:
        table.loc[3, column] = value

    return change


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (_set("lowest_price", None), "a price is missing"),
        (_set("lowest_price", 0), "a price is not above 0"),
        (_set("lowest_price", -1), "a price is not above 0"),
        (_set("high", 1), "a high is below its low"),
        (_set("volume", None), "a volume is missing"),
        (_set("volume", -0.5), "a volume is below 0"),
        (_set("steps", 0), "candles are missing or out of order"),
        (_set("steps", -1), "candles are missing or out of order"),
        (_set("steps", 2), "candles are missing or out of order"),
    ],
)
def test_impossible_numbers_are_found(
    change: Callable[[pd.DataFrame], None], finding: str
) -> None:
    table = build_table(tuple(_all()), as_of=AS_OF)
    change(table)

    assert find_quality_findings(table) == (f"5m: {finding} at 2025-11-22 09:45 UTC.",)


def test_every_finding_is_told() -> None:
    table = build_table(tuple(_all()), as_of=AS_OF)
    table.loc[3, "volume"] = -1
    table.loc[40, "lowest_price"] = 0
    table.loc[70, "steps"] = 5

    findings = find_quality_findings(table)

    assert {finding.split(":")[0] for finding in findings} == {"5m", "15m", "1h"}


def test_a_table_of_another_shape_is_not_good() -> None:
    table = build_table(tuple(_all()), as_of=AS_OF).rename(columns={"volume": "turnover"})

    assert "the table has other columns." in find_quality_findings(table)


def test_the_table_holds_every_candle_once() -> None:
    table = build_table(tuple(_all()), as_of=AS_OF)

    assert tuple(table.columns) == COLUMNS
    assert len(table) == 4 * 30
    assert table["age_intervals"].notna().sum() == 4
    assert table["steps"].isna().sum() == 4


def test_a_bad_feed_does_not_spoil_the_next_check() -> None:
    good = _snapshot(*_all())
    bad = _snapshot(*_all()[:2])

    assert [bool(check_snapshot(one)) for one in (good, bad, good)] == [False, True, False]


def test_the_library_loads_with_the_first_check_only() -> None:
    code = "import sys, tasks.market.quality; sys.exit('great_expectations' in sys.modules)"
    checkout = Path(__file__).resolve().parents[3]

    assert subprocess.run([sys.executable, "-c", code], cwd=checkout, check=False).returncode == 0


def test_flat_candles_are_fine() -> None:
    start = AS_OF.replace(second=0) - timedelta(minutes=15)
    candles = build_candles([130] * 4, start=start)
    flat = CandleSeries(pair=BTC, interval=Interval.M5, candles=candles)

    assert check_snapshot(_snapshot(flat, *_all()[1:])) == ()
