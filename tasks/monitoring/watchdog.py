"""Finds missed cycles, unprotected positions, orders in doubt and late alerts.

    database -> missed cycles, bare positions, orders in doubt, late alerts -> alerts (operator)

Each finding is an alert with the next step, repeated once an hour while the fault lasts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.alerts.operator import build_trouble, name_some
from tasks.runtime.container import Services, get_services
from trading.cycle import CYCLE_GRACE
from trading.domain.accounts import PairConfig
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.positions import Position
from trading.domain.units import CYCLE_INTERVAL, Pair, UserId

MISSED_AFTER = 2 * CYCLE_INTERVAL + CYCLE_GRACE
"""Two intervals without a closed cycle, the grace period included."""
BARE_AFTER = timedelta(minutes=1)
DOUBT_AFTER = timedelta(minutes=30)
LATE_ALERT_AFTER = timedelta(minutes=15)


@task(name="find_trouble", cache_policy=NO_CACHE)
async def find_trouble() -> tuple[Alert, ...]:
    """The present faults as alerts to the operator; empty without a fault."""
    services = await get_services()
    now = services.clock()
    async with services.database.operator() as operator:
        configs = await operator.pairs.list_all_pairs()
        last_times = await operator.cycles.load_last_cycle_times()
        held = await operator.positions.list_all_open_positions()
        wishing = await operator.intents.list_users_with_open_intents()
        oldest_alert = await operator.alerts.load_oldest_waiting_at()
    doubtful = [user for user in wishing if await _has_old_doubt(services, user, now=now)]
    return (
        *_find_missed(configs, last_times=last_times, now=now),
        *_find_bare(held, now=now),
        *_find_doubts(doubtful, now=now),
        *_find_backlog(oldest_alert, now=now),
    )


@task(name="tell_operator", cache_policy=NO_CACHE)
async def tell_operator(alerts: Sequence[Alert]) -> int:
    """Enqueue the alerts; the number of alerts not sent within the last hour."""
    services = await get_services()
    async with services.database.operator() as operator:
        told = [await operator.alerts.enqueue_alert(alert) for alert in alerts]
    return sum(told)


async def _has_old_doubt(services: Services, user_id: UserId, *, now: datetime) -> bool:
    async with services.database.tenant(user_id) as tenant:
        records = await tenant.intents.list_open_intents()
    return any(
        record.status.is_in_doubt and now - (record.sending_at or record.created_at) > DOUBT_AFTER
        for record in records
    )


def _find_missed(
    configs: Sequence[PairConfig],
    *,
    last_times: Mapping[tuple[UserId, Pair], datetime],
    now: datetime,
) -> tuple[Alert, ...]:
    missed = [
        f"u{config.user_id} {config.pair}"
        for config in configs
        if not config.is_paused
        and now - last_times.get((config.user_id, config.pair), config.created_at) > MISSED_AFTER
    ]
    if not missed:
        return ()
    return (
        build_trouble(
            "cycles",
            f"{len(missed)} pairs have had no cycle for more than an hour ({name_some(missed)}). "
            "Is a worker offline, are runs late in Prefect? `quorum doctor` says more.",
            kind=AlertKind.CYCLE_MISSED,
            now=now,
        ),
    )


def _find_bare(held: Sequence[tuple[UserId, Position]], *, now: datetime) -> tuple[Alert, ...]:
    bare = [
        f"u{user_id} {position.pair}"
        for user_id, position in held
        if position.stop_price is None and now - position.opened_at > BARE_AFTER
    ]
    if not bare:
        return ()
    return (
        build_trouble(
            "bare",
            f"{len(bare)} positions stand without a stop ({name_some(bare)}). The reconcile flow "
            "protects or closes them: start it now if its last run failed.",
            kind=AlertKind.PROTECTION_FAILED,
            severity=Severity.CRITICAL,
            now=now,
        ),
    )


def _find_doubts(users: Sequence[UserId], *, now: datetime) -> tuple[Alert, ...]:
    if not users:
        return ()
    named = name_some([f"u{user}" for user in users])
    minutes = int(DOUBT_AFTER.total_seconds() // 60)
    return (
        build_trouble(
            "doubts",
            f"Orders of {len(users)} users are in doubt for more than {minutes} minutes "
            f"({named}). They open nothing until the venue shows the orders or the horizon is "
            "over; look at the venue if it matters sooner.",
            kind=AlertKind.ORDER_IN_DOUBT,
            now=now,
        ),
    )


def _find_backlog(oldest_at: datetime | None, *, now: datetime) -> tuple[Alert, ...]:
    if oldest_at is None or now - oldest_at <= LATE_ALERT_AFTER:
        return ()
    minutes = int((now - oldest_at).total_seconds() // 60)
    return (
        build_trouble(
            "backlog",
            f"Messages to people wait for {minutes} minutes. Is the bot running, and does "
            "Telegram answer? Without a bot token nothing is ever delivered.",
            now=now,
        ),
    )
