"""Closes a position by a reduce-only market order and cancels the orders left resting.

    Position -> exit intent -> send -> book the fills -> flat -> cancel orphaned orders

After an exit in doubt another exit may follow, once the position has been read again: each exit is
reduce-only for the whole position, so two exits cannot pass zero. Foreign orders stay untouched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from prefect.logging import get_logger

from db.session import Tenant
from tasks.orders.order_lookup import OrderLookup
from tasks.orders.order_sender import OrderSender
from tasks.orders.pair_account import PairAccount
from tasks.orders.position_sync import Books, PositionSync
from trading.cycle import floor_cycle_time
from trading.domain.accounts import PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import IntentStatus, Leg, Order, OrderIntent
from trading.domain.positions import Position
from trading.domain.protection import TRIGGER_TYPES, plan_exit

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """
    The result of closing a position.

    Attributes:
        books: after the exit; flat unless the exit was refused or is in doubt.
        order: the exit order, None when not proven to be placed.
        reason: why the position is not flat, "" when flat.
    """

    books: Books
    order: Order | None
    reason: Message = NO_MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """Closes the position of a pair and cancels the pair's orphaned orders."""

    account: PairAccount
    lookup: OrderLookup
    sender: OrderSender
    sync: PositionSync

    async def close_position(self, position: Position) -> Closed:
        """
        Store and send exits for the whole position: one, or several slices of the largest order.

        Raises:
            QuorumError: as `send_exit`.
        """
        instrument = await self.account.fetch_instrument()
        parts = () if instrument is None else instrument.split_quantity(position.quantity)
        # Without rules, and below one step, the whole is posted: the venue decides.
        first, *others = parts or (position.quantity,)
        closed = await self._close_part(replace(position, quantity=first))
        for part in others:
            if closed.books.protectable is None:
                break
            closed = await self._close_part(replace(position, quantity=part))
        return closed

    async def _close_part(self, position: Position) -> Closed:
        config, now = self.account.config, self.account.now()
        async with self.account.transaction() as tenant:
            await tenant.lock_risk()
            cycle_time = floor_cycle_time(now)
            intent = await plan_next_exit(tenant, position, config=config, cycle_time=cycle_time)
            await tenant.intents.add_intent(intent, now=now)
        return await self.send_exit(intent)

    async def send_exit(self, intent: OrderIntent) -> Closed:
        """
        Send a stored exit, book the fills, cancel the orders of a closed position.

        Raises:
            QuorumError: when the venue or the database does not answer; reconcile continues.
        """
        sent = await self.sender.send(intent)
        order = await self.sender.confirm(intent, sent=sent)
        books = await self.sync.book()
        if books.is_flat:
            await self.cancel_orphans(books)
            return Closed(books=books, order=order)
        reason = books.unknown_reason or sent.reason or message("exit-not-filled")
        return Closed(books=books, order=order, reason=reason)

    async def cancel_orphans(self, books: Books) -> int:
        """
        Cancel our stops and targets of a flat pair; the number of canceled orders.

        Stops and targets of an entry in progress stay: the position may be about to appear. With
        an unknown position all orders stay: the stop may protect a position.
        """
        if books.position is not None or not books.is_flat:
            return 0
        async with self.account.transaction() as tenant:
            records = await tenant.intents.list_open_intents(self.account.config.pair)
            orphans = await find_triggers(tenant, books.resting)
        entering = {r.intent.cycle_time for r in records if r.intent.leg is Leg.ENTRY}
        for record in records:
            if _is_unsent_trigger(record) and record.intent.cycle_time not in entering:
                await self.sender.abandon(record.intent)
        for intent in orphans:
            await self.cancel_order(intent)
        return len(orphans)

    async def cancel_order(self, intent: OrderIntent) -> None:
        """Cancel once; the final state comes from the venue, now or at the next booking."""
        placement = await self.account.exchange.cancel_order(intent.pair, intent.client_order_id)
        order = placement.order or await self.lookup.find_order(intent)
        if order is None or not order.status.is_final:
            logger.warning("The %s order still rests: %s", intent.leg, placement.reason)
            return
        async with self.account.transaction() as tenant:
            await tenant.orders.save_order(order)
            await self.sync.resolve_intent(tenant, intent.client_order_id)


async def plan_next_exit(
    tenant: Tenant, position: Position, *, config: PairConfig, cycle_time: datetime
) -> OrderIntent:
    """The next exit of a cycle; the caller holds the risk lock and stores the exit."""
    written = await tenant.intents.list_intents(config.pair, cycle_time=cycle_time)
    attempts = [record.intent.attempt for record in written if record.intent.leg is Leg.EXIT]
    attempt = max(attempts, default=-1) + 1
    return plan_exit(position, config=config, cycle_time=cycle_time, attempt=attempt)


async def find_triggers(tenant: Tenant, resting: Iterable[Order]) -> tuple[OrderIntent, ...]:
    """The intents of our stops and targets among the resting orders."""
    named = [order.client_order_id for order in resting if order.client_order_id is not None]
    records = [await tenant.intents.load_intent(name) for name in named]
    return tuple(r.intent for r in records if r is not None and r.intent.leg in TRIGGER_TYPES)


def _is_unsent_trigger(record: IntentRecord) -> bool:
    return record.status is IntentStatus.PENDING and record.intent.leg in TRIGGER_TYPES
