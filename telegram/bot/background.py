"""Background work of the bot: sync Prefect with the database, apply due raises, delete old rows.

every few minutes: pairs -> gateway.sync;  due raises -> limits;  old updates, buttons -> deleted
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from blocks.prefect.drift import SyncReport
from blocks.prefect.system import SystemState
from commands import conversation
from commands.closing import report_overdue
from commands.deployments.sync import sync_pairs, tend_system
from commands.forwarding import forward_alerts
from commands.limits import apply_due_raises
from reports.texts.catalog import tell
from telegram.request.request import Services
from trading.domain.errors import QuorumError

RETRY_SECONDS = 15.0
CLOSING_SECONDS = 1.0
logger = logging.getLogger(__name__)


async def run_background(services: Services) -> None:
    """Run the work now and every `sync_seconds`, sooner after a failure, until canceled."""
    while True:
        went_well = [await _attempt(work, services) for work in WORK]
        usual = services.settings.sync_seconds
        await asyncio.sleep(usual if all(went_well) else min(usual, RETRY_SECONDS))


async def restore_system(services: Services) -> SystemState:
    """Repair queues and system deployments; alert the operator of pauses and a missing pool."""
    return await tend_system(services.database, services.deployments, now=services.clock())


async def watch_closing(services: Services) -> None:
    """
    Report overdue requests to close and update live messages, every second, until canceled.

    Each work has a loop of its own: with a slow database the report waits for no live message.
    """
    loops = (_repeat(work, services) for work in (report_closing, show_progress, forward))
    await asyncio.gather(*loops)


async def _repeat(work: Callable[[Services], Awaitable[object]], services: Services) -> None:
    while True:
        await _attempt(work, services)
        await asyncio.sleep(CLOSING_SECONDS)


async def show_progress(services: Services) -> int:
    """Edit the live messages whose subject has changed; the number of messages left."""
    return await services.live.refresh()


async def forward(services: Services) -> int:
    """Send critical alerts that Telegram has not delivered to the operator's own address."""
    return await forward_alerts(services.database, services.operator_url, now=services.clock())


async def report_closing(services: Services) -> int:
    """Alert users and the operator of overdue requests to close; the number of requests."""
    return await report_overdue(services.database, now=services.clock())


async def sync_deployments(services: Services) -> SyncReport:
    """Make Prefect match the database, and adopt pauses made in the Prefect UI."""
    return await sync_pairs(services.database, services.deployments, now=services.clock())


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
