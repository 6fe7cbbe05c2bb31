"""Closing: a reduce-only market order for the whole position, then nothing left resting.

    Position -> exit intent -> send -> book its fills -> flat -> cancel orphaned protection

An exit in doubt may be followed by another one, after the position has been read again: both are
reduce-only for the whole of it, so together they can't go past flat. What rests and is not ours is
left alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from prefect.logging import get_logger

from db.session import Tenant
from tasks.orders.order_lookup import CONFIRM_WAITS_SECONDS, look_up, look_up_until_final
from tasks.orders.order_sender import Sent, abandon_unsent, send_intent
from tasks.orders.position_sync import Books, keep_books, resolve_intent
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import trade_venue
from trading.cycle import floor_cycle_time
from trading.domain.accounts import PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg, Order, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.ports import Exchange

logger = get_logger(__name__)

_PLANS = frozenset({Leg.STOP, Leg.TARGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """
    What closing came to.

    Attributes:
        books: after it; flat unless the exit was refused or is in doubt.
        order: the exit, None when it is not proven to be placed.
        reason: why it is not flat, "" when it is.
    """

    books: Books
    order: Order | None
    reason: str = ""


async def close_position(
    services: Services, exchange: Exchange, *, config: PairConfig, position: Position
) -> Closed:
    """Plan an exit of its own and send it. Raises QuorumError as `send_exit`."""
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.lock_risk()
        intent = await plan_exit(
            tenant, config=config, position=position, cycle_time=floor_cycle_time(services.clock())
        )
        await tenant.intents.add_intent(intent, now=services.clock())
    return await send_exit(services, exchange, config=config, intent=intent)


async def plan_exit(
    tenant: Tenant, *, config: PairConfig, position: Position, cycle_time: datetime
) -> OrderIntent:
    """The next exit of a cycle, not yet stored; the caller holds the risk lock and stores it."""
    written = await tenant.intents.list_intents(config.pair, cycle_time=cycle_time)
    exits = [record.intent.attempt for record in written if record.intent.leg is Leg.EXIT]
    return OrderIntent(
        user_id=config.user_id,
        venue=trade_venue(config),
        pair=config.pair,
        cycle_time=cycle_time,
        leg=Leg.EXIT,
        side=position.side.exit_side,
        order_type=OrderType.MARKET,
        quantity=position.quantity,
        reduce_only=True,
        expected_price=position.average_entry_price,
        attempt=max(exits, default=-1) + 1,
    )


async def send_exit(
    services: Services, exchange: Exchange, *, config: PairConfig, intent: OrderIntent
) -> Closed:
    """
    Send a stored exit, book what it filled, cancel what rests for a position that is gone.

    Raises:
        QuorumError: when the venue or the database does not answer; reconcile goes on from there.
    """
    sent = await send_intent(services, exchange, intent=intent)
    order = await confirm(services, exchange, intent=intent, sent=sent)
    books = await keep_books(services, exchange, config=config)
    if books.position is None:
        await sweep_orphans(services, exchange, config=config, books=books)
        return Closed(books=books, order=order)
    return Closed(books=books, order=order, reason=sent.reason or "The exit has not filled yet.")


async def confirm(
    services: Services, exchange: Exchange, *, intent: OrderIntent, sent: Sent
) -> Order | None:
    """A placed market order once it is final, or as it stands when patience is over."""
    if not sent.is_placed or (sent.order is not None and sent.order.status.is_final):
        return sent.order
    newest = await look_up_until_final(
        services, exchange, intent=intent, waits=CONFIRM_WAITS_SECONDS
    )
    return newest or sent.order


async def sweep_orphans(
    services: Services, exchange: Exchange, *, config: PairConfig, books: Books
) -> int:
    """
    Cancel our stops and targets of a pair that is flat; how many were swept.

    Plans of an entry that is still under way are left: its position may be about to appear.
    """
    if books.position is not None:
        return 0
    async with services.database.tenant(config.user_id) as tenant:
        records = await tenant.intents.list_open_intents(config.pair)
        orphans = [i for i in [await _find_plan(tenant, o) for o in books.resting] if i]
    entering = {r.intent.cycle_time for r in records if r.intent.leg is Leg.ENTRY}
    for record in records:
        if _is_unsent_plan(record) and record.intent.cycle_time not in entering:
            await abandon_unsent(services, intent=record.intent)
    for intent in orphans:
        await cancel_plan(services, exchange, intent=intent)
    return len(orphans)


async def find_stale_plans(
    tenant: Tenant, resting: Iterable[Order], *, cycle_time: datetime
) -> tuple[OrderIntent, ...]:
    """Resting stops and targets of ours that belong to another cycle's position."""
    plans = [await _find_plan(tenant, order) for order in resting]
    return tuple(plan for plan in plans if plan is not None and plan.cycle_time != cycle_time)


async def _find_plan(tenant: Tenant, order: Order) -> OrderIntent | None:
    """The stop or target of ours that a resting order is, None for anything else."""
    if order.client_order_id is None:
        return None
    record = await tenant.intents.load_intent(order.client_order_id)
    if record is None or record.intent.leg not in _PLANS:
        return None
    return record.intent


def _is_unsent_plan(record: IntentRecord) -> bool:
    return record.status is IntentStatus.PENDING and record.intent.leg in _PLANS


async def cancel_plan(services: Services, exchange: Exchange, *, intent: OrderIntent) -> None:
    """Cancel once; what became of it is the venue's word, now or at the next booking."""
    placement = await exchange.cancel_order(intent.pair, intent.client_order_id)
    order = placement.order or await look_up(services, exchange, intent=intent)
    if order is None or not order.status.is_final:
        logger.warning("The %s order still rests: %s", intent.leg, placement.reason)
        return
    async with services.database.tenant(intent.user_id) as tenant:
        await tenant.orders.save_order(order)
        await resolve_intent(tenant, services, client_order_id=intent.client_order_id)
