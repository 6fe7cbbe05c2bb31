"""Protection: a stop rests at the venue, or the position is closed.

    position -> stop resting? -> send the planned stop -> placed | close reduce-only, alert
                                 target beside it; without one the stop protects alone

The stop and the target are planned with the entry, as intents of their own in the same
transaction, so that whoever comes after a crash knows where they belong. A stop that the venue
once accepted is trusted until it is known to have ended (venues forget them for a while).

Doubtful protection is no protection, and both remedies are reduce-only for the whole position, so
neither can go past flat:
- a stop that another worker is sending is that worker's for `SENDER_PATIENCE`. When it still does
  not rest then, its sender is dead or stopped, and nothing says that the venue is in trouble: one
  more stop is sent under a name of its own. Of two that rest one closes the position and the
  other is swept; until its fate is known, the pair takes no entry (`tasks.risk.check`);
- a stop that was posted and that the venue does not show is not tried again: the venue is in
  trouble, and the position is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.session import Tenant
from tasks.alerts.trading import build_protection_failed
from tasks.orders.closing import cancel_plan, close_position, find_stale_plans
from tasks.orders.order_sender import Sent, abandon_unsent, send_intent, settle_doubt
from tasks.orders.position_sync import Books, book_resting
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import trade_venue
from trading.cycle import floor_cycle_time
from trading.domain.accounts import PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg, Order, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.units import sum_money
from trading.ports import Exchange

SENDER_PATIENCE = timedelta(seconds=2)
"""So long a bare position waits for whoever is sending its stop."""
PATIENCE = timedelta(seconds=3)
"""So long after it was opened a position may go on waiting for a stop in doubt: closing it takes
its time too, and within 5 s it has to be over."""
CLOCK_SLACK = timedelta(seconds=1)
"""A venue's clock may be behind ours by less than that: no order goes out otherwise."""
EXITS = 3
"""Exits that are sent one after the other for a position that can't be protected."""

