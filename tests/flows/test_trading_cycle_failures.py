"""The failure table, row by row: what goes wrong, what happens, and the words that are owed.

warning, error, critical, fatal -> a scripted run against the doubles -> outcome, orders, alert

`docs/operations.md` lists the remedies. Deaths of processes are in
tests/tasks/recovery/test_reconciliation.py, tests/campaigns/chaos and
tests/cli/stack/test_commands.py.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta

import pytest

from flows.trading_cycle import trading_cycle
from flows.watchdog import watchdog
from reports.texts.catalog import render
from tasks.monitoring import health
from tasks.recovery.failover import Standby
from tests.doubles.council import council
from tests.doubles.counting_market import CountingMarket
from tests.doubles.faults import CrashingDatabase, Fault, Faults
from tests.order_path import take
from tests.owed import list_owed
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from tests.trading.builders import make_closed_position
from trading.council.decisions import Action
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.alerts import AlertKind, Severity
from trading.domain.errors import TransientError
from trading.domain.units import CYCLE_INTERVAL

pytestmark = pytest.mark.usefixtures("prefect_api")

LONG, CLOSE = Action.OPEN_LONG, Action.CLOSE


class LostDatabase(CrashingDatabase):
    """Neither users' nor the operator's transactions get through."""

    def operator(self) -> None:  # type: ignore[override]  # it never gets as far as a session
        raise TransientError("The database does not answer.")


class DeadFeed:
    """A feed that is down."""

    name = "forklog"

    async def fetch_news(self, *_given: object, **_named: object) -> None:
        raise TransientError("Forklog does not answer.")


async def run(stage: Stage) -> CycleRecord:
    with stage.in_use():
        await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    return await stage.load_record()


async def owed(stage: Stage, kind: AlertKind) -> list[tuple[Severity, str]]:
    """What the user and the operator are told of that kind."""
    found = await list_owed(stage.database)
    return [(alert.severity, render(alert.text)) for alert in found if alert.kind is kind]


async def answer() -> None:
    """Prefect lives."""


async def no_answer() -> None:
    raise TransientError("The Prefect API does not answer.")


# warning


async def test_warning_a_feed_is_down_and_the_receipt_says_so(stage: Stage) -> None:
    stage.feeds = (DeadFeed(),)  # type: ignore[assignment]
    record = await run(stage)
    assert record.outcome is CycleOutcome.HELD
    assert any("forklog" in warning.lower() for warning in record.warnings)
    assert await stage.list_alerts() == ()


# error


async def test_error_a_model_is_down_abstains_and_the_cycle_goes_on(stage: Stage) -> None:
    stage.models = council(LONG, LONG, LONG)
    stage.models[2].fail_with = TransientError("The model does not answer.")
    record = await run(stage)
    assert record.outcome is CycleOutcome.ENTERED
    assert [d.model.name for d in record.decisions if d.abstained]


async def test_error_all_models_are_down_it_holds_and_the_operator_hears(stage: Stage) -> None:
    stage.models = council(LONG, LONG, LONG)
    for model in stage.models:
        model.fail_with = TransientError("The model does not answer.")
    record = await run(stage)
    assert record.outcome is CycleOutcome.HELD
    assert await owed(stage, AlertKind.MODELS_DOWN) == [
        (
            Severity.WARNING,
            "No model answered for BTC/USDT: every cycle holds until one does.",
        )
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Binance does not answer.",
        "Binance took longer than 10 s.",
        "Binance is in maintenance.",
    ],
    ids=["down", "slow", "maintenance"],
)
async def test_error_a_venue_that_gives_nothing_skips_cycles_and_is_told_once(
    stage: Stage, sentence: str
) -> None:
    stage.market = CountingMarket(fail_with=TransientError(sentence, retry_after_seconds=0))
    record = await run(stage)
    assert record.outcome is CycleOutcome.SKIPPED
    ((severity, text),) = await owed(stage, AlertKind.VENUE_DOWN)
    assert severity is Severity.WARNING
    assert text.startswith("Cycles of BTC/USDT at Binance are skipped: ")
    assert sentence in text


# critical


async def test_critical_three_losses_in_a_row_open_the_breaker(stage: Stage) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        for hours in (3, 2, 1):
            closed_at = stage.now - timedelta(hours=hours)
            lost = make_closed_position(
                "-5", opened_at=closed_at - timedelta(minutes=30), closed_at=closed_at
            )
            await tenant.positions.save_position(lost)
    path = await take(stage, LONG)
    assert path.execution is None, "no entry"
    opened = await owed(stage, AlertKind.BREAKER_OPENED)
    severity, text = opened[0]
    assert severity is Severity.CRITICAL
    assert "the breaker opened because of losses in a row (losses 3; limit 3; trade 1 " in text
    assert text.endswith("; stops stay.")


async def test_critical_a_stop_that_is_refused_closes_the_position(stage: Stage) -> None:
    stage.faults.on["place_stop"] = Fault.REJECT
    await take(stage, LONG)
    await require_protected_or_flat(stage)
    ((severity, text),) = await owed(stage, AlertKind.PROTECTION_FAILED)
    assert severity is Severity.CRITICAL
    assert text == (
        "BTC/USDT: the stop could not be placed, so the position was closed at once. Why: The "
        "venue says no."
    )


# fatal


async def test_fatal_the_database_is_lost_in_mid_cycle_and_comes_back(stage: Stage) -> None:
    whole, faults = stage.database, Faults()
    stage.models = council(LONG, LONG, LONG)
    stage.models[0].on_question = lambda: faults.on.update(transaction=Fault.FAIL)
    stage.database = CrashingDatabase(whole, faults)
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    assert state.is_failed()
    assert not any(call.startswith("place") for call in stage.faults.calls), "no order went out"

    standby = Standby(ask=answer, tick=lambda: 0.0)
    standby._is_known = True
    stage.database = LostDatabase(whole, faults)
    await standby.look(stage.connect())
    stage.database = whole
    standby._last = None
    stage.now += timedelta(seconds=90)
    await standby.look(stage.connect())
    ((severity, text),) = await owed(stage, AlertKind.SYSTEM)
    assert severity is Severity.CRITICAL
    assert "did not answer from" in text
    assert "for 90 s. No order was sent meanwhile" in text

    stage.now += CYCLE_INTERVAL
    assert (await run(stage)).outcome is CycleOutcome.ENTERED
    await require_same_books(stage)


async def test_fatal_prefect_is_lost_and_what_is_open_is_reconciled_all_the_same(
    stage: Stage,
) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_ANSWER
    stage.faults.hidden = True
    await take(stage, LONG)
    stage.faults = Faults()
    standby = Standby(ask=no_answer, tick=lambda: 0.0)
    standby._is_known = True
    with stage.in_use():
        for _ in range(3):
            await standby.look(stage.connect())
            standby._last = None
            stage.now += timedelta(seconds=30)
    await require_protected_or_flat(stage)
    await require_same_books(stage)
    (said,) = [text for _, text in await owed(stage, AlertKind.SYSTEM) if "Prefect" in text]
    assert "No cycle starts until it does. Stops stay at the venues" in said
    assert "reconciling by themselves" in said


async def test_fatal_the_bot_is_lost_and_the_backlog_shows(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_REQUEST
    await take(stage, LONG)
    stage.now += timedelta(minutes=16)
    with stage.in_use():
        await watchdog(return_state=True)
    told = [text for _, text in await owed(stage, AlertKind.SYSTEM)]
    assert any("Messages to people wait for 16 minutes. Is the bot running" in t for t in told)


async def test_fatal_a_process_that_crashed_says_so_when_it_is_back(stage: Stage) -> None:
    stage.models = council(LONG, LONG, LONG)
    stage.faults.on["place_stop"] = Fault.CRASH_AFTER
    await run_crashing(stage)
    stage.faults = Faults()
    await Standby(ask=answer).look(stage.connect())
    ((_, text),) = await owed(stage, AlertKind.RESTARTED)
    assert text.startswith("The worker ")
    assert "has started." in text


async def run_crashing(stage: Stage) -> None:
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    assert state.is_failed()


async def test_fatal_a_disk_that_is_full_is_told_before_it_stops_everything(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(".")._replace(total=100, used=97, free=3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with stage.in_use():
        (alert,) = await health.find_ill_health.fn()
    assert alert.severity is Severity.CRITICAL
    assert render(alert.text).startswith(
        "3% of the disk is free. When it is full, the database refuses"
    )


@pytest.mark.parametrize(("seconds", "says"), [(3600, "+3600 s"), (-3600, "-3600 s")])
async def test_fatal_a_clock_that_jumps_is_told(stage: Stage, seconds: int, says: str) -> None:
    ticks: Callable[[], float] = iter([0.0, 30.0]).__next__
    standby = Standby(ask=answer, tick=ticks)
    standby._is_known = True
    await standby.look(stage.connect())
    stage.now += timedelta(seconds=30 + seconds)
    await standby.look(stage.connect())
    ((_, text),) = await owed(stage, AlertKind.SYSTEM)
    assert text.startswith(f"The clock jumped by {says}. Entries stop while")
