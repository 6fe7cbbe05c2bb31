"""The watch: each thing that goes wrong is one trouble, told once an hour, with its next step."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from pydantic import SecretStr

from blocks.model import ModelBlock
from db.repositories.operations.health import ModelHealth
from reports.texts.catalog import render
from tasks.monitoring import closing_models, health, prefect_watch, retention
from tasks.monitoring.watchdog import tell_operator
from tasks.runtime.container import read_clock, use_services
from tasks.runtime.settings import WatchSettings
from tests.doubles.models import serve_models
from tests.stage import PAIR, Stage
from tests.trading.builders import NOW, make_open_breaker
from trading.cycle import CycleKey, CycleOutcome, CycleRecord
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain
from trading.domain.units import Mode, VenueName

LIMITS = WatchSettings()
WELL = health.Machine(clock_offset=timedelta(0), disk_free_ratio=0.5, database_bytes=1_000)


def model(failures: int, *, votes: int = 10) -> ModelHealth:
    return ModelHealth(
        model="gpt", votes=votes, failures=failures, latency_ms=900.0, cost_usd=Decimal(0)
    )


def texts(alerts: Sequence[Alert]) -> str:
    return " ".join(render(alert.text) for alert in alerts)


def test_a_model_that_fails_half_the_time_is_no_trouble_yet_and_more_is() -> None:
    assert health.find_failing_models([model(5)], limits=LIMITS, now=NOW) == ()
    (alert,) = health.find_failing_models([model(6)], limits=LIMITS, now=NOW)
    assert alert.kind is AlertKind.MODELS_DOWN
    assert render(alert.text).startswith("gpt did not answer 6 of 10 times within an hour.")
    assert "its key and its credit" in render(alert.text)


def test_a_few_failures_of_few_votes_say_nothing() -> None:
    few = LIMITS.least_samples - 1
    assert health.find_failing_models([model(few, votes=few)], limits=LIMITS, now=NOW) == ()


def test_a_venue_that_shows_nothing_is_told_with_the_halt_that_helps() -> None:
    assert health.find_failing_venues({"binance": (10, 5)}, limits=LIMITS, now=NOW) == ()
    (alert,) = health.find_failing_venues({"binance": (10, 6)}, limits=LIMITS, now=NOW)
    assert alert.kind is AlertKind.VENUE_DOWN
    assert "binance gave nothing to 6 of 10 cycles" in render(alert.text)
    assert "`quorum halt --venue binance`" in render(alert.text)


def test_many_breakers_at_once_are_a_storm() -> None:
    assert health.find_breaker_storm(2, limits=LIMITS, now=NOW) == ()
    (alert,) = health.find_breaker_storm(3, limits=LIMITS, now=NOW)
    assert alert.severity is Severity.CRITICAL
    assert "`quorum halt` stops all entries" in render(alert.text)


@pytest.mark.parametrize(
    ("machine", "says"),
    [
        (replace(WELL, clock_offset=timedelta(milliseconds=501)), "+501 ms off"),
        (replace(WELL, clock_offset=timedelta(milliseconds=-501)), "-501 ms off"),
        (replace(WELL, disk_free_ratio=0.09), "9% of the disk is free"),
        (replace(WELL, database_bytes=20_100_000_000), "takes 20.1 GB"),
    ],
)
def test_a_machine_in_trouble_is_told(machine: health.Machine, says: str) -> None:
    (alert,) = health.find_machine_trouble(machine, limits=LIMITS, now=NOW)
    assert says in render(alert.text)


def test_a_machine_at_its_limits_is_well() -> None:
    edge = health.Machine(
        clock_offset=LIMITS.clock_offset,
        disk_free_ratio=LIMITS.disk_free_ratio,
        database_bytes=int(LIMITS.database_gb * 1e9),
    )
    assert health.find_machine_trouble(edge, limits=LIMITS, now=NOW) == ()


def test_a_worker_is_silent_between_two_minutes_and_six_hours() -> None:
    beats = [
        ("well", NOW - timedelta(seconds=120)),
        ("silent", NOW - timedelta(seconds=121)),
        ("taken-away", NOW - timedelta(hours=6)),
    ]
    (alert,) = prefect_watch.find_silent_workers(beats, limits=LIMITS, now=NOW)
    assert render(alert.text).startswith("1 workers are silent (silent).")


def test_runs_that_never_end_or_never_begin_are_named() -> None:
    assert prefect_watch.find_stuck_runs([], now=NOW) == ()
    assert prefect_watch.find_late_runs([], now=NOW) == ()
    (stuck,) = prefect_watch.find_stuck_runs([f"run-{n}" for n in range(12)], now=NOW)
    (late,) = prefect_watch.find_late_runs(["u1 BTC/USDT"], now=NOW)
    assert "12 runs do not end (run-0" in render(stuck.text)
    assert "and 2 more" in render(stuck.text)
    assert "1 runs are late (u1 BTC/USDT)" in render(late.text)


def test_a_prefect_server_that_does_not_answer_is_critical() -> None:
    alert = prefect_watch.find_lost_server("The Prefect API does not answer.", now=NOW)
    assert alert.severity is Severity.CRITICAL
    assert "Stops stay at the venues" in render(alert.text)


async def test_a_trouble_is_told_once_an_hour(stage: Stage) -> None:
    with stage.in_use():
        for minutes, told in ((0, 1), (59, 0), (1, 1)):
            stage.now += timedelta(minutes=minutes)
            troubles = health.find_breaker_storm(3, limits=LIMITS, now=stage.now)
            assert await tell_operator.fn(troubles) == told


async def close_as(stage: Stage, outcome: CycleOutcome, *, reason: str, minutes: int) -> None:
    cycle_time = stage.now - timedelta(minutes=minutes)
    key = CycleKey(user_id=stage.user_id, pair=PAIR, cycle_time=cycle_time)
    record = CycleRecord(
        key=key,
        mode=Mode.PAPER,
        venue=VenueName.PAPER,
        as_of=cycle_time,
        outcome=outcome,
        reason=plain(reason),
        closed_at=cycle_time,
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.cycles.close_cycle(record)


async def test_what_is_counted_is_the_last_hour_s(stage: Stage) -> None:
    for minutes in range(0, 6 * 5, 5):
        await close_as(
            stage, CycleOutcome.SKIPPED, reason="No market data: it is down.", minutes=minutes
        )
    for minutes in (61, 90):
        await close_as(stage, CycleOutcome.HELD, reason="They disagree.", minutes=minutes)
    async with stage.database.tenant(stage.user_id) as tenant:
        for pair in (PAIR, None):
            breaker = make_open_breaker(
                opened_at=stage.now - timedelta(minutes=5), until=stage.now + timedelta(hours=4)
            )
            await tenant.breakers.save_breaker(pair, breaker)
    async with stage.database.operator() as operator:
        since = stage.now - timedelta(hours=1)
        assert await operator.health.count_outcomes(since) == {CycleOutcome.SKIPPED: 6}
        assert await operator.health.count_venue_failures(since) == {"binance": (6, 6)}
        assert await operator.health.count_opened_breakers(since) == 2
        assert (await operator.health.measure_scale()).open_breakers == 2
    with stage.in_use():
        found = await health.find_ill_health.fn()
    assert "binance gave nothing to 6 of 6 cycles" in texts(found)


async def test_old_cycles_that_did_nothing_go_and_what_traded_stays(stage: Stage) -> None:
    day = 24 * 60
    await close_as(stage, CycleOutcome.HELD, reason="old", minutes=401 * day)
    await close_as(stage, CycleOutcome.ENTERED, reason="old trade", minutes=402 * day)
    await close_as(stage, CycleOutcome.HELD, reason="young", minutes=399 * day)
    with stage.in_use():
        removed = await retention.remove_old_rows.fn()
        again = await retention.remove_old_rows.fn()
    assert (removed["cycles"], again["cycles"]) == (1, 0)
    async with stage.database.tenant(stage.user_id) as tenant:
        kept = await tenant.cycles.list_cycles(PAIR, limit=10)
    assert [render(record.reason) for record in kept] == ["young", "old trade"]


async def test_not_even_the_operator_s_role_can_remove_what_traded_or_is_young(
    stage: Stage,
) -> None:
    stage.now = read_clock()
    await close_as(stage, CycleOutcome.HELD, reason="young", minutes=60)
    await close_as(stage, CycleOutcome.ENTERED, reason="old trade", minutes=500 * 24 * 60)
    everything = stage.now + timedelta(days=1)
    async with stage.database.operator() as operator:
        await operator.alerts.enqueue_alert(
            health.find_breaker_storm(3, limits=LIMITS, now=stage.now)[0]
        )
        removed = await operator.health.remove_old(
            snapshots_before=everything, alerts_before=everything, cycles_before=everything
        )
    assert removed == {"snapshots": 0, "alerts": 0, "cycles": 0}


async def test_a_message_goes_only_when_it_was_delivered(stage: Stage) -> None:
    now = stage.now
    with stage.in_use():
        stage.now = now - timedelta(days=91)
        await tell_operator.fn(health.find_breaker_storm(3, limits=LIMITS, now=stage.now))
        stage.now = now
        assert (await retention.remove_old_rows.fn())["alerts"] == 0
        async with stage.database.operator() as operator:
            (owed,) = await operator.alerts.claim_heads(
                9, now=now, lease=timedelta(seconds=1), resting=()
            )
            await operator.alerts.mark_delivered(owed.alert_id, now=now)
        assert (await retention.remove_old_rows.fn())["alerts"] == 1


async def test_a_model_that_is_shut_down_within_30_days_is_told_once_a_week(stage: Stage) -> None:
    async with serve_models() as double:
        openai = ModelBlock(
            provider="openai",
            model="gpt-5-mini",
            key=SecretStr("not-a-key"),
            base_url=double.base_url("openai"),
        ).get_client()
        with use_services(replace(stage.connect(), models=(openai,))):
            told, said = [], ""
            for day in range(40):  # until 2026-12-11, the day in the vendor's catalog
                stage.now = datetime(2026, 11, 2, 12, 3, tzinfo=UTC) + timedelta(days=day)
                alerts = await closing_models.find_closing_models.fn()
                assert all(alert.user_id is None for alert in alerts)
                if await tell_operator.fn(alerts):
                    told.append(stage.now.date().isoformat())
                    said = texts(alerts)
            stage.now += timedelta(minutes=5)
            assert await closing_models.find_closing_models.fn() == ()  # once an hour
    assert told == ["2026-11-11", "2026-11-14", "2026-11-21", "2026-11-28", "2026-12-05"]
    assert said.startswith("openai:gpt-5-mini is shut down by its vendor on 2026-12-11.")
    assert "Name a current model in QUORUM_COUNCIL" in said
