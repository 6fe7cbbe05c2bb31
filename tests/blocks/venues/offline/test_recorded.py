"""A recording as a market: exact, never ahead of its time, clear about what is wrong."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from blocks.venues.offline.recorded import RecordedMarket
from blocks.venues.offline.recording import draw_out, load_recording
from reports.texts.catalog import tell
from trading.domain.errors import BadInput, PermanentError
from trading.domain.units import Pair
from trading.market.candles import Candle, Interval
from trading.market.snapshot import MarketSource

BTC = Pair("BTC", "USDT")
START = datetime(2025, 3, 1, tzinfo=UTC)
NAME = "BTC_USDT_USDT-5m-futures"
REAL = Path(os.environ.get("QUORUM_DATA", "../shared/data")) / "candles" / f"{NAME}.feather"

type Write = Callable[..., Path]


def _frame(count: int = 288, *, minutes: int = 5, start: datetime = START) -> pd.DataFrame:
    """A sawtooth whose every price differs from its neighbors'."""
    opens = [90_000.0 + (number * 37 % 100) / 10 for number in range(count)]
    return pd.DataFrame(
        {
            "date": [start + timedelta(minutes=minutes) * number for number in range(count)],
            "open": opens,
            "high": [price + 5.3 for price in opens],
            "low": [price - 4.1 for price in opens],
            "close": [price + 1.2 for price in opens],
            "volume": [10.5 + number for number in range(count)],
        }
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(frame: pd.DataFrame, name: str = f"{NAME}.feather") -> Path:
        path = tmp_path / name
        match path.suffix:
            case ".feather":
                frame.to_feather(path)
            case ".parquet":
                frame.to_parquet(path)
            case _:
                frame.to_csv(path, index=False)
        return path

    return _write


@pytest.mark.parametrize("suffix", ["feather", "parquet", "csv"])
def test_every_format_gives_the_same_candles(write: Write, suffix: str) -> None:
    recording = load_recording(write(_frame(3), f"BTC_USDT-5m.{suffix}"))

    assert recording.pair == BTC
    assert recording.candles[1] == Candle(
        open_time=START + timedelta(minutes=5),
        open=Decimal("90003.7"),
        high=Decimal("90009.0"),
        low=Decimal("89999.6"),
        close=Decimal("90004.9"),
        volume=Decimal("11.5"),
    )


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_unix_times_are_dates_too(write: Write, unit: str) -> None:
    frame = _frame(3)
    frame["date"] = [int(at.timestamp()) * (1000 if unit == "ms" else 1) for at in frame["date"]]

    recording = load_recording(write(frame, "BTCUSDT-5m.csv"))

    assert [c.open_time for c in recording.candles] == [c.open_time for c in _load_plain(write)]


def _load_plain(write: Write) -> tuple[Candle, ...]:
    return load_recording(write(_frame(3))).candles


def test_prices_are_rounded_to_the_tick(write: Write) -> None:
    frame = _frame(3)
    frame.loc[1, "close"] = 90_004.949999

    assert load_recording(write(frame)).candles[1].close == Decimal("90004.9")


async def test_an_unlisted_base_gets_rules_from_its_prices(write: Write) -> None:
    frame = _frame(3)
    for name in ("open", "high", "low", "close"):
        frame[name] = (frame[name] / 1e7).round(6)
    market = RecordedMarket.open(write(frame, "PEPE_USDT-5m.feather"))

    instrument = await market.fetch_instrument(market.pair, as_of=START)

    assert instrument.tick_size == Decimal("0.000001")
    assert instrument.step_size == 1


@pytest.mark.parametrize("name", ["candles.csv", "BTC_EUR-5m.csv"])
def test_a_name_without_a_pair_needs_one(write: Write, name: str) -> None:
    path = write(_frame(3), name)

    with pytest.raises(BadInput, match=f"{name} does not begin with a pair"):
        load_recording(path)
    assert load_recording(path, pair=BTC).pair == BTC


def _set(column: str, value: float | str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        changed = frame.astype({column: object})
        changed.loc[16, column] = value
        return changed

    return change


BROKEN: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "lacks the column close, volume": lambda f: f.drop(columns=["close", "volume"]),
    "row 17: the date can't be read": _set("date", "yesterday"),
    "row 17: the date is not after": _set("date", str(START)),
    "row 18: candles of 5 min are missing": lambda f: f.drop(index=17),
    "row 17: close is not a finite": _set("close", float("nan")),
    "row 17: open is not a finite": _set("open", "n/a"),
    "row 17: high is not a finite": _set("high", float("inf")),
    "row 17: low is not above 0": _set("low", -1),
    "row 17: volume is below 0": _set("volume", -1),
    "row 17: high is below open": _set("high", 90_000),
    "row 17: low is above open": _set("low", 90_100),
    "holds 1 candles: at least 2": lambda f: f.head(1),
    "holds 0 candles: at least 2": lambda f: f.head(0),
    "holds candles of 7 min": lambda f: _frame(minutes=7),
    "row 1: 2025-03-01 00:01:00.00:00 does not begin 5 min": lambda f: _frame(
        start=START + timedelta(minutes=1)
    ),
    "less than one whole candle": lambda f: _frame(3, minutes=1),
}


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_file_is_refused_in_one_sentence(write: Write, sentence: str) -> None:
    path = write(BROKEN[sentence](_frame(30)), f"{NAME}.csv")

    with pytest.raises(BadInput, match=sentence) as caught:
        load_recording(path)
    assert tell(caught.value).startswith(f"{NAME}.csv")
    assert "\n" not in tell(caught.value)


@pytest.mark.parametrize("suffix", ["feather", "parquet"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"{NAME}.{suffix}"
    path.write_text("not what it says")

    with pytest.raises(BadInput, match="is not a readable"):
        load_recording(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        load_recording(tmp_path / f"{NAME}.csv")


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.xlsx"
    path.touch()

    with pytest.raises(BadInput, match=r"is not one of these files: \.feather"):
        load_recording(path)


async def test_nothing_from_after_as_of_is_told(write: Write) -> None:
    market = RecordedMarket.open(write(_frame()))
    as_of = START + timedelta(hours=9, minutes=37)

    for interval in Interval:
        series = await market.fetch_candles(BTC, interval, limit=300, as_of=as_of)
        assert series.closes_at is not None
        assert series.closes_at <= as_of < series.closes_at + interval.duration
        assert series.candles[0].open_time == START
    ticker = await market.fetch_ticker(BTC, as_of=as_of)
    assert ticker.as_of == START + timedelta(hours=9, minutes=35)


async def test_a_limit_keeps_the_newest(write: Write) -> None:
    market = RecordedMarket.open(write(_frame()))
    as_of = START + timedelta(hours=9)

    series = await market.fetch_candles(BTC, Interval.M15, limit=4, as_of=as_of)

    assert len(series.candles) == 4
    assert series.closes_at == as_of


async def test_a_candle_that_is_only_partly_recorded_is_left_out(write: Write) -> None:
    start = START + timedelta(minutes=50)
    market = RecordedMarket.open(write(_frame(20, start=start)))

    series = await market.fetch_candles(
        BTC, Interval.H1, limit=300, as_of=START + timedelta(days=1)
    )

    assert [candle.open_time.hour for candle in series.candles] == [1]


async def test_one_minute_candles_become_longer_ones(write: Write) -> None:
    market = RecordedMarket.open(write(_frame(600, minutes=1)))

    series = await market.fetch_candles(BTC, Interval.M5, limit=999, as_of=market.last_as_of)

    assert market.notice is None
    assert len(series.candles) == 120
    assert series.candles[0].volume == Decimal("10.5") * 5 + 10


async def test_shorter_candles_are_drawn_within_the_recorded_one_and_said_so(write: Write) -> None:
    market = RecordedMarket.open(write(_frame(48, minutes=60)))
    as_of = START + timedelta(hours=30, minutes=30)
    drawn = await market.fetch_candles(BTC, Interval.M5, limit=12, as_of=as_of)
    hour = await market.fetch_candles(BTC, Interval.H1, limit=1, as_of=as_of)

    assert market.notice is not None
    assert "candles of 60 min" in market.notice
    assert drawn.closes_at == hour.closes_at == START + timedelta(hours=30)
    assert drawn.candles[0].open == hour.candles[0].open
    assert max(candle.high for candle in drawn.candles) == hour.candles[0].high
    assert min(candle.low for candle in drawn.candles) == hour.candles[0].low
    assert sum(candle.volume for candle in drawn.candles) == hour.candles[0].volume


def test_a_fall_is_drawn_over_its_high_first() -> None:
    fall = Candle(
        open_time=START,
        open=Decimal(100),
        high=Decimal(110),
        low=Decimal(80),
        close=Decimal(90),
        volume=Decimal(3),
    )

    drawn = draw_out(fall, base=timedelta(minutes=15), tick=Decimal(1))

    assert [tuple(map(int, (c.open, c.high, c.low, c.close))) for c in drawn] == [
        (100, 110, 100, 110),
        (110, 110, 80, 80),
        (80, 90, 80, 90),
    ]


def test_the_first_and_last_cycle_are_known(write: Write) -> None:
    market = RecordedMarket.open(write(_frame(290)))

    assert market.first_as_of(2) == START + timedelta(hours=8)
    assert market.last_as_of == START + timedelta(hours=24)
    with pytest.raises(BadInput, match="holds 6 candles of 4h: 7 are needed"):
        market.first_as_of(7)


async def test_before_the_recording_begins_there_is_no_price(write: Write) -> None:
    market = RecordedMarket.open(write(_frame()))

    with pytest.raises(PermanentError, match="begins at 2025-03-01"):
        await market.fetch_ticker(BTC, as_of=START)


async def test_another_pair_is_not_in_it(write: Write) -> None:
    market = RecordedMarket.open(write(_frame()))

    with pytest.raises(PermanentError, match="ETH/USDT is not in this recording"):
        await market.fetch_candles(Pair("ETH", "USDT"), Interval.M5, limit=1, as_of=START)


async def test_the_book_is_synthetic_and_has_the_age_of_its_candle(write: Write) -> None:
    market = RecordedMarket.open(write(_frame()))

    book = await market.fetch_order_book(BTC, as_of=START + timedelta(minutes=64))

    assert market.source is MarketSource.RECORDED
    assert book is not None
    assert book.is_synthetic
    assert book.as_of == START + timedelta(minutes=60)


async def test_funding_is_what_was_last_settled(write: Write) -> None:
    jitter = timedelta(milliseconds=7)
    rates = pd.DataFrame(
        {
            "date": [START + timedelta(hours=8) + jitter, START + timedelta(hours=16)],
            "open": [0.0001, -3.5e-05],
        }
    )
    write(rates, "BTC_USDT_USDT-8h-funding_rate.feather")
    market = RecordedMarket.open(write(_frame()))

    before = await market.fetch_funding_rate(BTC, as_of=START + timedelta(hours=7))
    first = await market.fetch_funding_rate(BTC, as_of=START + timedelta(hours=8))
    second = await market.fetch_funding_rate(BTC, as_of=START + timedelta(hours=17))

    assert before is None
    assert first is not None
    assert second is not None
    assert (first.rate, second.rate) == (Decimal("0.0001"), Decimal("-0.000035"))
    assert second.next_at == START + timedelta(hours=24)


def test_a_broken_funding_file_is_refused(write: Write) -> None:
    rates = pd.DataFrame({"date": [START, START], "open": [0.0001, 0.0001]})
    write(rates, "BTC_USDT_USDT-8h-funding_rate.feather")

    with pytest.raises(BadInput, match="row 2: the date is not after"):
        load_recording(write(_frame()))


@pytest.mark.skipif(not REAL.exists(), reason=f"needs {REAL}")
async def test_real_candles_aggregate_to_the_exchanges_own() -> None:
    market = RecordedMarket.open(REAL)
    theirs = load_recording(REAL.with_name(NAME.replace("5m", "1h") + ".feather")).candles
    as_of = datetime(2025, 4, 5, 9, tzinfo=UTC)

    ours = await market.fetch_candles(BTC, Interval.H1, limit=1, as_of=as_of)

    hour = [candle for candle in theirs if candle.open_time >= as_of - timedelta(hours=1)][:12]
    assert ours.candles[0].open == hour[0].open
    assert ours.candles[0].high == max(candle.high for candle in hour)
    assert ours.candles[0].close == hour[-1].close
    assert await market.fetch_funding_rate(BTC, as_of=as_of) is not None
