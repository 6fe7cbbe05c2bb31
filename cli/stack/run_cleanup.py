"""Flow runs around a start and a stop: what died, what is too late, what goes on.

Prefect API -> runs in a state -> Crashed, Canceled, or waited for

A run whose processes were killed stays RUNNING for ever and keeps its concurrency slot, so that
every later cycle of that pair is canceled. When a stack starts on a home it holds that home's
lock: whatever its Prefect believes to be running then is dead, and is said to be so.
"""

import asyncio
import time
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Cancelled, Crashed
from prefect.types import DateTime

from trading.cycle import CYCLE_GRACE

ACTIVE_STATES = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
COMMAND_TAG = "command"
"""Of the deployments in prefect.yaml that only a person starts."""
PAGE = 200
POLL_SECONDS = 0.3


async def reap_dead_runs(client: PrefectClient) -> int:
    """Say of every run that seems to go on that it crashed, and free the slots; how many."""
    reaped = 0
    while runs := await _list_runs(client, ACTIVE_STATES):
        for run in runs:
            await _bury(client, run)
        reaped += len(runs)
    await _free_slots(client)
    return reaped


async def drop_late_runs(client: PrefectClient, *, now: datetime) -> int:
    """
    Cancel the scheduled runs that have outlived their grace at `now`; how many.

    What a person asked for while the stack was down (to close a position, say) is still done.
    """
    expected = FlowRunFilterExpectedStartTime(before_=DateTime.instance(now - CYCLE_GRACE))
    dropped = kept = 0
    while runs := await _list_runs(client, (StateType.SCHEDULED,), expected=expected, skip=kept):
        late = [run for run in runs if COMMAND_TAG not in run.tags]
        for run in late:
            state: State[None] = Cancelled(message="Too late: the stack was down at its time.")
            await client.set_flow_run_state(run.id, state, force=True)
        dropped += len(late)
        kept += len(runs) - len(late)
    return dropped


async def list_active_runs(client: PrefectClient) -> list[FlowRun]:
    """Runs that a worker has taken and not ended."""
    return await _list_runs(client, ACTIVE_STATES)


async def await_run(client: PrefectClient, run_id: UUID, *, seconds: float) -> FlowRun | None:
    """The run once it has ended; None when it still goes on after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = await client.read_flow_run(run_id)
        if run.state is not None and run.state.is_final():
            return run
        await asyncio.sleep(POLL_SECONDS)
    return None


async def _bury(client: PrefectClient, run: FlowRun) -> None:
    """Say that it crashed; a run that Prefect can't say that of is deleted."""
    state: State[None] = Crashed(message="Its process died with the last stack.")
    try:
        await client.set_flow_run_state(run.id, state, force=True)
    except PrefectHTTPStatusError as error:
        # Its deployment was deleted meanwhile: the server finds no slot to give back and refuses
        # every end of the run. What the cycle did is in our own tables.
        if not error.response.is_server_error:
            raise
        await client.delete_flow_run(run.id)


async def _free_slots(client: PrefectClient) -> None:
    """Slots that no run holds any more: leases of a killed server do not give them back."""
    offset = 0
    while limits := await client.read_global_concurrency_limits(limit=PAGE, offset=offset):
        offset += len(limits)
        for limit in limits:
            if limit.active_slots:
                await client.update_global_concurrency_limit(
                    limit.name, GlobalConcurrencyLimitUpdate(active_slots=0)
                )


async def _list_runs(
    client: PrefectClient,
    states: Iterable[StateType],
    *,
    expected: FlowRunFilterExpectedStartTime | None = None,
    skip: int = 0,
) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
            expected_start_time=expected,
        ),
        limit=PAGE,
        offset=skip,
    )
