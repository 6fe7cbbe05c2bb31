"""Candle files as people have them: every layout gives the same candles."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from blocks.venues.offline.candle_files import read_candle_file
from blocks.venues.offline.recording import COLUMNS, load_recording
from trading.domain.errors import BadInput
from trading.domain.units import Pair

START = datetime(2025, 3, 1, tzinfo=UTC)
PRICES = [(90_000.1, 90_005.3, 89_996.2, 90_001.3), (90_001.3, 90_009.9, 90_000.0, 90_007.7)]
VOLUMES = [10.5, 11.25]
TIMES = [START, START + timedelta(minutes=5)]

KLINES_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,"
    "taker_buy_volume,taker_buy_quote_volume,ignore"
)
UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _unix(unit: str) -> list[int]:
    return [int(at.timestamp()) * UNITS[unit] for at in TIMES]


def _klines(unit: str) -> str:
    """Rows of Binance Vision: spot without a header, microseconds from 2025 on."""
    rows = zip(_unix(unit), PRICES, VOLUMES, strict=True)
    return "\n".join(
        f"{at},{','.join(map(str, prices))},{volume},{at + 299_999},1.0,7,0.5,0.5,0"
        for at, prices, volume in rows
    )


def _rows() -> list[list[float]]:
    return [
        [at, *prices, volume]
        for at, prices, volume in zip(_unix("ms"), PRICES, VOLUMES, strict=True)
    ]


def _write_zip(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BTCUSDT-5m-2025-03.csv", text)


def _write(folder: Path, layout: str) -> Path:
    """A file of two candles in a layout that venues and bots write."""
    match layout.split():
        case ["spot", unit]:
            path = folder / "BTCUSDT-5m-2025-03.csv"
            path.write_text(_klines(unit))
        case ["futures"]:
            path = folder / "BTCUSDT-5m-2025-03.csv"
            path.write_text(f"{KLINES_HEADER}\n{_klines('ms')}\n")
        case ["zip", *header]:
            path = folder / "BTCUSDT-5m-2025-03.zip"
            _write_zip(path, "\n".join([*([KLINES_HEADER] if header else []), _klines("us")]))
        case ["freqtrade", "json"]:
            path = folder / "BTC_USDT_USDT-5m-futures.json"
            path.write_text(json.dumps(_rows()))
        case ["freqtrade", "feather"]:
            path = folder / "BTC_USDT_USDT-5m-futures.feather"
            frame = pd.DataFrame(_rows(), columns=list(COLUMNS))
            frame.assign(date=pd.to_datetime(TIMES, utc=True)).to_feather(path)
        case ["objects"]:
            path = folder / "BTC-USDT.json"
            path.write_text(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in _rows()]))
        case _:
            path = folder / "BTC_USDT.csv"
            names = {name: name.capitalize() for name in COLUMNS} | {"date": layout}
            frame = pd.DataFrame(_rows(), columns=list(COLUMNS)).rename(columns=names)
            frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "layout",
    [
        "spot s",
        "spot ms",
        "spot us",
        "spot ns",
        "futures",
        "zip",
        "zip header",
        "freqtrade json",
        "freqtrade feather",
        "objects",
        "Timestamp",
        "Open Time",
        "DATE",
        "datetime",
    ],
)
def test_every_layout_gives_the_same_candles(tmp_path: Path, layout: str) -> None:
    frame = read_candle_file(_write(tmp_path, layout), columns=COLUMNS)

    assert frame["date"].tolist() == [pd.Timestamp(at) for at in TIMES]
    columns = frame[["open", "high", "low", "close"]].to_numpy().tolist()
    assert columns == [list(prices) for prices in PRICES]
    assert frame["volume"].tolist() == VOLUMES


def test_a_file_that_changes_from_milliseconds_to_microseconds_is_read(tmp_path: Path) -> None:
    """Joined spot files of 2024 and 2025."""
    path = tmp_path / "BTCUSDT-5m.csv"
    rows = [_klines("ms").splitlines()[0], _klines("us").splitlines()[1]]
    path.write_text("\n".join(rows))

    assert read_candle_file(path, columns=COLUMNS)["date"].tolist() == [
        pd.Timestamp(at) for at in TIMES
    ]


def test_a_price_keeps_every_written_digit(tmp_path: Path) -> None:
    path = tmp_path / "BTC_USDT-5m.csv"
    path.write_text("date,open\n1740787200000,0.30000000000000004\n")

    assert read_candle_file(path, columns=("date", "open"))["open"].tolist() == [
        0.30000000000000004
    ]


@pytest.mark.parametrize(
    "cell", ["1_000", "\uff11\uff10", "0x10", "", "nan", "abc", "--1", "1e5000", "true", "1,0"]
)
def test_a_word_is_no_price(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "BTC_USDT-5m.json"
    rows: list[list[object]] = [list(row) for row in _rows()]
    rows[1][2] = cell
    path.write_text(json.dumps(rows))

    with pytest.raises(BadInput, match=r"row 2: high is not a finite number"):
        load_recording(path)


@pytest.mark.parametrize("at", ["yesterday", -1, 10**30, 1e300, "\u0662\u0660\u0662\u0665"])
def test_an_impossible_time_is_named(tmp_path: Path, at: object) -> None:
    path = tmp_path / "BTC_USDT-5m.json"
    rows: list[list[object]] = [list(row) for row in _rows()]
    rows[1][0] = at
    path.write_text(json.dumps(rows))

    with pytest.raises(BadInput, match=r"row 2: the date can't be read"):
        load_recording(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("BTC_USDT.json", b"{}"),
        ("BTC_USDT.json", b"[]"),
        ("BTC_USDT.json", b"[1, [2]]"),
        ("BTC_USDT.json", b"[[1, 2, 3]]"),
        ("BTC_USDT.json", b"[" * 100_000),
        ("BTC_USDT.zip", b"PK\x03\x04 cut"),
        ("BTC_USDT.zip", b""),
        ("BTC_USDT.csv", b""),
        ("BTC_USDT.csv", b"\xff\xfe\x00"),
        ("BTC_USDT.csv", b"1,2\n3,4\n"),
        ("BTC_USDT.feather", b"ARROW1"),
        ("BTC_USDT.parquet", b"PAR1PAR1"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(BadInput, match=f"^{name} is not a readable .{name[9:]} file.$"):
        load_recording(path)


def test_an_archive_of_two_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", _klines("us"))
        archive.writestr("b.csv", _klines("us"))

    with pytest.raises(BadInput, match=r"is not a readable \.zip file"):
        load_recording(path)


def test_a_file_of_another_pair_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, "futures")

    with pytest.raises(BadInput, match=r"holds BTC/USDT by its name, not ETH/USDT"):
        load_recording(path, pair=Pair("ETH", "USDT"))


def test_a_candle_of_the_future_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, "futures")
    closed = START + timedelta(minutes=10)

    with pytest.raises(BadInput, match=r"row 2: the candle closes after now"):
        load_recording(path, now=closed - timedelta(seconds=1))
    assert len(load_recording(path, now=closed).candles) == 2


def test_hourly_funding_beside_the_candles_is_read(tmp_path: Path) -> None:
    path = _write(tmp_path, "futures")
    beside = tmp_path / "BTCUSDT-1h-funding_rate.csv"
    beside.write_text(
        f"calc_time,funding_interval_hours,last_funding_rate\n{_unix('ms')[0]},1,0.0001\n"
    )

    assert [str(rate) for _, rate in load_recording(path).funding] == ["0.0001"]
