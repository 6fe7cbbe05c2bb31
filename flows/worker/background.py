"""Background work of a warm worker: reaps orphaned runs, guards positions, cancels late runs.

at the start: runs of a killed worker -> Crashed        throughout: the guards
at a poll: scheduled runs at least one interval late -> Cancelled, with a receipt for each cycle
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelled

from blocks.operator_url import OperatorUrl
from commands.closing import report_overdue
from commands.forwarding import forward_alerts
from flows.late_runs import is_late
from flows.reaper import reap_at_start
from flows.worker.deferred_states import DeferredStates
from reports.texts.catalog import render
from tasks.recovery.lost_cycles import LostRun, explain_lost
from tasks.recovery.position_guard import keep_guard
from tasks.runtime.container import Services, read_clock
from tasks.runtime.loops import run_every_second
from trading.domain.messages import message
from trading.domain.units import CYCLE_INTERVAL

type Spawn = Callable[[Coroutine[Any, Any, object]], object]
"""Starts a coroutine in the loop of the flow runs."""

TOO_LATE = message("run-too-late")


async def run_background_services() -> None:
    """Run the reaper once and the guards until canceled, in the loop of the flow runs."""
    await asyncio.gather(reap_at_start(), keep_guards())


async def keep_guards() -> None:
    """Guard positions, execute close requests and forward alerts, until canceled."""
    url = OperatorUrl.from_settings()

    async def tell_operator(services: Services) -> None:
        now = services.clock()
        await report_overdue(services.database, now=now)
        await forward_alerts(services.database, url, now=now)

    await asyncio.gather(keep_guard(), run_every_second(tell_operator))


async def cancel_late_runs(
    runs: Sequence[FlowRun], *, client: PrefectClient, states: DeferredStates, spawn: Spawn
) -> frozenset[UUID]:
    """Cancel the late runs and return their ids; `spawn` starts writing the receipts."""
    now = read_clock()
    late = [run for run in runs if is_late(run, now=now, by=CYCLE_INTERVAL)]
    for run in late:
        await states.report(client, run.id, state=Cancelled(message=render(TOO_LATE)))
        if (lost := LostRun.from_run(run, reason=TOO_LATE)) is not None:
            spawn(explain_lost(lost))
    return frozenset(run.id for run in late)
