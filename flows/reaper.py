"""Reaper: ends runs without an owner and frees the concurrency slots, every two minutes.

active runs -> worker gone, or longer than every timeout -> Crashed, with a receipt
occupied slots -> no active run of the deployment -> freed

A killed worker reports nothing: the runs would stay RUNNING for ever and keep the single slot of
the deployment, so that Prefect would cancel every later cycle. `infrastructure_pid` names the
host and the process of a run. The reaper looks up processes of the same host; for another host the
heartbeats of the pool's workers decide. The position guard and reconcile repair the state at the
venue. A starting stack holds the lock of the home: each run still active in Prefect is dead.
"""

import asyncio
import os
import socket
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import psutil
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkerStatus
from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger
from prefect.states import Completed, Crashed

from tasks.recovery.lost_cycles import LostRun, explain_lost
from tasks.runtime.caching import RESULTS
from tasks.runtime.container import read_clock
from trading.domain.messages import message

POOL = "quorum"
ACTIVE_STATES = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
MAX_PENDING = timedelta(minutes=3)
"""Longer than a worker takes from taking a run to starting the run."""
MAX_RUNNING = timedelta(minutes=25)
"""Longer than any flow's timeout and the worker's own limit."""
MAX_SILENCE = timedelta(minutes=2)
"""A worker of another host without a heartbeat for longer than this counts as gone."""
STACK_DIED = "Its process died with the last stack."
RECHECK_SECONDS = 3.0
LIMIT_PREFIX = "deployment:"
PAGE = 200
TIMEOUT_SECONDS = 110

logger = get_logger(__name__)


@flow(name="reaper", timeout_seconds=TIMEOUT_SECONDS, persist_result=False, result_storage=RESULTS)
async def reaper() -> State[None]:
    """Run the reaper once."""
    async with get_client() as client:
        reaped = await reap_runs(client, now=read_clock())
        freed = await free_slots(client)
    return Completed(message=f"{reaped} runs without an owner, {freed} slots freed")


async def reap_at_start() -> None:
    """Reap the runs of a killed predecessor when a worker starts. A failure is logged."""
    try:
        async with get_client() as client:
            reaped = await reap_runs(client, now=read_clock())
    except httpx.HTTPError as error:
        logger.warning("Runs of a dead worker are left to the reaper: %r", error)
        return
    if reaped:
        logger.warning("%d runs had lost their worker.", reaped)


async def reap_runs(client: PrefectClient, *, now: datetime) -> int:
    """Report every run without an owner as crashed, with a receipt; return the number."""
    heard = await _list_heard_hosts(client, now=now)
    reaped = 0
    for run in await list_active_runs(client):
        reason = find_reason(run, now=now, hosts_heard=heard)
        if reason is not None:
            await _report_crashed(client, run.id, reason=reason)
            if (
                lost := LostRun.from_run(run, reason=message("run-never-began", why=reason))
            ) is not None:
                await explain_lost(lost)
            reaped += 1
    return reaped


def find_reason(run: FlowRun, *, now: datetime, hosts_heard: Collection[str]) -> str | None:
    """
    Why the run has no owner any more, None for a run with an owner.

    Args:
        run: in one of the states `ACTIVE_STATES`.
        now: aware UTC.
        hosts_heard: other hosts with a recent heartbeat of a worker.
    """
    assert run.state is not None
    lasted = now - datetime.fromtimestamp(run.state.timestamp.timestamp(), now.tzinfo)
    if run.state.type is StateType.PENDING and not run.infrastructure_pid:
        return "It was taken and never started." if lasted > MAX_PENDING else None
    if lasted > MAX_RUNNING:
        return f"It has been {run.state.name} for longer than any run may."
    host, _, rest = (run.infrastructure_pid or "").partition(":")
    if not host:
        return None
    if host != socket.gethostname():
        is_gone = host not in hosts_heard and lasted > MAX_SILENCE
        return f"The worker on {host} is not heard any more." if is_gone else None
    process = rest.partition(":")[0]
    is_here = process.isdecimal() and _lives_since(int(process), run.state.timestamp.timestamp())
    return None if is_here else "Its process is gone."


