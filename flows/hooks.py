"""Hooks: a failed run still closes the cycle, alerts the user and protects the position.

flow run -> failed | crashed | canceled -> record FAILED | INTERRUPTED + alert, one transaction
                                        -> reconcile the user, at once

A hook closes only the record of a cycle opened by the same run in the same process. Reconciling
also settles the orders of other runs: the next `reconcile` is minutes away. After a kill -9 no
process is left to run a hook; the guard of another worker reconciles then
(`tasks.recovery.position_guard`).
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.logging import get_logger
from prefect.runtime import flow_run as current_run
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_fixed,
)

from reports.texts.catalog import tell
from tasks.alerts.trading import build_cycle_failed
from tasks.cycle.records import take_opened
from tasks.recovery.reconciliation import reconcile_user
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle
from trading.cycle import CycleOutcome, CycleRecord, floor_cycle_time
from trading.domain.errors import QuorumError, TransientError
from trading.domain.messages import Message, message
from trading.domain.units import UserId

RECONCILE_SECONDS = 60.0
"""Longest delay of a stop by the hook; the guard does the rest."""
CLOSE_ATTEMPTS = 18
CLOSE_WAIT_SECONDS = 5.0
INTERRUPTED = message("run-stopped")

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
    await reconcile_after_failure(UserId(flow_run.parameters["user_id"]))


async def reconcile_after_failure(user_id: UserId) -> None:
    """Protect, book and sweep the open orders and positions of the user."""
    try:
        async with asyncio.timeout(RECONCILE_SECONDS):
            await reconcile_user(user_id)
    except (QuorumError, TimeoutError) as error:
        why = tell(error) if isinstance(error, QuorumError) else "it took too long."
        logger.warning("User %s was not reconciled after a broken cycle: %s", user_id, why)


async def _close_patiently(cycle: Cycle, state: State[Any]) -> None:
    """Close the record; retries while a database restarts, then leaves it to `reconcile`."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(CLOSE_ATTEMPTS),
        wait=wait_fixed(CLOSE_WAIT_SECONDS),
        sleep=(await get_services()).sleep,
        before_sleep=_log_open_record,
        retry_error_callback=_log_open_record,
    )
    await retrying(_close_record, cycle, state)


def _log_open_record(attempt: RetryCallState) -> None:
    error = attempt.outcome.exception() if attempt.outcome else None
    logger.warning("The record of %s can't be closed yet: %s", attempt.args[0].key, error)


async def _close_record(cycle: Cycle, state: State[Any]) -> None:
    services = await get_services()
    now = services.clock()
    why = await _explain(state)
    record = CycleRecord(
        key=cycle.key,
        mode=cycle.mode,
        venue=cycle.venue,
        as_of=cycle.opened_at,
        outcome=CycleOutcome.FAILED if state.is_failed() else CycleOutcome.INTERRUPTED,
        reason=why,
        closed_at=now,
    )
    async with services.database.tenant(cycle.user_id) as tenant:
        if await tenant.cycles.close_cycle(record):
            alert = build_cycle_failed(cycle.key, why=why, now=now)
            await tenant.alerts.enqueue_alert(alert)


async def _explain(state: State[Any]) -> Message:
    """Our error's message, or the type of any other error: foreign text is never shown."""
    if not state.is_failed():
        return INTERRUPTED
    failure = await state.aresult(raise_on_failure=False)
    if isinstance(failure, QuorumError):
        return failure.message
    return message("run-failed", kind=type(failure).__name__)
