"""Protects a position: a stop rests at the venue, or the position is closed.

    position -> stop resting? -> send the planned stop -> placed | close reduce-only, alert
                                 then the target; a missing target is only a warning

The stop and the target are stored with the entry, as separate intents in a single transaction, so
recovery after a crash knows the prices. A stop once accepted by the venue counts as resting until
the end is known (venues hide new stops for a while).

A stop in doubt does not count as protection. Both remedies are reduce-only for the whole position,
so neither can pass zero:
- a stop in the hands of another worker is left to the worker for `SENDER_PATIENCE`. Without a
  resting stop by then the sender is dead or stopped, while the venue may be healthy: a second stop
  is sent under a new client order id. Of two resting stops the first closes the position and the
  other is canceled; until the first stop is settled, the pair takes no entry (`tasks.risk.check`);
- a posted stop without a trace at the venue is not sent again: the venue has a problem, and the
  position is closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.session import Tenant
from tasks.alerts.trading import build_protection_failed
from tasks.orders.closing import Closer, find_triggers
from tasks.orders.order_sender import OrderSender, SubmissionResult
from tasks.orders.pair_account import PairAccount
from tasks.orders.position_sync import Books, PositionSync
from trading.cycle import floor_cycle_time
from trading.domain.intents import IntentRecord
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import IntentStatus, Leg, Order, OrderIntent
from trading.domain.positions import Position
from trading.domain.protection import is_covered, plan_exit, plan_trigger

SENDER_PATIENCE = timedelta(seconds=2)
"""An unprotected position waits this long for the worker that is sending the stop."""
PATIENCE = timedelta(seconds=3)
"""A position may wait this long after its opening for a stop in doubt: closing takes time too, and
the position must be protected or closed within 5 s."""
CLOCK_SLACK = timedelta(seconds=1)
"""The venue's clock may be behind ours by less than this: larger offsets block all entries."""
EXITS = 3
"""Exits sent in a row for a position that can't be protected."""

