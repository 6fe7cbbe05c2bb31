"""Reconciles and alerts without a schedule while Prefect or the database is lost.

every half minute: clock, database, Prefect -> lost? -> alert, reconcile without a schedule

Prefect starts `reconcile` and the watchdog; a lost Prefect server starts neither. So each warm
worker checks the server: during an outage the worker reconciles the users with open intents every
five minutes and alerts the operator through the outbox, for which the database is enough. During
an outage of the database no alert and no order is sent; the alert follows after the outage. Stops
rest at the venues all the time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prefect.logging import get_logger

from blocks.prefect.client import open_client, translate_errors
from reports.texts.catalog import tell
from tasks.alerts.operator import build_trouble
from tasks.monitoring.prefect_watch import find_lost_server
from tasks.recovery.reconciliation import list_open_users, try_to_reconcile
from tasks.runtime.container import Services, get_services
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import QuorumError
from trading.domain.messages import message
from trading.reporting.formatting import show_instant

LOOK_SECONDS = 30.0
LOST_AFTER = timedelta(seconds=60)
RECONCILE_EVERY = timedelta(minutes=5)
JUMP = timedelta(seconds=5)
"""A larger difference between wall clock and elapsed time means a changed wall clock."""

logger = get_logger(__name__)

type Ask = Callable[[], Awaitable[None]]
"""Reads from the Prefect API. Raises QuorumError when the API does not answer."""


async def ask_prefect() -> None:
    """A small read. Raises QuorumError when the API does not answer."""
    async with open_client() as client:
        with translate_errors():
            await client.read_work_pools(limit=1)


@dataclass(slots=True, kw_only=True)
class Standby:
    """
    The outage detection of a worker; `look` is called every half minute.

    Attributes:
        ask: reads from the Prefect API.
        tick: seconds of a monotonic clock.
    """

    ask: Ask = ask_prefect
    tick: Callable[[], float] = time.monotonic
    _prefect_lost_at: datetime | None = None
    _database_lost_at: datetime | None = None
    _reconciled_at: datetime | None = None
    _last: tuple[datetime, float] | None = None
    _owed: list[Alert] = field(default_factory=list)
    _is_known: bool = False

    async def look(self, services: Services) -> None:
        """Check once; an outage of the database is recorded, never raised."""
        now = services.clock()
        self._look_at_clock(now)
        await self._look_at_prefect(now)
        try:
            await self._greet(services, now=now)
            await self._tell(services, now=now)
            if self._is_prefect_lost(now):
                await self._stand_in(now)
        except QuorumError as error:
            if self._database_lost_at is None:
                self._database_lost_at = now
                logger.critical("%s No order is sent until it is back.", tell(error))

    def _look_at_clock(self, now: datetime) -> None:
        ticks = self.tick()
        if self._last is not None:
            before, then = self._last
            jump = (now - before) - timedelta(seconds=ticks - then)
            if abs(jump) > JUMP:
                self._owed.append(build_clock_jump(jump, now=now))
        self._last = (now, ticks)

    async def _look_at_prefect(self, now: datetime) -> None:
        try:
            await self.ask()
            self._prefect_lost_at = None
        except QuorumError as error:
            self._prefect_lost_at = self._prefect_lost_at or now
            if self._is_prefect_lost(now):
                self._owed.append(find_lost_server(tell(error), now=now))

    def _is_prefect_lost(self, now: datetime) -> bool:
        return self._prefect_lost_at is not None and now - self._prefect_lost_at >= LOST_AFTER

    async def _greet(self, services: Services, *, now: datetime) -> None:
        """Alert once about the start of this worker, with the number of interrupted cycles."""
        if self._is_known:
            return
        async with services.database.operator() as operator:
            unclosed = await operator.cycles.list_unclosed_cycles(now)
            alert = build_restarted(services.worker, unclosed=len(unclosed), now=now)
            await operator.alerts.enqueue_alert(alert)
        self._is_known = True

    async def _tell(self, services: Services, *, now: datetime) -> None:
        lost_at = self._database_lost_at
        owed = [*self._owed, *([build_database_was_lost(lost_at, now=now)] if lost_at else [])]
        async with services.database.operator() as operator:
            for alert in owed:
                await operator.alerts.enqueue_alert(alert)
        self._owed.clear()
        self._database_lost_at = None

    async def _stand_in(self, now: datetime) -> None:
        if self._reconciled_at is not None and now - self._reconciled_at < RECONCILE_EVERY:
            return
        self._reconciled_at = now
        for user_id in await list_open_users():
            await try_to_reconcile(user_id)


async def keep_standby() -> None:
    """Check every half minute until canceled."""
    standby = Standby()
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await standby.look(await get_services())


def build_restarted(worker: str, *, unclosed: int, now: datetime) -> Alert:
    """An alert about a worker's start: after a crash, an upgrade, a restart by hand."""
    return Alert(
        user_id=None,
        kind=AlertKind.RESTARTED,
        severity=Severity.WARNING if unclosed else Severity.INFO,
        text=message("alert-restarted", worker=worker, count=unclosed)
        if unclosed
        else message("alert-restarted-clean", worker=worker),
        dedupe_key=f"restarted:{worker}:{now.isoformat()}",
        created_at=now,
    )


def build_database_was_lost(lost_at: datetime, *, now: datetime) -> Alert:
    """The database is back."""
    seconds = int((now - lost_at).total_seconds())
    return build_trouble(
        f"database:{lost_at.isoformat()}",
        f"The database did not answer from {show_instant(lost_at)} for {seconds} s. No order was "
        "sent meanwhile, cycles of that time are not made up for; what was under way is being "
        "reconciled. See its log and its disk.",
        severity=Severity.CRITICAL,
        now=now,
    )


def build_clock_jump(jump: timedelta, *, now: datetime) -> Alert:
    """An alert about a changed wall clock."""
    return build_trouble(
        "clock-jump",
        f"The clock jumped by {jump.total_seconds():+.0f} s. Entries stop while it is more than "
        "half a second from a venue's; cycles may be skipped as late or run already. Check the "
        "time service (chrony, systemd-timesyncd) and the machine's suspend settings.",
        now=now,
    )
