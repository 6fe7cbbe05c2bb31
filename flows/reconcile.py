"""Reconcile: every few minutes, and first of all when the stack starts.

lost cycles -> interrupted      users with something open -> reconciled, each by itself -> summary
"""

from collections.abc import Sequence

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.alerts import build_reconcile_failed
from tasks.connections import connections
from tasks.reconciliation import Reconciled
from tasks.reconciliation import interrupt_lost_cycles
from tasks.reconciliation import list_open_users
from tasks.reconciliation import reconcile_users
from tasks.sharing import RESULTS
from trading.units import UserId

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
    here = await connections()
    async with here.database.operator() as operator:
        await operator.alerts.enqueue_alert(build_reconcile_failed(failed, now=here.clock()))


def _summarize(done: Sequence[Reconciled], *, interrupted: int, failed: int) -> str:
    figures = {
        "users": len(done),
        "failed": failed,
        "settled": sum(one.settled for one in done),
        "in doubt": sum(one.in_doubt for one in done),
        "swept": sum(one.swept for one in done),
        "closed bare": sum(one.closed_bare for one in done),
        "differences": sum(one.differences for one in done),
        "interrupted cycles": interrupted,
    }
    return ", ".join(f"{name} {figure}" for name, figure in figures.items())
