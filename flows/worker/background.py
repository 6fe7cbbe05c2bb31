"""What a warm worker does besides running flows: look after others', drop what is too late.

at its start: runs of a killed predecessor -> Crashed      all the time: the guard
a run that is an interval late -> Cancelled, and a receipt for its cycle
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelled

from flows.reaper import reap_at_start
from flows.worker.configuration import find_stale
from flows.worker.deferred_states import OwedEnds
from tasks.recovery.lost_cycles import LostRun, explain_lost
from tasks.recovery.position_guard import keep_guard
from tasks.runtime.container import read_clock

type Do = Callable[[Coroutine[Any, Any, object]], object]

TOO_LATE = "It could not begin before the next one was due."


async def keep_beside() -> None:
    """What goes on in the engine room beside the runs."""
    await asyncio.gather(reap_at_start(), keep_guard())


async def drop_late(
    runs: Sequence[FlowRun], *, client: PrefectClient, owed: OwedEnds, do: Do
) -> frozenset[UUID]:
    """Cancel the stale ones, whose ids it answers; `do` begins to write their receipts."""
    stale = find_stale(runs, now=read_clock())
    for run in runs:
        if run.id in stale:
            await owed.tell(client, run.id, state=Cancelled(message=TOO_LATE))
            if (lost := LostRun.from_run(run, reason=TOO_LATE)) is not None:
                do(explain_lost(lost))
    return stale
