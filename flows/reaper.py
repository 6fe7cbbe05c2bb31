"""Reaper: runs and slots that nobody owns any more are given back, every two minutes.

runs in hand -> whose worker is gone, or that outlived every timeout -> Crashed, with a receipt
slots taken -> no run of that deployment is in hand -> freed

A worker that is killed tells nobody: its runs would stay RUNNING for ever, and their deployments'
single slot with them, so that every later cycle is canceled. A run says which host and process has
it (`infrastructure_pid`); on this host the process is looked up, on others the pool's workers say
whether theirs is heard. What a cycle left at the venue is the guard's and reconcile's.
"""

import asyncio
import os
import socket
from collections.abc import Collection, Sequence
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

POOL = "quorum"
IN_HAND = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
PENDING_FOR = timedelta(minutes=3)
"""Longer than a worker takes from taking a run to starting it."""
RUNNING_FOR = timedelta(minutes=25)
"""Longer than any flow's timeout and the worker's own limit."""
SILENT_FOR = timedelta(minutes=2)
"""A worker of another host counts as gone when it was not heard for so long."""
SECOND_LOOK_SECONDS = 3.0
LIMIT_PREFIX = "deployment:"
PAGE = 200
TIMEOUT_SECONDS = 110

logger = get_logger(__name__)


@flow(name="reaper", timeout_seconds=TIMEOUT_SECONDS, persist_result=False, result_storage=RESULTS)
async def reaper() -> State[None]:
    """Look once."""
    async with get_client() as client:
        reaped = await reap_runs(client, now=read_clock())
        freed = await free_slots(client)
    return Completed(message=f"{reaped} runs without an owner, {freed} slots freed")


async def reap_at_start() -> None:
    """What a worker does first: its predecessor may have been killed. A failure is logged."""
    try:
        async with get_client() as client:
            reaped = await reap_runs(client, now=read_clock())
    except httpx.HTTPError as error:
        logger.warning("Runs of a dead worker are left to the reaper: %r", error)
        return
    if reaped:
        logger.warning("%d runs had lost their worker.", reaped)


async def reap_runs(client: PrefectClient, *, now: datetime) -> int:
    """Say of every run that nobody owns that it crashed; how many there were."""
    heard = await _list_heard_hosts(client, now=now)
    reaped = 0
    for run in await _list_in_hand(client):
        reason = find_reason(run, now=now, hosts_heard=heard)
        if reason is not None:
            await _bury(client, run.id, reason=reason)
            if (lost := LostRun.from_run(run, reason=f"It never began. {reason}")) is not None:
                await explain_lost(lost)
            reaped += 1
    return reaped


def find_reason(run: FlowRun, *, now: datetime, hosts_heard: Collection[str]) -> str | None:
    """
    Why nobody owns the run any more; None while somebody does.

    Args:
        run: in one of the states `IN_HAND`.
        now: aware UTC.
        hosts_heard: hosts other than this one whose worker is heard.
    """
    assert run.state is not None
    lasted = now - datetime.fromtimestamp(run.state.timestamp.timestamp(), now.tzinfo)
    if run.state.type is StateType.PENDING and not run.infrastructure_pid:
        return "It was taken and never started." if lasted > PENDING_FOR else None
    if lasted > RUNNING_FOR:
        return f"It has been {run.state.name} for longer than any run may."
    host, _, rest = (run.infrastructure_pid or "").partition(":")
    if not host:
        return None
    if host != socket.gethostname():
        is_gone = host not in hosts_heard and lasted > SILENT_FOR
        return f"The worker on {host} is not heard any more." if is_gone else None
    process = rest.partition(":")[0]
    is_here = process.isdecimal() and _lives_since(int(process), run.state.timestamp.timestamp())
    return None if is_here else "Its process is gone."


async def free_slots(client: PrefectClient) -> int:
    """Give back the slots of deployments none of whose runs is in hand; how many."""
    suspected = await _list_orphans(client)
    if not suspected:
        return 0
    await asyncio.sleep(SECOND_LOOK_SECONDS)  # a run may just have taken its slot, or end
    names = {limit.name for limit in suspected}
    orphans = [limit for limit in await _list_orphans(client) if limit.name in names]
    for limit in orphans:
        await client.update_global_concurrency_limit(
            limit.name, GlobalConcurrencyLimitUpdate(active_slots=0)
        )
    return len(orphans)


async def _list_orphans(client: PrefectClient) -> list[GlobalConcurrencyLimitResponse]:
    taken, offset = [], 0
    while limits := await client.read_global_concurrency_limits(limit=PAGE, offset=offset):
        offset += len(limits)
        taken += [one for one in limits if one.active_slots and _deployment_of(one) is not None]
    if not taken:
        return []
    busy = {str(run.deployment_id) for run in await _list_in_hand(client)}
    return [limit for limit in taken if _deployment_of(limit) not in busy]


def _deployment_of(limit: GlobalConcurrencyLimitResponse) -> str | None:
    if not limit.name.startswith(LIMIT_PREFIX):
        return None
    return limit.name.removeprefix(LIMIT_PREFIX)


async def _list_in_hand(client: PrefectClient) -> Sequence[FlowRun]:
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(IN_HAND)))
    )
    found: list[FlowRun] = []
    while page := await client.read_flow_runs(
        flow_run_filter=wanted, limit=PAGE, offset=len(found)
    ):
        found += page
    return found


async def _list_heard_hosts(client: PrefectClient, *, now: datetime) -> set[str]:
    """Names of the workers that are heard: `quorum work` calls a worker as its host."""
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
            < SILENT_FOR.total_seconds()
        )
    }


def _lives_since(process: int, moment: float) -> bool:
    """Whether the process runs and began before `moment`: numbers are given out again."""
    if process == os.getpid():
        return True
    try:
        found = psutil.Process(process)
        return bool(found.create_time() <= moment + 1 and found.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


async def _bury(client: PrefectClient, run_id: UUID, *, reason: str) -> None:
    state: State[None] = Crashed(message=reason)
    try:
        await client.set_flow_run_state(run_id, state, force=True)
    except PrefectHTTPStatusError as error:
        # Its deployment was deleted meanwhile, and with it the slot that Prefect wants back.
        if not error.response.is_server_error:
            raise
        await client.delete_flow_run(run_id)
