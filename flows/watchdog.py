"""Watchdog: alerts the operator to problems and removes old data, every five minutes.

books, health, Prefect -> problems -> alerts -> due key checks -> retention -> summary
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.monitoring.closing_models import find_closing_models
from tasks.monitoring.health import find_ill_health
from tasks.monitoring.key_checks import check_keys
from tasks.monitoring.prefect_watch import find_prefect_trouble
from tasks.monitoring.retention import remove_old_results, remove_old_rows, seal_audit
from tasks.monitoring.watchdog import find_trouble, tell_operator
from tasks.runtime.caching import RESULTS

TIMEOUT_SECONDS = 240


@flow(
    name="watchdog",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=RESULTS,
)
async def watchdog() -> State[None]:
    """Run every check once."""
    trouble = (
        *await find_trouble(),
        *await find_ill_health(),
        *await find_prefect_trouble(),
        *await find_closing_models(),
    )
    told = await tell_operator(trouble)
    refused = await check_keys()
    sealed = await seal_audit()
    removed = await remove_old_results() + sum((await remove_old_rows()).values())
    return Completed(
        message=f"{len(trouble)} troubles, {told} told, {refused} keys refused, "
        f"{removed} old things removed, {sealed} audit entries sealed"
    )
