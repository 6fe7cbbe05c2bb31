"""Protects positions of lost workers within seconds; every warm worker runs a guard.

    every second: find users with an entry or a position too long without a stop -> reconcile_user

A killed or stopped worker sends no message. The database shows the consequences: a sent or
doubtful entry without booked fills, or a position without a stop, older than an undisturbed cycle
would need. Two guards may reconcile the same user at the same time: the lease of each intent and
the risk lock of the user prevent double orders.
"""

import asyncio
from datetime import timedelta

from tasks.recovery.adoption import adopt_requested
from tasks.recovery.close_requests import close_requested
from tasks.recovery.failover import keep_standby
from tasks.recovery.reconciliation import try_to_reconcile
from tasks.recovery.stop_watch import StopWatch
from tasks.runtime.container import Services
from tasks.runtime.loops import run_every_second, run_limited
from trading.domain.units import UserId

LATE_AFTER = timedelta(seconds=2.5)
"""An undisturbed cycle places the stop earlier; the guard does no harm to a slower cycle."""
LATE_UNTIL = timedelta(minutes=5)
"""Entries sent longer ago are left to the scheduled reconciliation, every few minutes."""
IN_DOUBT_UNTIL = timedelta(seconds=60)
"""An entry in doubt may have filled, and the worker may have died before the lookup. The period is
shorter here: a failing venue leaves many entries in doubt, and each lookup is another request."""


async def keep_guard() -> None:
    """Run the guards, users' requests and the failover of Prefect's schedule until canceled."""
    await asyncio.gather(
        run_every_second(guard_once),
        run_every_second(StopWatch().look),
        run_every_second(close_requested),
        run_every_second(adopt_requested),
        keep_standby(),
    )


async def guard_once(services: Services) -> tuple[UserId, ...]:
    """
    Reconcile the users found by `find_late_users`; returns these users.

    Raises:
        QuorumError: when the search for users gets no answer from the database. A failed
            reconciliation only logs a warning; the next check, a second later, tries again.
    """
    late = await find_late_users(services)
    await run_limited(try_to_reconcile, late)
    return late


async def find_late_users(services: Services) -> tuple[UserId, ...]:
    """Users with an unbooked entry or a position without a stop for too long."""
    now = services.clock()
    before = now - LATE_AFTER
    async with services.database.operator() as operator:
        entering = await operator.intents.list_users_with_late_entries(
            after=now - LATE_UNTIL, before=before, in_doubt_after=now - IN_DOUBT_UNTIL
        )
        unprotected = await operator.positions.list_users_with_unprotected_positions(before)
    return tuple(sorted({*entering, *unprotected}))
