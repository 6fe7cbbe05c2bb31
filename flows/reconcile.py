"""Reconcile: makes the books equal the venue's, at the start and every five minutes.

lost cycles -> interrupted      users with open orders or positions -> reconciled -> summary
"""

from collections.abc import Sequence

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.alerts.trading import build_reconcile_failed
from tasks.recovery.lost_cycles import interrupt_lost_cycles
from tasks.recovery.reconciliation import (
    Reconciled,
    add_counts,
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
    Settle open orders and check open positions.

    Args:
        user_id: only this user; all users when None.
    """
    interrupted = await interrupt_lost_cycles()
    users = await list_open_users()
    chosen = [user for user in users if user_id in {None, user}]
    done, failed = await reconcile_users(chosen)
    await _alert(failed)
    return Completed(message=_summarize(done, interrupted=interrupted, failed=len(failed)))


async def _alert(failed: Sequence[UserId]) -> None:
    if not failed:
        return
    services = await get_services()
    async with services.database.operator() as operator:
        await operator.alerts.enqueue_alert(build_reconcile_failed(failed, now=services.clock()))


def _summarize(done: Sequence[Reconciled], *, interrupted: int, failed: int) -> str:
    counts = {"users": len(done), "failed": failed, **add_counts(done)}
    counts["interrupted_cycles"] = interrupted
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())
