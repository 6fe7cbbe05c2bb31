"""Reconcile: every few minutes, and first of all when the stack starts.

lost cycles -> interrupted      users with something open -> reconciled, each by itself -> summary
"""

from collections.abc import Sequence

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.alerts.trading import build_reconcile_failed
from tasks.recovery.reconciliation import (
    Reconciled,
    interrupt_lost_cycles,
    list_open_users,
    reconcile_users,
)
from tasks.runtime.caching import RESULTS
from tasks.runtime.container import get_services
from trading.domain.units import UserId

TIMEOUT_SECONDS = 900


@flow(
    name="reconcile",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=RESULTS,
)
async def reconcile(user_id: int | None = None) -> State[None]:
    """
    Bring what is open to its end.

    Args:
        user_id: Only this user; everybody when None.
    """
    interrupted = await interrupt_lost_cycles()
    users = await list_open_users()
    chosen = [user for user in users if user_id in {None, user}]
    done, failed = await reconcile_users(chosen)
    await _tell(failed)
    return Completed(message=_summarize(done, interrupted=interrupted, failed=len(failed)))


async def _tell(failed: Sequence[UserId]) -> None:
    if not failed:
        return
    services = await get_services()
    async with services.database.operator() as operator:
        await operator.alerts.enqueue_alert(build_reconcile_failed(failed, now=services.clock()))


def _summarize(done: Sequence[Reconciled], *, interrupted: int, failed: int) -> str:
    figures = {
        "users": len(done),
        "failed": failed,
        "settled": sum(one.settled for one in done),
        "in doubt": sum(one.in_doubt for one in done),
        "canceled": sum(one.canceled for one in done),
        "closed unprotected": sum(one.closed_unprotected for one in done),
        "differences": sum(one.differences for one in done),
        "interrupted cycles": interrupted,
    }
    return ", ".join(f"{name} {figure}" for name, figure in figures.items())
