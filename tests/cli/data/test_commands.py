"""`quorum data` at a terminal: real ccxt against the double of both venues."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from blocks.venues.offline.recording import load_recording
from tests.cli.terminal import Terminal
from tests.doubles.venue_public import BINANCE, BYBIT, PublicVenue
from trading.market.candles import Interval

NOW = datetime(2025, 11, 22, 12, 1, 7, tzinfo=UTC)
VENUES = ["binance", "bybit"]
CANDLES = {"binance": f"{BINANCE}/klines", "bybit": f"{BYBIT}/kline"}


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[PublicVenue]:
    """Both venues in a thread of their own: a command runs its own event loop."""
    double = PublicVenue(now_ms=int(NOW.timestamp() * 1000))
    loop, ready, ended = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with double.serve():
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setenv("QUORUM_BINANCE_URL", double.url)
    monkeypatch.setenv("QUORUM_BYBIT_URL", double.url)
    yield double
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


def _download(terminal: Terminal, *, venue: str, begin: str, end: str) -> dict[str, object]:
    period = f"--from {begin} --to {end}"
    line = f"data download BTC/USDT --venue {venue} {period} --json"
    answer = terminal.run(*line.split())
    assert answer.code == 0, answer.error
    (stored,) = answer.json["stored"]
    return dict(stored)


@pytest.mark.parametrize("name", VENUES)
def test_a_download_is_a_file_for_the_demo(
    terminal: Terminal, venue: PublicVenue, name: str
) -> None:
    stored = _download(terminal, venue=name, begin="2025-11-01", end="2025-11-15")

    assert stored["count"] == 14 * 288
    assert (stored["holes"], stored["funding"]) == ([], 14 * 3)
    recording = load_recording(Path(str(stored["path"])))
    assert recording.candles[0].open_time == datetime(2025, 11, 1, tzinfo=UTC)
    assert len(recording.candles) == 14 * 288
    assert len(recording.funding) == 14 * 3
    assert venue.count(CANDLES[name]) == 5  # 4,032 candles by pages of 1,000


@pytest.mark.parametrize("name", VENUES)
def test_a_second_download_asks_only_for_what_is_missing(
    terminal: Terminal, venue: PublicVenue, name: str
) -> None:
    _download(terminal, venue=name, begin="2025-11-03", end="2025-11-05")
    venue.requests.clear()

    stored = _download(terminal, venue=name, begin="2025-11-02", end="2025-11-06")

    assert stored["count"] == 4 * 288
    assert venue.count(CANDLES[name]) == 2  # the day before, the day after


def test_a_young_contract_begins_with_its_first_candle(
    terminal: Terminal, venue: PublicVenue
) -> None:
    venue.first_ms = int(datetime(2025, 11, 3, tzinfo=UTC).timestamp() * 1000)

    stored = _download(terminal, venue="binance", begin="2025-11-01", end="2025-11-04")

    assert (stored["count"], stored["holes"]) == (288, [])
    assert str(stored["first"]).startswith("2025-11-03")


def test_a_stopped_download_keeps_its_pages(terminal: Terminal, venue: PublicVenue) -> None:
    """The venue refuses the funding history: the candles are stored by then."""
    venue.refuse(f"{BINANCE}/fundingRate", status=400, body='{"code":-1121,"msg":"Invalid"}')

    answer = terminal.run(
        *["data", "download", "BTC/USDT", "--from", "2025-11-03", "--to", "2025-11-04", "--json"]
    )

    assert (answer.code, answer.out) == (1, "")
    assert "Binance" in answer.error
    (stored,) = terminal.run("data", "list", "--json").json["stored"]
    assert (stored["count"], stored["funding"]) == (288, 0)


def test_a_hole_is_named(terminal: Terminal, venue: PublicVenue) -> None:
    stored = _download(terminal, venue="binance", begin="2025-11-03", end="2025-11-04")
    path = Path(str(stored["path"]))
    frame = pd.read_parquet(path)
    frame.drop(index=range(100, 106)).to_parquet(path, index=False)

    answer = terminal.run(*["data", "check"])

    assert answer.code == 1
    assert "1 holes (6 candles missing)" in answer.out
    assert "missing: 6 from 2025-11-03 08:20" in answer.out


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("BTC/USDT --from 2025-11-05 --to 2025-11-05", "--from 2025-11-05 00:00 is not before"),
        ("BTC/USDT --from 1999-01-01", "no perpetual is older than 2015"),
        ("BTC/USDT --venue paper --from 2025-01-01", "paper has no prices of its own"),
        ("BTC --from 2025-01-01", "BTC"),
        ("BTC/USDT --from yesterday", "yesterday"),
    ],
)
def test_a_wrong_period_is_one_sentence(terminal: Terminal, line: str, sentence: str) -> None:
    answer = terminal.run(*f"data download {line}".split())

    assert answer.code == 2
    assert sentence in answer.error
    assert answer.out == ""


def test_an_empty_store_says_how_to_begin(terminal: Terminal) -> None:
    answer = terminal.run(*["data", "list"])

    assert (answer.code, answer.out.count("\n")) == (0, 1)
    assert "quorum data download BTC/USDT" in answer.out


def test_imported_files_are_one_series(terminal: Terminal, tmp_path: Path) -> None:
    """Monthly files of Binance Vision overlap nowhere and follow each other."""
    start = datetime(2025, 1, 31, tzinfo=UTC)
    for month, first, count in (("01", 0, 288), ("02", 288, 288), ("02b", 500, 76)):
        rows = "\n".join(
            f"{_to_us(start + Interval.M5.duration * n)},100.1,100.9,99.5,100.3,7"
            for n in range(first, first + count)
        )
        (tmp_path / f"BTCUSDT-5m-2025-{month}.csv").write_text(rows)
        answer = terminal.run(
            *f"data import {tmp_path}/BTCUSDT-5m-2025-{month}.csv --json".split()
        )
        assert answer.code == 0, answer.error

    (stored,) = terminal.run(*["data", "list", "--json"]).json["stored"]

    assert (stored["count"], stored["holes"]) == (576, [])
    assert stored["last"] == (start + timedelta(days=2) - Interval.M5.duration).isoformat()


def _to_us(at: datetime) -> int:
    return int(at.timestamp() * 10**6)


def test_longer_candles_are_not_stored(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "BTC_USDT-1h.csv"
    path.write_text(
        "date,open,high,low,close,volume\n"
        + "".join(f"2025-01-01T{hour:02}:00Z,1.1,1.2,1.0,1.1,5\n" for hour in range(8))
    )

    answer = terminal.run(*f"data import {path}".split())

    assert answer.code == 2
    assert "longer than 5 minutes" in answer.error
