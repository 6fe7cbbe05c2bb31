"""Execution: the one order that a cycle may send, and what has to follow it at once.

        entry: leverage -> send -> confirm -> book -> protect
    exit: send -> confirm -> book -> sweep

Every step is written down before it is taken, so each can be the last: `reconcile` goes on from
there. A Prefect task without retries: a second run of it would find its intent taken.
"""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.orders.closing import confirm, send_exit, sweep_orphans
from tasks.orders.order_sender import QUICK_LOOKS, Sent, abandon_unsent, send_intent, settle_doubt
from tasks.orders.position_sync import Books, book_resting, keep_books
from tasks.orders.protection import protect_position
from tasks.risk.check import Ruling
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle, sealed
from trading.cycle import CycleOutcome
from trading.domain.errors import QuorumError
from trading.domain.orders import IntentStatus, Order, OrderIntent
from trading.domain.units import Side
from trading.ports import Exchange
from trading.reporting.formatting import show_price

_DONE = {Side.BUY: "bought", Side.SELL: "sold short"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """
    What a cycle did.

    Attributes:
        orders: what was sent, protection included.
        books: after it, None when nothing was booked.
        reason: a sentence for people.
    """

    outcome: CycleOutcome
    reason: str
    orders: tuple[Order, ...] = ()
    books: Books | None = None
    warnings: tuple[str, ...] = ()


async def execute_decision(cycle: Cycle, ruling: Ruling) -> Execution | None:
    """Send what was planned; None when nothing was."""
    if ruling.first is None:
        return None
    return await _execute(cycle, sealed(ruling))


@task(name="execute_decision", cache_policy=NO_CACHE)
async def _execute(cycle: Cycle, ruling: Ruling) -> Execution:
    services = await get_services()
    async with services.exchange(cycle.config) as exchange:
        if ruling.verdict.plan is not None:
            return await _enter(services, exchange, cycle=cycle, ruling=ruling)
        return await _exit(services, exchange, cycle=cycle, intent=ruling.intents[0])


async def _enter(
    services: Services, exchange: Exchange, *, cycle: Cycle, ruling: Ruling
) -> Execution:
    plan, entry = ruling.verdict.plan, ruling.intents[0]
    # The other leg of a stop that went off since: a venue leaves it to rest.
    resting = await book_resting(services, exchange, config=cycle.config)
    await sweep_orphans(services, exchange, config=cycle.config, books=resting)
    try:
        if plan is not None:
            await exchange.set_leverage(cycle.pair, plan.leverage)
    except QuorumError as error:
        return await _give_up(
            services, ruling, reason=f"The leverage was not set: {error.sentence}"
        )
    sent = await send_intent(services, exchange, intent=entry)
    if sent.status in {IntentStatus.ABANDONED, IntentStatus.SENDING}:
        return await _explain_missing(services, ruling, sent=sent)
    # Venues hide orders for a while, but not what they filled: that is protected at once.
    order = await confirm(services, exchange, intent=entry, sent=sent)
    books = await keep_books(services, exchange, config=cycle.config)
    if books.position is None and not sent.is_placed:
        sent = await _keep_looking(services, exchange, entry=entry, sent=sent)
        if not sent.is_placed:
            return await _explain_missing(services, ruling, sent=sent)
        order = await confirm(services, exchange, intent=entry, sent=sent)
        books = await keep_books(services, exchange, config=cycle.config)
    if books.position is None:
        return await _explain_flat(services, exchange, cycle=cycle, books=books, order=order)
    protection = await protect_position(services, exchange, config=cycle.config, books=books)
    orders = (*((order,) if order else ()), *protection.orders)
    if protection.is_closed:
        return Execution(
            outcome=CycleOutcome.EXITED,
            reason=f"entered, but closed at once without a stop: {protection.failure}",
            orders=orders,
            books=protection.books,
        )
    return Execution(
        outcome=CycleOutcome.ENTERED,
        reason=_tell_entry(entry, order),
        orders=orders,
        books=protection.books,
        warnings=protection.warnings,
    )


async def _keep_looking(
    services: Services, exchange: Exchange, *, entry: OrderIntent, sent: Sent
) -> Sent:
    """The later looks at an entry in doubt that has filled nothing so far."""
    for wait in services.settings.doubt_waits_seconds[QUICK_LOOKS:]:
        await services.sleep(wait)
        sent = await settle_doubt(services, exchange, intent=entry)
        if sent.status is not IntentStatus.UNKNOWN:
            break
    return sent


async def _exit(
    services: Services, exchange: Exchange, *, cycle: Cycle, intent: OrderIntent
) -> Execution:
    closed = await send_exit(services, exchange, config=cycle.config, intent=intent)
    is_flat = closed.books.position is None
    return Execution(
        outcome=CycleOutcome.EXITED if is_flat else CycleOutcome.HELD,
        reason="The council closed the position." if is_flat else closed.reason,
        orders=(closed.order,) if closed.order is not None else (),
        books=closed.books,
    )


async def _explain_flat(
    services: Services, exchange: Exchange, *, cycle: Cycle, books: Books, order: Order | None
) -> Execution:
    """The entry is placed and there is no position: nothing filled, or it has ended already."""
    await sweep_orphans(services, exchange, config=cycle.config, books=books)
    has_filled = order is not None and order.filled_quantity > 0
    return Execution(
        outcome=CycleOutcome.EXITED if has_filled else CycleOutcome.HELD,
        reason="The position ended as soon as it was open."
        if has_filled
        else "Not entered: the order did not fill.",
        orders=(order,) if order is not None else (),
        books=books,
    )


async def _explain_missing(services: Services, ruling: Ruling, *, sent: Sent) -> Execution:
    """An entry that is proven not placed takes its plans with it; one in doubt keeps them."""
    if sent.status is IntentStatus.ABANDONED:
        return await _give_up(
            services, ruling, reason=f"Not entered: {sent.reason}", order=sent.order
        )
    return Execution(
        outcome=CycleOutcome.HELD,
        reason=f"The entry is in doubt and is looked up until it is proven: {sent.reason}",
    )


async def _give_up(
    services: Services, ruling: Ruling, *, reason: str, order: Order | None = None
) -> Execution:
    for intent in ruling.intents:
        await abandon_unsent(services, intent=intent)
    return Execution(
        outcome=CycleOutcome.HELD, reason=reason, orders=(order,) if order is not None else ()
    )


def _tell_entry(entry: OrderIntent, order: Order | None) -> str:
    price = order.average_fill_price if order is not None else None
    at = "" if price is None else f" at {show_price(price)}"
    return f"{_DONE[entry.side]} {entry.quantity} {entry.pair.base}{at}."
