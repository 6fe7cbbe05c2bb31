"""Checks Prefect's health: silent workers, stuck runs, late runs.

work pool, flow runs -> find_* (pure) -> alerts to the operator with the next step

The watchdog is itself a run of a worker, so silence here means *another* worker. When all workers
are silent, no watchdog runs: the failover (`tasks.recovery.failover`) and `quorum doctor` then
report the outage.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import open_client, translate_errors
from blocks.prefect.specs import WORK_POOL
from reports.texts.catalog import tell
from tasks.alerts.operator import build_trouble, name_some
from tasks.runtime.container import read_clock
from tasks.runtime.settings import WatchSettings, watch_settings
from trading.domain.alerts import Alert, Severity
from trading.domain.errors import QuorumError

FORGOTTEN_AFTER = timedelta(hours=6)
"""A worker silent for longer was removed on purpose."""
LOOKED_AT = 50


@task(name="find_prefect_trouble", cache_policy=NO_CACHE)
async def find_prefect_trouble() -> tuple[Alert, ...]:
    """The present faults of Prefect as alerts; a server without an answer is a fault too."""
    now, limits = read_clock(), watch_settings()
    try:
        async with open_client() as client:
            with translate_errors():
                heartbeats = await _list_heartbeats(client)
                stuck = await _list_stuck(client, limits=limits, now=now)
                late = await _list_late(client, limits=limits, now=now)
    except QuorumError as error:
        return (find_lost_server(tell(error), now=now),)
    return (
        *find_silent_workers(heartbeats, limits=limits, now=now),
        *find_stuck_runs(stuck, now=now),
        *find_late_runs(late, now=now),
    )


async def count_workers(heard_since: datetime) -> int:
    """The number of workers with a heartbeat since an instant; 0 when Prefect does not answer."""
    try:
        async with open_client() as client:
            with translate_errors():
                heartbeats = await _list_heartbeats(client)
    except QuorumError:
        return 0
    return sum(at >= heard_since for _, at in heartbeats)


def find_lost_server(sentence: str, *, now: datetime) -> Alert:
    """Prefect does not answer."""
    return build_trouble(
        "prefect",
        f"{sentence} No cycle starts until it does. Stops stay at the venues, and warm workers "
        "go on reconciling by themselves. See logs/prefect-server.log; start it again.",
        severity=Severity.CRITICAL,
        now=now,
    )


def find_silent_workers(
    heartbeats: Sequence[tuple[str, datetime]], *, limits: WatchSettings, now: datetime
) -> tuple[Alert, ...]:
    """An alert about workers (name, last heartbeat) without a heartbeat for too long."""
    silence = timedelta(seconds=limits.worker_silence_seconds)
    silent = [name for name, at in heartbeats if silence < now - at < FORGOTTEN_AFTER]
    if not silent:
        return ()
    return (
        build_trouble(
            "workers",
            f"{len(silent)} workers are silent ({name_some(silent)}). The others take its cycles; "
            "see its log, start it again, or delete it in the UI if it was taken away.",
            now=now,
        ),
    )


def find_stuck_runs(runs: Sequence[str], *, now: datetime) -> tuple[Alert, ...]:
    """An alert about runs past the time limit."""
    if not runs:
        return ()
    return (
        build_trouble(
            "stuck",
            f"{len(runs)} runs do not end ({name_some(runs)}). Cancel them in the Prefect UI; the "
            "worker that had them may hang: start it again.",
            now=now,
        ),
    )


def find_late_runs(runs: Sequence[str], *, now: datetime) -> tuple[Alert, ...]:
    """An alert about runs without a start."""
    if not runs:
        return ()
    return (
        build_trouble(
            "late",
            f"{len(runs)} runs are late ({name_some(runs)}). Is there a worker, and does it keep "
            "up? Add one: `docker compose up --scale work=2`, or look at logs/worker.log.",
            now=now,
        ),
    )


async def _list_heartbeats(client: PrefectClient) -> list[tuple[str, datetime]]:
    try:
        workers = await client.read_workers_for_work_pool(WORK_POOL)
    except ObjectNotFound:
        return []
    return [
        (worker.name, worker.last_heartbeat_time.astimezone(UTC))
        for worker in workers
        if worker.last_heartbeat_time is not None
    ]


async def _list_stuck(client: PrefectClient, *, limits: WatchSettings, now: datetime) -> list[str]:
    running = FlowRunFilterState(
        type=FlowRunFilterStateType(
            any_=[StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
        )
    )
    began = FlowRunFilterStartTime.model_validate(
        {"before_": now - timedelta(minutes=limits.stuck_minutes)}
    )
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=running, start_time=began), limit=LOOKED_AT
    )
    return [run.name for run in runs]


async def _list_late(client: PrefectClient, *, limits: WatchSettings, now: datetime) -> list[str]:
    late = FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"]))
    due = FlowRunFilterExpectedStartTime.model_validate(
        {"before_": now - timedelta(minutes=limits.stuck_minutes / 2)}
    )
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=late, expected_start_time=due), limit=LOOKED_AT
    )
    return [run.name for run in runs]
