"""What the bot does unasked: Prefect follows the database, limits become looser when due.

every few minutes: pairs -> gateway.sync;  due raises -> limits;  old updates and buttons -> gone

The database is the truth. A pair that comes or goes during a sync makes it look again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from blocks.prefect.drift import SyncReport
from commands import pairs as changes
from telegram.request.request import Services
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError

MEMORY = timedelta(days=2)
"""Telegram repeats an update for a day at most."""
MOST_LOOKS = 3
AGAIN_SECONDS = 15.0
logger = logging.getLogger(__name__)


async def keep_up(services: Services) -> None:
    """Tend everything now and every `sync_seconds`, sooner after a failure, until cancelled."""
    while True:
        went_well = [
            await _tend(tend, services) for tend in (sync_deployments, raise_limits, sweep)
        ]
        usual = services.settings.sync_seconds
        await asyncio.sleep(usual if all(went_well) else min(usual, AGAIN_SECONDS))


async def sync_deployments(services: Services) -> SyncReport:
    """Make Prefect match the database; what was changed meanwhile is looked at again."""
    configs = await _list_pairs(services)
    report = SyncReport()
    for _ in range(MOST_LOOKS):
        report = await services.deployments.sync(configs, reload=lambda: _list_pairs(services))
        if report.created or report.updated or report.removed:
            logger.info(
                "deployments: %d created, %d changed, %d removed, %d unchanged",
                len(report.created), len(report.updated), len(report.removed), report.unchanged,
            )  # fmt: skip
        before, configs = configs, await _list_pairs(services)
        if configs == before:
            break
    return report


async def raise_limits(services: Services) -> int:
    """Loosen the limits whose time has come; how many."""
    now = services.clock()
    async with services.database.operator() as operator:
        users = await operator.bot.list_users_with_due_raises(now)
    count = 0
    for user_id in users:
        async with services.database.tenant(user_id) as tenant:
            count += await changes.apply_due_raises(tenant, now=now)
    return count


async def sweep(services: Services) -> int:
    """Forget what is over; how much. A key whose secret never came is forgotten, too."""
    old = services.clock() - services.settings.dialog_life
    for user_id, half in list(services.half_told.items()):
        if half.told_at < old:
            services.half_told.pop(user_id, None)
    async with services.database.operator() as operator:
        return await operator.bot.sweep(services.clock() - MEMORY)


async def _list_pairs(services: Services) -> tuple[PairConfig, ...]:
    async with services.database.operator() as operator:
        return await operator.pairs.list_all_pairs()


async def _tend(tend: Callable[[Services], Awaitable[object]], services: Services) -> bool:
    try:
        await tend(services)
    except QuorumError as error:
        logger.warning("%s: %s", getattr(tend, "__name__", "upkeep"), error.sentence)
        return False
    return True
