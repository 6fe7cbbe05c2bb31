"""Watchdog: every five minutes, what is wrong is told to the operator, what is old is removed.

find trouble -> alerts in the outbox -> old shared results away -> summary in the run's state
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.sharing import RESULTS
from tasks.watchdog import find_trouble
from tasks.watchdog import remove_old_results
from tasks.watchdog import tell_operator

TIMEOUT_SECONDS = 240


@flow(
    name="watchdog",
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=RESULTS,
)
async def watchdog() -> State[None]:
    """Look once."""
    trouble = await find_trouble()
    told = await tell_operator(trouble)
    removed = await remove_old_results()
    return Completed(
        message=f"{len(trouble)} troubles, {told} told, {removed} old results removed"
    )
