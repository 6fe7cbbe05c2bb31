"""Reconciles open intents and positions after a crash, a timeout or a slow venue.

    open intents -> found: adopted | never sent, or not shown within the horizon: abandoned
    positions -> booked -> protected, or closed      flat -> orphaned stops and targets canceled

Runs every few minutes and at the start, and at once for the user of a failed cycle (`flows.hooks`)
or of a position with a late stop (`tasks.recovery.position_guard`). Leases and the risk lock
separate reconciliation from running cycles. Only users with an open intent or position are
reconciled, each user separately: a failure does not affect other users. While a position may be
without a stop, the next try follows within seconds instead of with the schedule.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger
from tenacity import AsyncRetrying, RetryCallState

from reports.texts.catalog import tell
from tasks.alerts.trading import build_exit_stuck
from tasks.orders.order_desk import OrderDesk, open_desk
from tasks.orders.pair_account import PairAccount
from tasks.orders.position_sync import Books
from tasks.runtime.container import Services, get_services
from tasks.runtime.loops import run_limited
from tasks.runtime.retries import wait_in_turn
from trading.domain.errors import QuorumError
from trading.domain.intents import IntentRecord
from trading.domain.messages import Message, message
from trading.domain.orders import IntentStatus, Leg
from trading.domain.protection import is_covered
from trading.domain.units import UserId

UNPROTECTED_WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits between the tries for a position without a stop; then the schedule tries again."""

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """
    The counts of a user's reconciliation.

    Attributes:
        settled: orders no longer in doubt.
        in_doubt: orders still in doubt.
        canceled: orphaned stops and targets.
        closed_unprotected: positions closed because no stop could be placed.
        differences: pairs whose books differ from the venue's.
        unprotected: positions still without a stop.
    """

    user_id: UserId
    settled: int = 0
    in_doubt: int = 0
    canceled: int = 0
    closed_unprotected: int = 0
    differences: int = 0
    unprotected: int = 0


def add_counts(done: Sequence[Reconciled]) -> dict[str, int]:
    """The sums of the counts by name, in the order above."""
    names = [field.name for field in fields(Reconciled)[1:]]
    return {name: sum(getattr(one, name) for one in done) for name in names}


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
    Reconcile the users, a few at a time; the counts, and the users with a failure.

    A single task for all users: a task run costs more than most users' reconciliation.
    """

    async def reconcile(user_id: UserId) -> Reconciled | None:
        # An unexpected error with a user's books must not stop the work for other users.
        (end,) = await asyncio.gather(try_to_reconcile(user_id), return_exceptions=True)
        if isinstance(end, BaseException):
            logger.error("User %s could not be reconciled.", user_id, exc_info=end)
            return None
        return end

    done = await run_limited(reconcile, users)
    failed = (user_id for user_id, end in zip(users, done, strict=True) if end is None)
    return tuple(filter(None, done)), tuple(failed)


async def try_to_reconcile(user_id: UserId) -> Reconciled | None:
    """Reconcile a user; None, and a warning in the log, after a QuorumError."""
    try:
        return await reconcile_user(user_id)
    except QuorumError as error:
        logger.warning("User %s could not be reconciled: %s", user_id, tell(error))
        return None


async def reconcile_user(user_id: UserId) -> Reconciled:
    """
    Reconcile the open intents and positions of a user.

    Tries again after `UNPROTECTED_WAITS_SECONDS` while a position may be without a stop.

    Raises:
        QuorumError: when the venue or the database does not answer; the next run tries again.
    """
    services = await get_services()

    async def may_be_unprotected(state: RetryCallState) -> bool:
        assert state.outcome is not None
        error = state.outcome.exception()
        if error is None:
            return bool(state.outcome.result().unprotected)
        return isinstance(error, QuorumError) and await _may_be_unprotected(services, user_id)

    retrying = AsyncRetrying(
        retry=may_be_unprotected, sleep=services.sleep, **wait_in_turn(UNPROTECTED_WAITS_SECONDS)
    )
    try:
        done = cast("Reconciled", await retrying(_reconcile_once, services, user_id))
    except QuorumError as error:
        if await _may_be_unprotected(services, user_id):
            await tell_stuck(services, user_id, reason=error.message)
        raise
    if done.unprotected:
        await tell_stuck(services, user_id, reason=message("stop-not-resting"))
    return done


async def tell_stuck(services: Services, user_id: UserId, *, reason: Message) -> None:
    """Alert the owner and the operator, once an hour, about positions that may have no stop."""
    now = services.clock()
    async with services.database.tenant(user_id) as tenant:
        held = {str(p.pair) for p in await tenant.positions.list_open_positions()}
        open_intents = await tenant.intents.list_open_intents()
        pairs = sorted(held | {str(record.intent.pair) for record in open_intents})
        alert = build_exit_stuck(user_id, owner=user_id, pairs=pairs, reason=reason, now=now)
        await tenant.alerts.enqueue_alert(alert)
    async with services.database.operator() as operator:
        alert = build_exit_stuck(None, owner=user_id, pairs=pairs, reason=reason, now=now)
        await operator.alerts.enqueue_alert(alert)


async def _may_be_unprotected(services: Services, user_id: UserId) -> bool:
    """Whether our books hold an unbooked entry or a position without a stop."""
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
    done = []
    for config in configs:
        own = [record for record in records if record.intent.pair == config.pair]
        if own or config.pair in held:
            async with open_desk(services, config) as desk:
                done.append(await _reconcile_pair(desk, records=own))
    return Reconciled(user_id=user_id, **add_counts(done))


async def _reconcile_pair(desk: OrderDesk, *, records: Iterable[IntentRecord]) -> Reconciled:
    settled, in_doubt = await _settle(desk, records)
    books = await desk.sync.book()
    protection = await desk.protector.protect(books)
    canceled = await desk.closer.cancel_orphans(protection.books)
    return Reconciled(
        user_id=desk.account.config.user_id,
        settled=settled,
        in_doubt=in_doubt,
        canceled=canceled,
        closed_unprotected=int(protection.is_closed),
        differences=int(not books.is_reconciled),
        unprotected=int(_is_unprotected(protection.books)),
    )


def _is_unprotected(books: Books) -> bool:
    position = books.protectable
    return position is not None and not is_covered(position, books.resting, leg=Leg.STOP)


async def _settle(desk: OrderDesk, records: Iterable[IntentRecord]) -> tuple[int, int]:
    """Look up intents in doubt, abandon forgotten intents; the numbers settled and in doubt."""
    settled = in_doubt = 0
    for record in records:
        if record.status.is_in_doubt:
            result = await desk.sender.settle(record.intent)
            in_doubt += result.status.is_in_doubt
            settled += not result.status.is_in_doubt
        elif _is_forgotten(record, account=desk.account):
            settled += await desk.sender.abandon(record.intent)
    return settled, in_doubt


def _is_forgotten(record: IntentRecord, *, account: PairAccount) -> bool:
    """Whether an entry or exit was never sent by the cycle; stops and targets may stay unsent."""
    return (
        record.status is IntentStatus.PENDING
        and record.intent.leg in {Leg.ENTRY, Leg.EXIT}
        and account.now() - record.created_at > 2 * account.services.settings.intent_lease
    )
