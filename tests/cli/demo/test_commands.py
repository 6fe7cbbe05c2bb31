"""The demo: which cycles it plays, that it plays them alike every time, what it shows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.venues.offline.generated import SampleMarket
from cli.demo.figures import DemoSummary, Played, build_summary
from cli.demo.report import print_report, print_summary
from cli.demo.setting import DemoOptions, Setting, list_times, open_setting
from cli.demo.stage import draw, list_names, play
from cli.main import main
from db.session import Database
from tests.database import TestDatabase
from tests.prefect_server import PrefectServer
from trading.domain.errors import BadInput
from trading.domain.units import CYCLE_INTERVAL, Pair
from trading.reporting.pair_report import PairReport

HEAD = "date,open,high,low,close,volume"
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def write_candles(folder: Path, *, days: int, name: str = "ETH_USDT-1h.csv") -> Path:
    """Hourly candles that go nowhere."""
    times = (BEGIN + timedelta(hours=hour) for hour in range(days * 24))
    rows = (f"{time.isoformat()},3000,3010,2990,3000,500" for time in times)
    path = folder / name
    path.write_text("\n".join([HEAD, *rows]), encoding="utf-8")
    return path


def ask(candles: Path | None, *, cycles: int = 48, pair: str = "") -> DemoOptions:
    return DemoOptions(candles=candles, pair=pair, seed=7, cycles=cycles, out=Path("out"))


def test_the_last_cycles_of_a_recording_are_played_after_nine_days_to_warm_up(
    tmp_path: Path,
) -> None:
    setting = open_setting(ask(write_candles(tmp_path, days=12)))

    assert setting.pair == Pair("ETH", "USDT")
    assert len(setting.times) == 48
    assert setting.times[-1] == BEGIN + timedelta(days=12)
    everything = open_setting(ask(write_candles(tmp_path, days=12), cycles=3 * 48 + 1))
    assert everything.times[0] == BEGIN + timedelta(days=9)


@pytest.mark.parametrize(("days", "cycles"), [(12, 3 * 48 + 2), (9, 2)])
def test_a_recording_that_is_too_short_is_refused(tmp_path: Path, days: int, cycles: int) -> None:
    with pytest.raises(BadInput, match=f"{cycles} cycles were asked for"):
        open_setting(ask(write_candles(tmp_path, days=days), cycles=cycles))


def test_the_pair_of_a_file_without_one_in_its_name_is_given(tmp_path: Path) -> None:
    file = write_candles(tmp_path, days=12, name="prices.csv")

    with pytest.raises(BadInput, match="does not begin with a pair"):
        open_setting(ask(file))
    assert open_setting(ask(file, pair="BTC/USDT")).pair == Pair("BTC", "USDT")


def test_made_up_days_are_always_the_same_and_said_to_be_made_up() -> None:
    setting = open_setting(ask(None))

    assert setting.times == open_setting(ask(None)).times
    assert setting.notice is not None
    assert "MADE UP" in setting.notice


def test_cycle_times_stand_half_an_hour_apart_and_end_where_asked() -> None:
    times = list_times(BEGIN, count=3)

    assert times == (BEGIN - 2 * CYCLE_INTERVAL, BEGIN - CYCLE_INTERVAL, BEGIN)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--candles", "nowhere.feather"), "There is no file"),
        (("--days", "0"), "--days"),
        (("--pair", "nonsense"), "is not a pair"),
    ],
)
def test_a_demo_that_can_not_be_played_starts_nothing(
    arguments: tuple[str, ...],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["demo", *arguments]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


async def play_once(
    run: TestDatabase, database: Database, setting: Setting
) -> tuple[DemoSummary, Played, PairReport]:  # signature: the fixtures of the test
    """On an empty database."""
    run.empty()
    played, report = await play(database, setting)
    voters = list_names(played.records)
    return build_summary(played, market="sample", voters=voters), played, report


@pytest.mark.timeout(300)
async def test_the_same_demo_gives_the_same_numbers_and_no_position_stands_bare(
    prefect_server: PrefectServer,
    database: Database,
    database_run: TestDatabase,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    setting = Setting(
        market=SampleMarket(7),
        pair=Pair("BTC", "USDT"),
        times=list_times(datetime(2025, 5, 23, 5, 0, tzinfo=UTC), count=2),
        notice=None,
    )
    with prefect_server.as_settings():
        first, _, _ = await play_once(database_run, database, setting)
        second, played, report = await play_once(database_run, database, setting)

    assert first == second
    assert (first.cycles, first.completed, first.errors) == (2, 2, 0)
    assert (first.entries, first.orders, first.bare_seconds_max) == (1, 3, 0)
    assert first.fees > 0
    assert first.net_pnl != 0
    assert first.hold_pnl == Decimal(0)
    assert all("offline rules" in name for name in first.voters)

    picture = draw(report, tmp_path / "out")
    assert picture is not None
    assert picture.stat().st_size > 10_000
    print_report(first, played=played, picture=picture, seconds=1)
    print_summary(first)
    said = capsys.readouterr().out
    assert said.splitlines()[-1].endswith('"completed": 2, "errors": 0}')
    for word in ("buy and hold", "HOLD", str(picture), "Entered BTC/USDT", "SAMPLE"):
        assert word in said
