"""Executes a risk decision: sends the one order of a cycle and handles the result at once.

    entry: cancel orphans -> leverage -> send -> confirm -> book -> protect
    exit: send -> confirm -> book -> cancel orphans

Each step is stored before the step is taken, so a crash may follow any step: `reconcile` continues
from the database. The Prefect task has no retries: a second run would find the intent taken.
"""

from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.orders.order_desk import OrderDesk, open_desk
from tasks.orders.order_sender import QUICK_LOOKS, SubmissionResult
from tasks.orders.position_sync import Books
from tasks.risk.check import RiskDecision
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle
from tasks.runtime.retries import poll
from trading.cycle import CycleOutcome
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message
from trading.domain.orders import IntentStatus, Order, OrderIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """
    The orders that a cycle sent, and the result.

    Attributes:
        orders: the sent orders, protection included.
        books: after the execution, None when nothing was booked.
        reason: a sentence for people.
    """

    outcome: CycleOutcome
    reason: Message
    orders: tuple[Order, ...] = ()
    books: Books | None = None
    warnings: tuple[str, ...] = ()


@task(name="execute_decision", cache_policy=NO_CACHE)
async def execute_decision(cycle: Cycle, decision: RiskDecision) -> Execution:
    """Send the planned entry or exit; the decision has at least one intent."""
    services = await get_services()
    async with open_desk(services, cycle.config) as desk:
        if decision.verdict.plan is not None:
            return await _enter(desk, decision)
        return await _exit(desk, decision.intents[0])


async def _enter(desk: OrderDesk, decision: RiskDecision) -> Execution:
    plan, entry = decision.verdict.plan, decision.intents[0]
    # A stop or target filled since the last cycle leaves the other order resting at the venue.
    await desk.closer.cancel_orphans(await desk.sync.book_resting())
    try:
        if plan is not None:
            await desk.account.exchange.set_leverage(entry.pair, plan.leverage)
    except QuorumError as error:
        reason = message("leverage-not-set", why=error.message)
        return await _give_up(desk, decision, reason=reason)
    sent = await desk.sender.send(entry)
    if sent.status in {IntentStatus.ABANDONED, IntentStatus.SENDING}:
        return await _explain_missing(desk, decision, sent=sent)
    # Venues hide new orders for a while, but not the fills: filled quantity is protected at once.
    order = await desk.sender.confirm(entry, sent=sent)
    books = await desk.sync.book()
    if books.protectable is None and not sent.is_placed:
        sent = await _keep_looking(desk, entry, sent=sent)
        if not sent.is_placed:
            return await _explain_missing(desk, decision, sent=sent)
        order = await desk.sender.confirm(entry, sent=sent)
        books = await desk.sync.book()
    if books.protectable is None:
        return await _explain_flat(desk, books, order=order)
    return await _protect(desk, books, entry=entry, order=order)


async def _protect(
    desk: OrderDesk, books: Books, *, entry: OrderIntent, order: Order | None
) -> Execution:
    protection = await desk.protector.protect(books)
    orders = (*((order,) if order else ()), *protection.orders)
    if protection.is_closed:
        return Execution(
            outcome=CycleOutcome.EXITED,
            reason=message("entered-without-stop", why=protection.failure),
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
    desk: OrderDesk, entry: OrderIntent, *, sent: SubmissionResult
) -> SubmissionResult:
    """The later lookups of an entry in doubt without a fill so far."""
    services = desk.account.services
    waits = services.settings.doubt_waits_seconds[QUICK_LOOKS:]
    if not waits:
        return sent
    await services.sleep(waits[0])
    return await poll(
        lambda: desk.sender.settle(entry),
        until=lambda result: result.status is not IntentStatus.UNKNOWN,
        waits=waits[1:],
        sleep=services.sleep,
    )


async def _exit(desk: OrderDesk, intent: OrderIntent) -> Execution:
    closed = await desk.closer.send_exit(intent)
    is_flat = closed.books.is_flat
    return Execution(
        outcome=CycleOutcome.EXITED if is_flat else CycleOutcome.HELD,
        reason=message("exit-by-council") if is_flat else closed.reason,
        orders=(closed.order,) if closed.order is not None else (),
        books=closed.books,
    )


async def _explain_flat(desk: OrderDesk, books: Books, *, order: Order | None) -> Execution:
    """An entry without a position: unfilled, ended already, or not told by the venue."""
    await desk.closer.cancel_orphans(books)
    has_filled = order is not None and order.filled_quantity > 0
    if books.unknown_reason:
        return Execution(
            outcome=CycleOutcome.ENTERED if has_filled else CycleOutcome.HELD,
            reason=message("entry-position-unknown", why=books.unknown_reason),
            orders=(order,) if order is not None else (),
            books=books,
        )
    return Execution(
        outcome=CycleOutcome.EXITED if has_filled else CycleOutcome.HELD,
        reason=message("position-ended-at-once") if has_filled else message("entry-not-filled"),
        orders=(order,) if order is not None else (),
        books=books,
    )


async def _explain_missing(
    desk: OrderDesk, decision: RiskDecision, *, sent: SubmissionResult
) -> Execution:
    """Abandon the protection of an entry proven not placed; keep the plans of a doubtful entry."""
    if sent.status is IntentStatus.ABANDONED:
        reason = message("entry-refused", why=sent.reason)
        return await _give_up(desk, decision, reason=reason, order=sent.order)
    return Execution(
        outcome=CycleOutcome.HELD,
        reason=message("entry-in-doubt", why=sent.reason),
    )


async def _give_up(
    desk: OrderDesk, decision: RiskDecision, *, reason: Message, order: Order | None = None
) -> Execution:
    for intent in decision.intents:
        await desk.sender.abandon(intent)
    return Execution(
        outcome=CycleOutcome.HELD, reason=reason, orders=(order,) if order is not None else ()
    )


def _tell_entry(entry: OrderIntent, order: Order | None) -> Message:
    price = order.average_fill_price if order is not None else None
    base, quantity = entry.pair.base, entry.quantity
    if price is None:
        return message(f"filled-{entry.side}", quantity=quantity, base=base)
    return message(f"filled-at-{entry.side}", quantity=quantity, base=base, price=price)
