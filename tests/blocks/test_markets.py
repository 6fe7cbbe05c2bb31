"""Opening market data: what was asked for, or the sample and a notice that says so."""

import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
import pytest_asyncio

from blocks.markets import MarketChoice, open_choice, open_market
from blocks.settings import VenueSettings
from tests.doubles.venue_public import BINANCE, BYBIT, PublicVenue
from trading.domain.errors import BadInput
from trading.domain.units import Pair, VenueName
from trading.market.snapshot import MarketSource

BTC = Pair("BTC", "USDT")
NOW = datetime(2025, 11, 22, 12, 1, 7, tzinfo=UTC)
PING = {VenueName.BINANCE: f"{BINANCE}/ping", VenueName.BYBIT: f"{BYBIT}/time"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("QUORUM_MARKET", "QUORUM_VENUE", "QUORUM_SAMPLE_SEED"):
        monkeypatch.delenv(name, raising=False)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[PublicVenue]:
    async with PublicVenue(now_ms=int(NOW.timestamp() * 1000)).serve() as venue:
        yield venue


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "BTC_USDT-5m.csv"
    dates = [NOW.replace(minute=0, second=0) + timedelta(minutes=5) * n for n in range(12)]
    prices = dict.fromkeys(("open", "high", "low", "close", "volume"), 100_000.5)
    pd.DataFrame({"date": dates, **prices}).to_csv(path, index=False)
    return path


def _hosts(venue: PublicVenue, *, dead: tuple[VenueName, ...] = ()) -> dict[VenueName, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    return {name: nobody if name in dead else venue.url for name in PING}


async def test_auto_is_live_when_a_venue_answers(venue: PublicVenue) -> None:
    opened = await open_choice(MarketChoice(), urls=_hosts(venue))

    assert opened.market.source is MarketSource.LIVE
    assert opened.market.venue is VenueName.BINANCE
    assert opened.notice is None
    assert (await opened.market.fetch_ticker(BTC, as_of=NOW)).last_price > 0
    await opened.close()


async def test_auto_takes_the_other_venue_and_says_so(venue: PublicVenue) -> None:
    opened = await open_choice(MarketChoice(), urls=_hosts(venue, dead=(VenueName.BINANCE,)))

    assert opened.market.venue is VenueName.BYBIT
    assert opened.notice == "binance does not answer: the prices are those of bybit."
    await opened.close()


async def test_auto_falls_back_to_the_sample_with_a_notice(venue: PublicVenue) -> None:
    dead = (VenueName.BINANCE, VenueName.BYBIT)
    opened = await open_choice(MarketChoice(seed=3), urls=_hosts(venue, dead=dead))

    assert opened.market.source is MarketSource.SAMPLE
    assert opened.notice is not None
    assert "MADE UP" in opened.notice
    assert opened.namespace == "sample-3"
    await opened.close()


async def test_live_does_not_fall_back(venue: PublicVenue) -> None:
    choice = MarketChoice(kind="live", venue=VenueName.BYBIT)
    opened = await open_choice(choice, urls=_hosts(venue))

    assert {name: market.venue for name, market in opened.markets.items()} == {
        VenueName.BINANCE: VenueName.BINANCE,
        VenueName.BYBIT: VenueName.BYBIT,
        VenueName.PAPER: VenueName.BYBIT,
    }
    assert venue.requests == []
    await opened.close()


async def test_the_sample_stands_for_every_venue() -> None:
    opened = await open_market(VenueSettings(market="sample", sample_seed=11))

    assert set(opened.markets) == set(VenueName)
    assert {market.source for market in opened.markets.values()} == {MarketSource.SAMPLE}
    await opened.close()


async def test_a_recording_is_opened_by_its_file(recording: Path) -> None:
    opened = await open_market(VenueSettings(market=f"recorded:{recording}"))
    again = await open_market(VenueSettings(market=f"recorded:{recording.name}"))

    assert opened.market.source is MarketSource.RECORDED
    assert opened.notice is None
    assert opened.namespace == again.namespace


@pytest.mark.parametrize(
    ("market", "sentence"),
    [
        ("yesterday", "'yesterday' is no market"),
        ("recorded", "needs a file"),
        ("live:file.csv", "only a recorded one"),
        ("recorded:none.csv", "There is no file"),
    ],
)
async def test_what_cannot_be_opened_is_said_in_one_sentence(market: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        await open_market(VenueSettings(market=market))


def test_the_paper_venue_has_no_prices_of_its_own() -> None:
    with pytest.raises(BadInput, match="paper has no prices of its own"):
        MarketChoice(venue=VenueName.PAPER)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_MARKET", "sample")
    monkeypatch.setenv("QUORUM_VENUE", "bybit")
    monkeypatch.setenv("QUORUM_SAMPLE_SEED", "42")

    choice = MarketChoice.from_settings(VenueSettings())

    assert choice == MarketChoice(kind="sample", venue=VenueName.BYBIT, seed=42)


def test_a_replay_does_not_load_ccxt() -> None:
    code = "import sys, blocks.markets; sys.exit('ccxt' in sys.modules)"
    checkout = Path(__file__).resolve().parents[2]

    assert subprocess.run([sys.executable, "-c", code], cwd=checkout, check=False).returncode == 0
