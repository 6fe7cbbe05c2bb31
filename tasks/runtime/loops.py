"""Loops of the guards in a warm worker, and work for many users with a limit."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from prefect.logging import get_logger

from reports.texts.catalog import tell
from tasks.runtime.container import Services, get_services
from trading.domain.errors import QuorumError

LOOK_SECONDS = 1.0
ERROR_WAIT_SECONDS = 5.0
"""Wait after a failed check: an outage may have left positions without a stop."""
AT_ONCE = 8
"""Users in work at the same time."""

logger = get_logger(__name__)


async def run_every_second(check: Callable[[Services], Awaitable[object]]) -> None:
    """Run a check every second until canceled; after a database error a little later."""
    wait = 0.0
    while True:
        await asyncio.sleep(wait)
        try:
            await check(await get_services())
            wait = LOOK_SECONDS
        except QuorumError as error:
            logger.warning("The guard could not look: %s", tell(error))
            wait = ERROR_WAIT_SECONDS


async def run_limited[Item, Result](
    work: Callable[[Item], Awaitable[Result]], items: Iterable[Item], *, at_once: int = AT_ONCE
) -> list[Result]:
    """Run the work for each item, at most `at_once` at a time; the results in order."""
    limit = asyncio.Semaphore(at_once)

    async def run(item: Item) -> Result:
        async with limit:
            return await work(item)

    return await asyncio.gather(*map(run, items))
