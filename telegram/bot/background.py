"""Background work of the bot: sync Prefect with the database, apply due raises, delete old rows.

every few minutes: pairs -> gateway.sync;  due raises -> limits;  old updates, buttons -> deleted

The database is the source of truth. A change of pairs during a sync causes another sync.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator

from blocks.prefect.drift import SyncReport
from blocks.prefect.system import SystemState
from commands import conversation
from commands.closing import report_overdue
from commands.limits import apply_due_raises
from commands.operations import alert_operator
from commands.users import list_all_pairs
from reports.texts.catalog import tell
from telegram.request.request import Services
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message

MAX_SYNCS = 3
RETRY_SECONDS = 15.0
CLOSING_SECONDS = 5.0
logger = logging.getLogger(__name__)


async def run_background(services: Services) -> None:
    """Run the work now and every `sync_seconds`, sooner after a failure, until canceled."""
    while True:
        went_well = [await _attempt(work, services) for work in WORK]
        usual = services.settings.sync_seconds
        await asyncio.sleep(usual if all(went_well) else min(usual, RETRY_SECONDS))


async def restore_system(services: Services) -> SystemState:
    """Repair queues and system deployments; alert the operator of pauses and a missing pool."""
    state = await services.deployments.restore_system()
    for subject, text in _describe_troubles(state):
        await alert_operator(services.database, subject, text=text, now=services.clock())
    return state


def _describe_troubles(state: SystemState) -> Iterator[tuple[str, Message]]:
    if not state.has_pool:
        yield "pool-gone", message("prefect-pool-gone")
    if state.paused:
        yield (
            f"paused:{','.join(state.paused)}"[:100],
            message("prefect-paused", names=", ".join(state.paused)),
        )
    if state.restored:
        logger.warning("System deployments were restored: %s", ", ".join(state.restored))


async def watch_closing(services: Services) -> None:
    """Report overdue requests to close, every few seconds, until canceled."""
    while True:
        await _attempt(report_closing, services)
        await asyncio.sleep(CLOSING_SECONDS)


async def report_closing(services: Services) -> int:
    """Alert users and the operator of overdue requests to close; the number of requests."""
    return await report_overdue(services.database, now=services.clock())


async def sync_deployments(services: Services) -> SyncReport:
    """Make Prefect match the database; a change during the sync causes another sync."""
    database = services.database
    configs = await list_all_pairs(database)
    report = SyncReport()
    for _ in range(MAX_SYNCS):
        report = await services.deployments.sync(configs, reload=lambda: list_all_pairs(database))
        if report.created or report.updated or report.removed:
            logger.info(
                "deployments: %d created, %d changed, %d removed, %d unchanged",
                len(report.created), len(report.updated), len(report.removed), report.unchanged,
            )  # fmt: skip
        before, configs = configs, await list_all_pairs(database)
        if configs == before:
            break
    return report


async def raise_limits(services: Services) -> int:
    """Apply due raises of limits; returns the number of limits."""
    return await apply_due_raises(services.database, now=services.clock())


async def sweep(services: Services) -> int:
    """Delete old rows, and API keys whose secret never came; returns the number of rows."""
    old = services.clock() - services.settings.dialog_life
    for user_id, half in list(services.half_told.items()):
        if half.told_at < old:
            services.half_told.pop(user_id, None)
    return await conversation.sweep(services.database, now=services.clock())


async def _attempt(work: Callable[[Services], Awaitable[object]], services: Services) -> bool:
    try:
        await work(services)
    except QuorumError as error:
        logger.warning("%s: %s", getattr(work, "__name__", "background"), tell(error))
        return False
    return True


WORK = (sync_deployments, restore_system, raise_limits, sweep)
"""Work of each round, in order."""