async def free_slots(client: PrefectClient) -> int:
    """Free the slots of deployments without an active run; return the number of deployments."""
    suspected = await _list_orphans(client)
    if not suspected:
        return 0
    await asyncio.sleep(RECHECK_SECONDS)  # a run may be about to start or to end
    names = {limit.name for limit in suspected}
    orphans = [limit for limit in await _list_orphans(client) if limit.name in names]
    await _free(client, orphans)
    return len(orphans)


async def reap_dead_stack(client: PrefectClient) -> int:
    """
    Report every active run as crashed and free every slot; return the number of runs.

    Call only while no worker is alive. `reconcile` writes the receipts after the start.
    """
    reaped = 0
    while runs := await list_active_runs(client):
        for run in runs:
            await _report_crashed(client, run.id, reason=STACK_DIED)
        reaped += len(runs)
    await _free(client, await _list_occupied(client))
    return reaped


async def _free(client: PrefectClient, limits: Iterable[GlobalConcurrencyLimitResponse]) -> None:
    for limit in limits:
        await client.update_global_concurrency_limit(
            limit.name, GlobalConcurrencyLimitUpdate(active_slots=0)
        )


async def _list_orphans(client: PrefectClient) -> list[GlobalConcurrencyLimitResponse]:
    taken = [limit for limit in await _list_occupied(client) if _deployment_of(limit) is not None]
    if not taken:
        return []
    busy = {str(run.deployment_id) for run in await list_active_runs(client)}
    return [limit for limit in taken if _deployment_of(limit) not in busy]


async def _list_occupied(client: PrefectClient) -> list[GlobalConcurrencyLimitResponse]:
    occupied, offset = [], 0
    while limits := await client.read_global_concurrency_limits(limit=PAGE, offset=offset):
        offset += len(limits)
        occupied += [limit for limit in limits if limit.active_slots]
    return occupied


def _deployment_of(limit: GlobalConcurrencyLimitResponse) -> str | None:
    if not limit.name.startswith(LIMIT_PREFIX):
        return None
    return limit.name.removeprefix(LIMIT_PREFIX)


async def list_active_runs(client: PrefectClient) -> list[FlowRun]:
    """Runs taken by a worker and not ended."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(ACTIVE_STATES)))
    )
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(
        flow_run_filter=wanted, limit=PAGE, offset=len(found)
    ):
        found += page
    return found


async def _list_heard_hosts(client: PrefectClient, *, now: datetime) -> set[str]:
    """Names of workers with a recent heartbeat: `quorum work` names a worker after the host."""
    try:
        workers = await client.read_workers_for_work_pool(POOL)
    except ObjectNotFound:
        return set()
    return {
        worker.name
        for worker in workers
        if worker.status is WorkerStatus.ONLINE
        or (
            worker.last_heartbeat_time is not None
            and now.timestamp() - worker.last_heartbeat_time.timestamp()
            < MAX_SILENCE.total_seconds()
        )
    }


def _lives_since(process: int, moment: float) -> bool:
    """Whether the process runs and began before `moment`: the system reuses process ids."""
    if process == os.getpid():
        return True
    try:
        found = psutil.Process(process)
        return bool(found.create_time() <= moment + 1 and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


async def _report_crashed(client: PrefectClient, run_id: UUID, *, reason: str) -> None:
    state: State[None] = Crashed(message=reason)
    try:
        await client.set_flow_run_state(run_id, state, force=True)
    except PrefectHTTPStatusError as error:
        # After the deletion of a deployment the server finds no slot to free and refuses every
        # final state of the run. The records of the cycle are in our own tables.
        if not error.response.is_server_error:
            raise
        await client.delete_flow_run(run_id)
