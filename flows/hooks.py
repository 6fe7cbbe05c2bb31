"""Hooks: a run that ends badly still closes its cycle and tells its user.

flow run -> failed | crashed | canceled -> record FAILED | INTERRUPTED + alert, one transaction

Only a cycle that this very run opened in this process is touched. Where there is no process left
to run a hook (kill -9), `reconcile` does it after a grace. Orders are not touched here.
"""

from datetime import UTC
from datetime import datetime
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as current_run

from tasks.alerts import build_cycle_failed
from tasks.connections import connections
from tasks.records import take_opened
from trading.cycle import CycleOutcome
from trading.cycle import CycleRecord
from trading.cycle import floor_cycle_time
from trading.errors import QuorumError

INTERRUPTED = "It was stopped before it was finished."


def name_run() -> str:
    """u1 BTC/USDT 2026-01-01 12:00: user, pair and cycle time."""
    given = current_run.parameters
    scheduled_at = given.get("cycle_time") or current_run.scheduled_start_time
    cycle_time = floor_cycle_time(datetime.fromtimestamp(scheduled_at.timestamp(), UTC))
    return f"u{given['user_id']} {given['pair']} {cycle_time:%Y-%m-%d %H:%M}"


async def close_broken_cycle(  # signature: Prefect's
    flow: Flow[..., Any],  # noqa: ARG001
    flow_run: FlowRun,
    state: State[Any],
) -> None:
    """Prefect's hook for failed, crashed and canceled runs."""
    cycle = take_opened(str(flow_run.id))
    if cycle is None:
        return
    here = await connections()
    now = here.clock()
    sentence = await _explain(state)
    record = CycleRecord(
        key=cycle.key,
        mode=cycle.mode,
        venue=cycle.venue,
        as_of=cycle.opened_at,
        outcome=CycleOutcome.FAILED if state.is_failed() else CycleOutcome.INTERRUPTED,
        reason=sentence,
        closed_at=now,
    )
    async with here.database.tenant(cycle.user_id) as tenant:
        if await tenant.cycles.close_cycle(record):
            alert = build_cycle_failed(cycle.key, sentence=sentence, now=now)
            await tenant.alerts.enqueue_alert(alert)


async def _explain(state: State[Any]) -> str:
    """A sentence without a stranger's text: ours as it is, of anything else only its kind."""
    if not state.is_failed():
        return INTERRUPTED
    failure = await state.aresult(raise_on_failure=False)
    if isinstance(failure, QuorumError):
        return failure.sentence
    return f"It failed unexpectedly ({type(failure).__name__})."
