"""Reconciliation: what a crash, a timeout or a slow venue left open is brought to an end.

    open intents -> found: adopted | never sent: given up | not shown for the horizon: given up
    positions -> booked -> protected, or closed      flat -> orphaned stops and targets canceled

Runs every few minutes and at the start, at once for the user of a cycle that broke
(`flows.hooks`) or whose position is late with its stop (`tasks.recovery.position_guard`), beside
running cycles:
leases and the risk lock keep them apart. Only users with something open are looked at, each by
itself: one that fails stops nobody else's. While a position may stand without a stop the next try
comes in seconds, not with the schedule.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger

from tasks.alerts.trading import build_cycle_failed
from tasks.orders.closing import sweep_orphans
from tasks.orders.order_sender import abandon_unsent, settle_doubt
from tasks.orders.position_sync import Books, keep_books
from tasks.orders.protection import is_covered, protect_position
from tasks.runtime.container import Services, get_services
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg
from trading.domain.units import UserId
from trading.ports import Exchange

LOST = "The process that ran it is gone."
AT_ONCE = 8
"""Users that are reconciled at the same time."""
BARE_WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Between the tries for a user who may have a position without a stop; then the schedule's."""

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """
    What reconciliation did for one user.

    Attributes:
        settled: orders that are in doubt no more.
        in_doubt: orders that still are.
        swept: orphaned stops and targets that were canceled.
        closed_bare: positions that had to be closed without a stop.
        differences: pairs whose books are not the venue's.
        bare: positions that still stand without a stop.
    """

    user_id: UserId
    settled: int = 0
    in_doubt: int = 0
    swept: int = 0
    closed_bare: int = 0
    differences: int = 0
    bare: int = 0


async def list_open_users() -> tuple[UserId, ...]:
    """Users with an open intent or position, ascending."""
    services = await get_services()
    async with services.database.operator() as operator:
        wishing = await operator.intents.list_users_with_open_intents()
        holding = await operator.positions.list_all_open_positions()
    return tuple(sorted({*wishing, *(user_id for user_id, _ in holding)}))


@task(name="reconcile_users", cache_policy=NO_CACHE)
async def reconcile_users(
    users: Sequence[UserId],
) -> tuple[tuple[Reconciled, ...], tuple[UserId, ...]]:
    """
    Reconcile all of them, a few at a time; what was done, and whose turn failed.

    One task, because a task run for each user costs more than most users' reconciliation.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def reconcile(user_id: UserId) -> Reconciled:
        async with room:
            return await reconcile_user(user_id)

    # A mistake of ours that one user's books bring out is not to stop the others' turns either.
    ends = await asyncio.gather(*map(reconcile, users), return_exceptions=True)
    done, failed = [], []
    for user_id, end in zip(users, ends, strict=True):
        if isinstance(end, Reconciled):
            done.append(end)
            continue
        failed.append(user_id)
        if isinstance(end, QuorumError):
            logger.warning("User %s could not be reconciled: %s", user_id, end.sentence)
        else:
            logger.error("User %s could not be reconciled.", user_id, exc_info=end)
    return tuple(done), tuple(failed)


async def reconcile_user(user_id: UserId) -> Reconciled:
    """
    Bring everything of one user that is open to its end.

    Raises:
        QuorumError: when the venue or the database does not answer; the next run tries again.
    """
    services = await get_services()
    for wait in BARE_WAITS_SECONDS:
        try:
            done = await _reconcile_once(services, user_id)
        except QuorumError:
            if not await _may_be_bare(services, user_id):
                raise
        else:
            if not done.bare:
                return done
        await services.sleep(wait)
    return await _reconcile_once(services, user_id)


async def _may_be_bare(services: Services, user_id: UserId) -> bool:
    """By our books: an entry that is not booked yet, or a position without a stop."""
    async with services.database.tenant(user_id) as tenant:
        records = await tenant.intents.list_open_intents()
        held = await tenant.positions.list_open_positions()
    is_entering = any(
        record.intent.leg is Leg.ENTRY and record.status is not IntentStatus.PENDING
        for record in records
    )
    return is_entering or any(position.stop_price is None for position in held)


async def _reconcile_once(services: Services, user_id: UserId) -> Reconciled:
    async with services.database.tenant(user_id) as tenant:
        configs = await tenant.pairs.list_pairs()
        records = await tenant.intents.list_open_intents()
        held = {position.pair for position in await tenant.positions.list_open_positions()}
    busy = held | {record.intent.pair for record in records}
    done = [
        await _reconcile_pair(services, config, records=[r for r in records if _is_of(r, config)])
        for config in configs
        if config.pair in busy
    ]
    return Reconciled(
        user_id=user_id,
        settled=sum(one.settled for one in done),
        in_doubt=sum(one.in_doubt for one in done),
        swept=sum(one.swept for one in done),
        closed_bare=sum(one.closed_bare for one in done),
        differences=sum(one.differences for one in done),
        bare=sum(one.bare for one in done),
    )


@task(name="interrupt_lost_cycles", cache_policy=NO_CACHE)
async def interrupt_lost_cycles() -> int:
    """Say of cycles whose process is gone that they were interrupted; how many there were."""
    services = await get_services()
    now = services.clock()
    async with services.database.operator() as operator:
        lost = await operator.cycles.list_unclosed_cycles(now - services.settings.interrupt_after)
        for key in lost:
            if await operator.cycles.interrupt_cycle(key, now=now):
                alert = build_cycle_failed(key, sentence=LOST, now=now)
                await operator.alerts.enqueue_alert(alert)
    return len(lost)


async def _reconcile_pair(
    services: Services, config: PairConfig, *, records: Iterable[IntentRecord]
) -> Reconciled:
    async with services.exchange(config) as exchange:
        settled, in_doubt = await _settle(services, exchange, records=records)
        books = await keep_books(services, exchange, config=config)
        protection = await protect_position(services, exchange, config=config, books=books)
        swept = await sweep_orphans(services, exchange, config=config, books=protection.books)
    return Reconciled(
        user_id=config.user_id,
        settled=settled,
        in_doubt=in_doubt,
        swept=swept,
        closed_bare=int(protection.is_closed),
        differences=int(not books.is_reconciled),
        bare=int(_is_bare(protection.books)),
    )


def _is_bare(books: Books) -> bool:
    position = books.position
    return position is not None and not is_covered(position, books.resting, leg=Leg.STOP)


async def _settle(
    services: Services, exchange: Exchange, *, records: Iterable[IntentRecord]
) -> tuple[int, int]:
    """Look up what is in doubt, give up what was never sent; settled and still in doubt."""
    settled = in_doubt = 0
    for record in records:
        if record.status in {IntentStatus.SENDING, IntentStatus.UNKNOWN}:
            sent = await settle_doubt(services, exchange, intent=record.intent)
            is_open = sent.status in {IntentStatus.SENDING, IntentStatus.UNKNOWN}
            in_doubt += is_open
            settled += not is_open
        elif _is_forgotten(services, record):
            settled += await abandon_unsent(services, intent=record.intent)
    return settled, in_doubt


def _is_forgotten(services: Services, record: IntentRecord) -> bool:
    """An entry or exit that its cycle would have sent long ago. Plans of protection wait."""
    return (
        record.status is IntentStatus.PENDING
        and record.intent.leg in {Leg.ENTRY, Leg.EXIT}
        and services.clock() - record.created_at > 2 * services.settings.intent_lease
    )


def _is_of(record: IntentRecord, config: PairConfig) -> bool:
    return record.intent.pair == config.pair