_TYPES = {Leg.STOP: OrderType.STOP_MARKET, Leg.TARGET: OrderType.TAKE_PROFIT_MARKET}
_COVERED = Sent(status=IntentStatus.PLACED)
_UNPLANNED = Sent(status=IntentStatus.ABANDONED, reason="No price was planned for it.")
_BUSY = Sent(status=IntentStatus.SENDING, reason="Another worker is at it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """
    What protection came to.

    Attributes:
        orders: what was sent, in order; the exit too if it had to be closed.
        books: after it.
        failure: why the stop could not be placed, "" when one rests.
        is_closed: whether the position had to be closed for that.
    """

    books: Books
    orders: tuple[Order, ...] = ()
    failure: str = ""
    is_closed: bool = False
    warnings: tuple[str, ...] = ()


async def protect_position(
    services: Services, exchange: Exchange, *, config: PairConfig, books: Books
) -> Protection:
    """
    Make sure that a stop, and if possible a target, rest for the whole position.

    Raises:
        QuorumError: when the venue or the database does not answer; reconcile then protects.
    """
    position = books.position
    if position is None:
        return Protection(books=books)
    async with services.database.tenant(config.user_id) as tenant:
        cycle_time = await _find_cycle(tenant, position)
        # At the prices of an earlier position they protect nothing and would cut.
        stale = await find_stale_plans(tenant, books.resting, cycle_time=cycle_time)
        written = await tenant.intents.list_intents(config.pair, cycle_time=cycle_time)
    plans = _Plans(config=config, position=position, cycle_time=cycle_time, written=written)
    names = {intent.client_order_id for intent in stale}
    resting = tuple(order for order in books.resting if order.client_order_id not in names)
    stop, target = _COVERED, _COVERED
    if not is_covered(position, resting, leg=Leg.STOP):
        stop = await _place(services, exchange, plans=plans, leg=Leg.STOP)
    if stop.status in {IntentStatus.ABANDONED, IntentStatus.UNKNOWN}:
        return await _close_bare(
            services, exchange, config=config, position=position, why=stop.reason
        )
    if not is_covered(position, resting, leg=Leg.TARGET):
        target = await _place(services, exchange, plans=plans, leg=Leg.TARGET)
    for intent in stale:
        await cancel_plan(services, exchange, intent=intent)
    orders = tuple(sent.order for sent in (stop, target) if sent.order is not None)
    return Protection(
        orders=orders,
        books=await book_resting(services, exchange, config=config) if orders else books,
        failure="" if stop.is_placed else stop.reason,
        warnings=() if target.is_placed else (f"The target does not rest: {target.reason}",),
    )


async def _find_cycle(tenant: Tenant, position: Position) -> datetime:
    """
    The cycle that planned the position.

    Its entry's, not that of the hour: who enters in an interval's last second fills in the next.
    """
    until = position.opened_at + CLOCK_SLACK
    entered = await tenant.intents.find_entered_cycle(position.pair, until=until)
    return entered or floor_cycle_time(position.opened_at)


def is_covered(position: Position, resting: Sequence[Order], *, leg: Leg) -> bool:
    """Whether reduce-only orders of that kind rest for at least the whole position."""
    covering = sum_money(
        order.quantity - order.filled_quantity
        for order in resting
        if order.order_type is _TYPES[leg]
        and order.reduce_only
        and order.side is position.side.exit_side
    )
    return covering >= position.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plans:
    """
    What a position is protected by.

    Attributes:
        written: the intents of its cycle as they stood at the beginning. Who acts on one claims
            it first, so what another worker has done since is found then.
    """

    config: PairConfig
    position: Position
    cycle_time: datetime
    written: tuple[IntentRecord, ...]


async def _place(services: Services, exchange: Exchange, *, plans: _Plans, leg: Leg) -> Sent:
    """Send the planned order, or one that replaces it; look up what is in doubt."""
    config, position = plans.config, plans.position
    records = [record for record in plans.written if record.intent.leg is leg]
    for record in records:
        if record.status in {IntentStatus.SENDING, IntentStatus.UNKNOWN}:
            settled = await settle_doubt(services, exchange, intent=record.intent)
            is_silent = _is_silent(services, record, now_is=settled.status)
            # A target in doubt is followed by another one: the stop protects meanwhile.
            is_idle = leg is Leg.TARGET and settled.status is IntentStatus.UNKNOWN
            if not (is_silent or is_idle):
                return settled
            continue
        if record.intent.quantity == position.quantity:
            if record.status is IntentStatus.PLACED:
                return _COVERED
            if record.status is IntentStatus.PENDING:
                return await _send(services, exchange, intent=record.intent, position=position)
        elif record.status is IntentStatus.PENDING:
            await abandon_unsent(services, intent=record.intent)
    intent = _replace(records, plans=plans, leg=leg)
    if intent is None:
        return _UNPLANNED
    async with services.database.tenant(config.user_id) as tenant:
        is_new = await tenant.intents.add_intent(intent, now=services.clock())
    if not is_new:
        return _BUSY
    return await _send(services, exchange, intent=intent, position=position)


async def _send(
    services: Services, exchange: Exchange, *, intent: OrderIntent, position: Position
) -> Sent:
    """Send it; a stop in doubt is looked for only while the position can wait."""
    if intent.leg is not Leg.STOP:
        return await send_intent(services, exchange, intent=intent)
    left = (position.opened_at + PATIENCE - services.clock()).total_seconds()
    planned = services.settings.protect_waits_seconds
    waits = [wait for number, wait in enumerate(planned) if sum(planned[: number + 1]) <= left]
    return await send_intent(services, exchange, intent=intent, waits=waits or planned[:1])


def _is_silent(services: Services, record: IntentRecord, *, now_is: IntentStatus) -> bool:
    """Whether its sender has it and is not heard of; its lease may run on, a position can't."""
    if now_is is not IntentStatus.SENDING or record.sending_at is None:
        return False
    return services.clock() - record.sending_at >= SENDER_PATIENCE


def _replace(records: Sequence[IntentRecord], *, plans: _Plans, leg: Leg) -> OrderIntent | None:
    """A plan for the position as it is, at the price that was planned; None when none was."""
    config, position = plans.config, plans.position
    planned = records[-1].intent.trigger_price if records else None
    rested = position.stop_price if leg is Leg.STOP else position.target_price
    price = planned or rested
    if price is None:
        return None
    return OrderIntent(
        user_id=config.user_id,
        venue=trade_venue(config),
        pair=config.pair,
        cycle_time=plans.cycle_time,
        leg=leg,
        side=position.side.exit_side,
        order_type=_TYPES[leg],
        quantity=position.quantity,
        reduce_only=True,
        expected_price=price,
        trigger_price=price,
        attempt=max((record.intent.attempt for record in records), default=-1) + 1,
    )


async def _close_bare(
    services: Services, exchange: Exchange, *, config: PairConfig, position: Position, why: str
) -> Protection:
    closed = await close_position(services, exchange, config=config, position=position)
    for _ in range(EXITS - 1):
        if closed.books.position is None:
            break
        left = closed.books.position  # read again: an exit of the whole of it can't go past flat
        closed = await close_position(services, exchange, config=config, position=left)
    alert = build_protection_failed(
        config.user_id,
        position,
        reason=why,
        is_flat=closed.books.position is None,
        now=services.clock(),
    )
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.alerts.enqueue_alert(alert)
    return Protection(
        orders=(closed.order,) if closed.order is not None else (),
        books=closed.books,
        failure=why,
        is_closed=True,
    )
