"""Books: ours made equal to the venue's, by fills.

    venue: fills, funding, orders, positions, balance -> VenueLook
    VenueLook -> book (one transaction under the user's risk lock) -> Books

Idempotent: a fill, a payment, an alert is booked once by its own key, however often and by however
many workers this runs. Positions follow fills, never the other way round; the venue's own figure
is only compared. Nothing is sent from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE

from db.session import Tenant
from tasks.alerts.trading import build_books_differ, build_closed, build_opened
from tasks.orders.venue_snapshot import VenueLook, look_at_venue
from tasks.runtime.caching import Unavailable
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle
from tasks.runtime.retries import BOOKING_RETRIES, retry_read
from tasks.runtime.states import take
from trading.domain.accounts import Balance, PairConfig
from trading.domain.orders import IntentStatus, Leg, Order, OrderType
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId
from trading.portfolio.bookkeeping import book_events
from trading.ports import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    One pair after booking.

    Attributes:
        position: ours, None when flat.
        resting: open orders at the venue.
        is_reconciled: whether the venue's position is ours.
        difference: the sentence that says how they differ, "" when they agree.
        elsewhere: the venue's positions in other pairs, foreign ones too.
        clock_offset: ours minus the venue's, measured where a cycle looks.
    """

    as_of: datetime
    position: Position | None
    resting: tuple[Order, ...]
    balance: Balance
    difference: str = ""
    elsewhere: tuple[Position, ...] = ()
    clock_offset: timedelta = timedelta(0)

    @property
    def is_reconciled(self) -> bool:
        """Whether the venue's position is ours."""
        return not self.difference


async def sync_books(cycle: Cycle) -> Books | Unavailable:
    """The pair's books made equal to the venue's; Unavailable when either does not answer."""
    return await take(_sync(cycle, return_state=True))


@task(name="sync_books", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def _sync(cycle: Cycle) -> Books:
    services = await get_services()
    async with services.exchange(cycle.config) as exchange:
        offset = await retry_read(services, exchange.measure_clock_offset)
        books = await keep_books(services, exchange, config=cycle.config)
    return replace(books, clock_offset=offset)


async def keep_books(services: Services, exchange: Exchange, *, config: PairConfig) -> Books:
    """
    Look and book; once more when the two differ, because a fill may fall between two questions.

    Raises:
        QuorumError: when the venue or the database does not answer.
    """
    books = await _keep_once(services, exchange, config=config)
    if books.is_reconciled:
        return books
    books = await _keep_once(services, exchange, config=config)
    if not books.is_reconciled:
        async with services.database.tenant(config.user_id) as tenant:
            await tenant.alerts.enqueue_alert(
                build_books_differ(
                    config.user_id, config.pair, sentence=books.difference, now=services.clock()
                )
            )
    return books


async def _keep_once(services: Services, exchange: Exchange, *, config: PairConfig) -> Books:
    look = await look_at_venue(services, exchange, config=config)
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.lock_risk()
        position = await _book(tenant, look, config=config, now=services.clock())
        await _settle_orders(tenant, look, services=services)
    return Books(
        as_of=services.clock(),
        position=position,
        resting=look.resting,
        balance=look.balance,
        difference=_compare(position, look.position),
        elsewhere=look.elsewhere,
    )


async def _book(
    tenant: Tenant, look: VenueLook, *, config: PairConfig, now: datetime
) -> Position | None:
    fills = await tenant.trades.add_fills(look.fills)
    payments = await tenant.funding.add_payments(look.payments)
    before = await tenant.positions.load_open_position(config.pair)
    last_closed = await tenant.positions.list_closed_positions(config.pair, limit=1)
    booked = book_events(
        before,
        last_closed=last_closed[0] if last_closed else None,
        fills=fills,
        payments=payments,
    )
    for closing in booked.closed:
        await tenant.positions.save_position(closing.position)
        if closing.fill is not None:
            leg = await _find_leg(tenant, closing.fill.client_order_id)
            await tenant.alerts.enqueue_alert(
                build_closed(config.user_id, closing, leg=leg, now=now)
            )
    if booked.position is None:
        return None
    position = _describe(booked.position, look.resting)
    if look.position is not None:
        position = replace(position, leverage=look.position.leverage)
    if position != before:
        await tenant.positions.save_position(position)
    if booked.opened:
        await tenant.alerts.enqueue_alert(build_opened(config.user_id, position))
    return position


async def _find_leg(tenant: Tenant, client_order_id: ClientOrderId | None) -> Leg | None:
    """Which of our orders a fill belongs to; None for one that is not ours."""
    if client_order_id is None:
        return None
    record = await tenant.intents.load_intent(client_order_id)
    return None if record is None else record.intent.leg


async def _settle_orders(tenant: Tenant, look: VenueLook, *, services: Services) -> None:
    """Keep what the venue says of our orders; resolve the intents of those that are final."""
    records = await tenant.intents.list_open_intents()
    ours = {record.intent.client_order_id for record in records}
    for order in (*look.resting, *look.ended):
        if order.client_order_id in ours:
            await tenant.orders.save_order(order)
    for order in look.ended:
        if order.client_order_id in ours and order.client_order_id is not None:
            await resolve_intent(tenant, services, client_order_id=order.client_order_id)


async def resolve_intent(
    tenant: Tenant, services: Services, *, client_order_id: ClientOrderId
) -> None:
    """Its order is final and booked: the reservation is free. Somebody else's claim is left."""
    now = services.clock()
    claimed = await tenant.intents.claim_intent(
        client_order_id, worker=services.worker, now=now, lease=services.settings.intent_lease
    )
    if claimed is not None:
        await tenant.intents.finish_intent(
            client_order_id, fence=claimed.fence, status=IntentStatus.RESOLVED, now=now
        )


async def book_resting(services: Services, exchange: Exchange, *, config: PairConfig) -> Books:
    """Read again what rests, and keep with the position what protects it."""
    resting = await retry_read(services, lambda: exchange.fetch_open_orders(config.pair))
    balance = await retry_read(services, exchange.fetch_balance)
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.lock_risk()
        position = await tenant.positions.load_open_position(config.pair)
        if position is not None:
            position = _describe(position, resting)
            await tenant.positions.save_position(position)
    return Books(as_of=services.clock(), position=position, resting=resting, balance=balance)


def _describe(position: Position, resting: Iterable[Order]) -> Position:
    """The position with what rests at the venue for it."""
    side = position.side.exit_side
    triggers = {
        order.order_type: order.trigger_price
        for order in resting
        if order.reduce_only and order.side is side
    }
    return replace(
        position,
        stop_price=triggers.get(OrderType.STOP_MARKET),
        target_price=triggers.get(OrderType.TAKE_PROFIT_MARKET),
    )


def _compare(ours: Position | None, theirs: Position | None) -> str:
    """How the two positions differ, in a sentence; "" when they do not."""
    ours_held, theirs_held = (ZERO if p is None else p.signed_quantity for p in (ours, theirs))
    if ours_held == theirs_held:
        return ""
    return f"Our books hold {ours_held} and the venue says {theirs_held}."
