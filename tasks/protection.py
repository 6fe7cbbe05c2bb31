"""Protection: a stop rests at the venue, or the position is closed.

    position -> stop resting? -> send the planned stop -> placed | close reduce-only, alert
                                 target beside it; without one the stop is enough for now

The stop and the target are planned with the entry, as intents of their own in the same
transaction, so that whoever comes after a crash knows where they belong. A stop that the venue
once accepted is trusted until it is known to have ended (venues forget them for a while); one in
doubt is none, because doubtful protection is no protection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from tasks.alerts import build_protection_failed
from tasks.books import Books
from tasks.books import book_resting
from tasks.closing import close_position
from tasks.connections import Connections
from tasks.cycles import trade_venue
from tasks.sending import Sent
from tasks.sending import abandon_unsent
from tasks.sending import send_intent
from tasks.sending import settle_doubt
from trading.accounts import PairConfig
from trading.cycle import floor_cycle_time
from trading.intents import IntentRecord
from trading.orders import IntentStatus
from trading.orders import Leg
from trading.orders import Order
from trading.orders import OrderIntent
from trading.orders import OrderType
from trading.ports import Exchange
from trading.positions import Position
from trading.units import sum_money

SENDER_PATIENCE = timedelta(seconds=2)
"""So long a bare position waits for whoever is sending its stop."""

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
    here: Connections, exchange: Exchange, *, config: PairConfig, books: Books
) -> Protection:
    """
    Make sure that a stop, and if possible a target, rest for the whole position.

    Raises:
        QuorumError: when the venue or the database does not answer; reconcile then protects.
    """
    position = books.position
    if position is None:
        return Protection(books=books)
    stop, target = _COVERED, _COVERED
    if not is_covered(position, books.resting, leg=Leg.STOP):
        stop = await _place(here, exchange, config=config, position=position, leg=Leg.STOP)
    if stop.status in {IntentStatus.ABANDONED, IntentStatus.UNKNOWN}:
        return await _close_bare(here, exchange, config=config, position=position, why=stop.reason)
    if not is_covered(position, books.resting, leg=Leg.TARGET):
        target = await _place(here, exchange, config=config, position=position, leg=Leg.TARGET)
    orders = tuple(sent.order for sent in (stop, target) if sent.order is not None)
    return Protection(
        orders=orders,
        books=await book_resting(here, exchange, config=config) if orders else books,
        failure="" if stop.is_placed else stop.reason,
        warnings=() if target.is_placed else (f"The target does not rest: {target.reason}",),
    )


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


async def _place(
    here: Connections, exchange: Exchange, *, config: PairConfig, position: Position, leg: Leg
) -> Sent:
    """Send the planned order, or one that replaces it; look up what is in doubt."""
    cycle_time = floor_cycle_time(position.opened_at)
    async with here.database.tenant(config.user_id) as tenant:
        written = await tenant.intents.list_intents(config.pair, cycle_time=cycle_time)
    records = [record for record in written if record.intent.leg is leg]
    for record in records:
        if record.status in {IntentStatus.SENDING, IntentStatus.UNKNOWN}:
            settled = await settle_doubt(here, exchange, intent=record.intent)
            # A second target is harmless (reduce-only) and better than none; a second stop would
            # hide that nobody knows whether the first one rests.
            if _is_silent(here, record, now_is=settled.status):
                continue
            if leg is Leg.STOP or settled.status is not IntentStatus.UNKNOWN:
                return settled
            continue
        if record.intent.quantity == position.quantity:
            if record.status is IntentStatus.PLACED:
                return _COVERED
            if record.status is IntentStatus.PENDING:
                return await send_intent(here, exchange, intent=record.intent)
        elif record.status is IntentStatus.PENDING:
            await abandon_unsent(here, intent=record.intent)
    intent = _replace(records, config=config, position=position, leg=leg)
    if intent is None:
        return _UNPLANNED
    async with here.database.tenant(config.user_id) as tenant:
        is_new = await tenant.intents.add_intent(intent, now=here.clock())
    return await send_intent(here, exchange, intent=intent) if is_new else _BUSY


def _is_silent(here: Connections, record: IntentRecord, *, now_is: IntentStatus) -> bool:
    """
    Whether its sender has it and is not heard of: dead, or stopped.

    Its lease may run on, but a position can't wait for that. One stop too many only reduces, and
    is swept when the position is gone.
    """
    if now_is is not IntentStatus.SENDING or record.sending_at is None:
        return False
    return here.clock() - record.sending_at >= SENDER_PATIENCE


def _replace(
    records: Sequence[IntentRecord], *, config: PairConfig, position: Position, leg: Leg
) -> OrderIntent | None:
    """A plan for the position as it is, at the price that was planned; None when none was."""
    planned = records[-1].intent.trigger_price if records else None
    rested = position.stop_price if leg is Leg.STOP else position.target_price
    price = planned or rested
    if price is None:
        return None
    return OrderIntent(
        user_id=config.user_id,
        venue=trade_venue(config),
        pair=config.pair,
        cycle_time=floor_cycle_time(position.opened_at),
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
    here: Connections, exchange: Exchange, *, config: PairConfig, position: Position, why: str
) -> Protection:
    closed = await close_position(here, exchange, config=config, position=position)
    alert = build_protection_failed(
        config.user_id,
        position,
        reason=why,
        is_flat=closed.books.position is None,
        now=here.clock(),
    )
    async with here.database.tenant(config.user_id) as tenant:
        await tenant.alerts.enqueue_alert(alert)
    return Protection(
        orders=(closed.order,) if closed.order is not None else (),
        books=closed.books,
        failure=why,
        is_closed=True,
    )