_COVERED = SubmissionResult(status=IntentStatus.PLACED)
_UNPLANNED = SubmissionResult(status=IntentStatus.ABANDONED, reason=message("order-unplanned"))
_BUSY = SubmissionResult(status=IntentStatus.SENDING, reason=message("order-busy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """
    The result of protecting a position.

    Attributes:
        orders: the sent orders in sequence, an exit included.
        books: after the protection.
        failure: why the stop could not be placed, "" when a stop rests.
        is_closed: whether the position was closed because of the failure.
    """

    books: Books
    orders: tuple[Order, ...] = ()
    failure: Message = NO_MESSAGE
    is_closed: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plans:
    """
    A position and the stored intents of the planning cycle.

    Attributes:
        written: the intents as read at the beginning. A claim precedes every action on an intent,
            so later changes by another worker are noticed then.
    """

    position: Position
    cycle_time: datetime
    written: tuple[IntentRecord, ...]

    def of_leg(self, leg: Leg) -> list[IntentRecord]:
        return [record for record in self.written if record.intent.leg is leg]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protector:
    """Places the stop and the target of a position, or closes the position."""

    account: PairAccount
    sender: OrderSender
    sync: PositionSync
    closer: Closer

    async def protect(self, books: Books) -> Protection:
        """
        Place a stop, and if possible a target, for the whole position.

        Raises:
            QuorumError: when the venue or the database does not answer; reconcile continues.
        """
        position = books.protectable
        if position is None:
            return Protection(books=books)
        async with self.account.transaction() as tenant:
            cycle_time = await _find_cycle(tenant, position)
            triggers = await find_triggers(tenant, books.resting)
            written = await tenant.intents.list_intents(position.pair, cycle_time=cycle_time)
        # Triggers of an earlier position would reduce this position at the earlier prices.
        stale = [intent for intent in triggers if intent.cycle_time != cycle_time]
        names = {intent.client_order_id for intent in stale}
        resting = [order for order in books.resting if order.client_order_id not in names]
        plans = _Plans(position=position, cycle_time=cycle_time, written=written)
        stop, target = _COVERED, _COVERED
        if not is_covered(position, resting, leg=Leg.STOP):
            stop = await self._place(plans, Leg.STOP)
            if stop.has_stale_rules:
                stop = await self._place_again(plans)
        if stop.status in {IntentStatus.ABANDONED, IntentStatus.UNKNOWN}:
            return await self._close_unprotected(position, reason=stop.reason)
        if not is_covered(position, resting, leg=Leg.TARGET):
            target = await self._place(plans, Leg.TARGET)
        for intent in stale:
            await self.closer.cancel_order(intent)
        orders = tuple(sent.order for sent in (stop, target) if sent.order is not None)
        if orders:
            books = replace(await self.sync.book_resting(), protectable=position)
        return Protection(
            orders=orders,
            books=books,
            failure=NO_MESSAGE if stop.is_placed else stop.reason,
            warnings=()
            if target.is_placed
            else (str(message("target-missing", why=target.reason)),),
        )

    async def _place(self, plans: _Plans, leg: Leg) -> SubmissionResult:
        """Send the planned order or a replacement; look up an order in doubt."""
        position = plans.position
        for record in plans.of_leg(leg):
            if record.status.is_in_doubt:
                settled = await self.sender.settle(record.intent)
                # A target in doubt is replaced: the stop protects meanwhile.
                is_replaceable = leg is Leg.TARGET and settled.status is IntentStatus.UNKNOWN
                if not (is_replaceable or self._is_sender_silent(record, settled.status)):
                    return settled
            elif record.intent.quantity == position.quantity:
                if record.status is IntentStatus.PLACED:
                    return _COVERED
                if record.status is IntentStatus.PENDING:
                    return await self._send(record.intent, position)
            elif record.status is IntentStatus.PENDING:
                await self.sender.abandon(record.intent)
        intent = self._plan_replacement(plans, leg)
        if intent is None:
            return _UNPLANNED
        async with self.account.transaction() as tenant:
            is_new = await tenant.intents.add_intent(intent, now=self.account.now())
        return await self._send(intent, position) if is_new else _BUSY

    async def _place_again(self, plans: _Plans) -> SubmissionResult:
        """Send one more stop, rounded by fresh rules: the venue contradicted the cached rules."""
        async with self.account.transaction() as tenant:
            written = await tenant.intents.list_intents(
                plans.position.pair, cycle_time=plans.cycle_time
            )
        intent = self._plan_replacement(replace(plans, written=written), Leg.STOP)
        if intent is None:
            return _UNPLANNED
        instrument = await self.account.fetch_instrument()
        if instrument is not None and intent.trigger_price is not None:
            price = instrument.round_stop_price(intent.trigger_price, side=intent.side)
            quantity = instrument.round_quantity(intent.quantity) or intent.quantity
            intent = replace(intent, trigger_price=price, expected_price=price, quantity=quantity)
        async with self.account.transaction() as tenant:
            is_new = await tenant.intents.add_intent(intent, now=self.account.now())
        return await self._send(intent, plans.position) if is_new else _BUSY

    async def _send(self, intent: OrderIntent, position: Position) -> SubmissionResult:
        """Send; look up a stop in doubt only within the `PATIENCE` of the position."""
        if intent.leg is not Leg.STOP:
            return await self.sender.send(intent)
        left = (position.opened_at + PATIENCE - self.account.now()).total_seconds()
        planned = self.account.services.settings.protect_waits_seconds
        waits = [w for number, w in enumerate(planned) if sum(planned[: number + 1]) <= left]
        return await self.sender.send(intent, waits=waits or planned[:1])

    def _is_sender_silent(self, record: IntentRecord, status: IntentStatus) -> bool:
        """Whether the sender has been silent for `SENDER_PATIENCE`; the lease may still run."""
        if status is not IntentStatus.SENDING or record.sending_at is None:
            return False
        return self.account.now() - record.sending_at >= SENDER_PATIENCE

    def _plan_replacement(self, plans: _Plans, leg: Leg) -> OrderIntent | None:
        """An order for the current position at the planned price; None without a price."""
        position, records = plans.position, plans.of_leg(leg)
        planned = records[-1].intent.trigger_price if records else None
        price = planned or (position.stop_price if leg is Leg.STOP else position.target_price)
        if price is None:
            return None
        attempt = max((record.intent.attempt for record in records), default=-1) + 1
        config, cycle_time = self.account.config, plans.cycle_time
        reducing = plan_exit(position, config=config, cycle_time=cycle_time, attempt=attempt)
        return replace(plan_trigger(reducing, leg=leg, price=price), expected_price=price)

    async def _close_unprotected(self, position: Position, *, reason: Message) -> Protection:
        closed = await self.closer.close_position(position)
        for _ in range(EXITS - 1):
            if closed.books.protectable is None:
                break
            # The position was read again, so a further exit of the whole cannot pass zero.
            closed = await self.closer.close_position(closed.books.protectable)
        alert = build_protection_failed(
            self.account.config.user_id,
            position,
            reason=reason,
            is_flat=closed.books.is_flat,
            now=self.account.now(),
        )
        async with self.account.transaction() as tenant:
            await tenant.alerts.enqueue_alert(alert)
        return Protection(
            orders=(closed.order,) if closed.order is not None else (),
            books=closed.books,
            failure=reason,
            is_closed=True,
        )


async def _find_cycle(tenant: Tenant, position: Position) -> datetime:
    """
    The planning cycle of the position.

    The entry's cycle, not the cycle of the fill: an entry sent in the last second of an interval
    fills in the next interval. An adopted position has no entry; its stop is stored under the
    instant of the adoption.
    """
    if await tenant.intents.list_intents(position.pair, cycle_time=position.opened_at):
        return position.opened_at
    until = position.opened_at + CLOCK_SLACK
    entered = await tenant.intents.find_entered_cycle(position.pair, until=until)
    return entered or floor_cycle_time(position.opened_at)
