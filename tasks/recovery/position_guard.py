"""The guard: a position whose worker is gone is protected in seconds, by any other worker.

    database, every second -> users whose entry or position is late with its stop -> reconcile_user

A worker that is killed or stopped tells nobody. What it leaves shows in the database: an entry
that was sent, or is in doubt, and is not booked, or a position without a stop, and older than a
cycle takes to bring it on. Every warm worker runs a guard; two that see the same user disturb each
other as little as two reconciliations do, because leases and the risk lock keep them apart.
"""

import asyncio
from datetime import timedelta

from prefect.logging import get_logger

from tasks.recovery.close_requests import keep_closing
from tasks.recovery.failover import keep_standby
from tasks.recovery.reconciliation import reconcile_user
from tasks.runtime.container import Services, get_services
from trading.domain.errors import QuorumError
from trading.domain.units import UserId

LOOK_SECONDS = 1.0
LATE_AFTER = timedelta(seconds=2.5)
"""An undisturbed cycle has its stop resting before; one that is slower is not harmed."""
LATE_UNTIL = timedelta(minutes=5)
"""An entry of that age has been looked for often enough: the schedule goes on with it."""
IN_DOUBT_UNTIL = timedelta(seconds=60)
"""An entry in doubt may have filled, and its worker may have died before it looked for that. It is
looked at for less long: a venue in trouble leaves many in doubt, and each look asks it again."""
AT_ONCE = 8
ERROR_WAIT_SECONDS = 5.0
"""A database that was away comes back to positions that its loss has left bare."""

logger = get_logger(__name__)


async def keep_guard() -> None:
    """Protect, close on request and replace a lost Prefect server, until canceled."""
    await asyncio.gather(_keep_looking(), keep_closing(), keep_standby())


async def _keep_looking() -> None:
    """Look every second; a database that does not answer is looked at again."""
    wait = 0.0
    while True:
        await asyncio.sleep(wait)
        try:
            await guard_once(await get_services())
            wait = LOOK_SECONDS
        except QuorumError as error:
            logger.warning("The guard could not look: %s", error.sentence)
            wait = ERROR_WAIT_SECONDS


async def guard_once(services: Services) -> tuple[UserId, ...]:
    """
    Reconcile who is late; the users that were.

    Raises:
        QuorumError: when the database does not answer. A user's venue that does not is left to
            the next look.
    """
    late = await find_late_users(services)
    room = asyncio.Semaphore(AT_ONCE)

    async def reconcile(user_id: UserId) -> None:
        async with room:
            try:
                await reconcile_user(user_id)
            except QuorumError as error:
                logger.warning("User %s is late with a stop: %s", user_id, error.sentence)

    await asyncio.gather(*(reconcile(user_id) for user_id in late))
    return late


async def find_late_users(services: Services) -> tuple[UserId, ...]:
    """Users with a sent entry that is not booked, or a position without a stop, for too long."""
    now = services.clock()
    before = now - LATE_AFTER
    async with services.database.operator() as operator:
        entering = await operator.intents.list_users_with_late_entries(
            after=now - LATE_UNTIL, before=before, in_doubt_after=now - IN_DOUBT_UNTIL
        )
        bare = await operator.positions.list_users_with_unprotected_positions(before)
    return tuple(sorted({*entering, *bare}))
