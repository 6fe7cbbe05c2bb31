"""Hooks: a run that ends badly still closes its cycle, tells its user, leaves no position bare.

flow run -> failed | crashed | canceled -> record FAILED | INTERRUPTED + alert, one transaction
                                        -> reconcile that user, at once

Only the record of a cycle that this very run opened in this process is closed. What it left at the
venue is brought to its end whoever opened it: `reconcile` would come only minutes later. Where
there is no process left to run a hook (kill -9), another worker's guard does it
(`tasks.recovery.position_guard`).
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging import get_logger
from prefect.runtime import flow_run as current_run

from tasks.alerts.trading import build_cycle_failed
from tasks.cycle.records import take_opened
from tasks.recovery.reconciliation import reconcile_user
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle
from trading.cycle import CycleOutcome, CycleRecord, floor_cycle_time
from trading.domain.errors import QuorumError, TransientError
from trading.domain.units import UserId

RECONCILE_SECONDS = 60.0
"""Longer than that no stop waits for us: what is left then is the guard's."""
CLOSE_ATTEMPTS = 18
CLOSE_WAIT_SECONDS = 5.0
INTERRUPTED = "It was stopped before it was finished."

logger = get_logger(__name__)


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
    if cycle is not None:
        await _close_patiently(cycle, state)
    await bring_to_end(UserId(flow_run.parameters["user_id"]))


async def bring_to_end(user_id: UserId) -> None:
    """What the run left open at the venue: protected, booked, swept."""
    try:
        async with asyncio.timeout(RECONCILE_SECONDS):
            await reconcile_user(user_id)
    except (QuorumError, TimeoutError) as error:
        why = error.sentence if isinstance(error, QuorumError) else "it took too long."
        logger.warning("User %s was not reconciled after a broken cycle: %s", user_id, why)


async def _close_patiently(cycle: Cycle, state: State[Any]) -> None:
    """Wait for a database that restarts; one that stays away leaves it to `reconcile`."""
    for _ in range(CLOSE_ATTEMPTS):
        try:
            return await _close_record(cycle, state)
        except TransientError as error:
            logger.warning("The record of %s can't be closed yet: %s", cycle.key, error.sentence)
            await (await get_services()).sleep(CLOSE_WAIT_SECONDS)
    return None


async def _close_record(cycle: Cycle, state: State[Any]) -> None:
    services = await get_services()
    now = services.clock()
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
    async with services.database.tenant(cycle.user_id) as tenant:
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
