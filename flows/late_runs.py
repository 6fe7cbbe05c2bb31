"""Late runs: flow runs that wait to start although their time passed too long ago.

A run created by a person never counts as late, because closing a position is still wanted hours
afterwards. A trading cycle is the exception: the flow would only skip an outdated cycle.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelled
from prefect.types import DateTime

from blocks.prefect.specs import TRADING_TAG
from trading.cycle import CYCLE_GRACE

PAGE = 200
STACK_WAS_DOWN = "Too late: the stack was down at its time."


def is_late(run: FlowRun, *, now: datetime, by: timedelta) -> bool:
    """Whether the run should have started at `now - by` or earlier; `now` is aware UTC."""
    due = run.next_scheduled_start_time
    is_repeated = run.auto_scheduled or TRADING_TAG in run.tags
    return is_repeated and due is not None and now - due >= by


async def cancel_missed_runs(client: PrefectClient, *, now: datetime) -> int:
    """Cancel every run missed by more than the grace period of a cycle; return the number."""
    canceled = skipped = 0
    while runs := await _list_scheduled(client, before=now - CYCLE_GRACE, skip=skipped):
        late = [run for run in runs if is_late(run, now=now, by=CYCLE_GRACE)]
        for run in late:
            state: State[None] = Cancelled(message=STACK_WAS_DOWN)
            await client.set_flow_run_state(run.id, state, force=True)
        canceled += len(late)
        skipped += len(runs) - len(late)
    return canceled


async def _list_scheduled(
    client: PrefectClient, *, before: datetime, skip: int
) -> Sequence[FlowRun]:
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
    expected = FlowRunFilterExpectedStartTime(before_=DateTime.instance(before))
    wanted = FlowRunFilter(state=state, expected_start_time=expected)
    return await client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=skip)
