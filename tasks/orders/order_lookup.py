"""Lookups: whether the venue has an order, asked by our name for it and by its fills.

    find_order -> fetch_fills -> Look: an Order, or None and whether the venue answered at all

None means "not shown", which is no proof (VENUES.md, finding 7), but of a venue that answers for
certain. An answer about another order
than the one asked for is no answer. Reads only, so they may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from prefect.logging import get_logger

from tasks.runtime.container import Services
from tasks.runtime.retries import retry_read
from trading.domain.errors import QuorumError
from trading.domain.orders import Fill, Order, OrderIntent, OrderStatus
from trading.domain.units import sum_money
from trading.ports import Exchange

LOOK_BACK = timedelta(minutes=5)
"""Fills are looked for from so long before the cycle: clocks differ."""
CONFIRM_WAITS_SECONDS = (0.2, 0.4, 0.8, 1.6)
"""A market order fills at once; within these its fills show. Then protection can't wait longer."""

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at an order: None when it is not shown, and whether the venue answered at all."""

    order: Order | None = None
    has_answered: bool = True


async def look_up(services: Services, exchange: Exchange, *, intent: OrderIntent) -> Order | None:
    """The order of an intent as the venue shows it now; None when it does not, or is silent."""
    return (await look_closely(services, exchange, intent=intent)).order


async def look_closely(services: Services, exchange: Exchange, *, intent: OrderIntent) -> Look:
    """The same, with the difference between a venue that shows nothing and a silent one."""
    try:
        order = await retry_read(
            services, lambda: exchange.find_order(intent.pair, intent.client_order_id)
        )
        if order is not None and order.client_order_id == intent.client_order_id:
            return Look(order=order)
        since = intent.cycle_time - LOOK_BACK
        fills = await retry_read(services, lambda: exchange.fetch_fills(intent.pair, since=since))
    except QuorumError as error:
        logger.warning("The %s order could not be looked up: %s", intent.leg, error.sentence)
        return Look(has_answered=False)
    ours = [fill for fill in fills if fill.client_order_id == intent.client_order_id]
    return Look(order=_build_order(intent, ours) if ours else None)


async def look_up_until_final(
    services: Services, exchange: Exchange, *, intent: OrderIntent, waits: Sequence[float]
) -> Order | None:
    """The newest look at the order; waits and looks again while it is unknown or not final."""
    order = await look_up(services, exchange, intent=intent)
    for wait in waits:
        if order is not None and order.status.is_final:
            break
        await services.sleep(wait)
        order = await look_up(services, exchange, intent=intent) or order
    return order


def _build_order(intent: OrderIntent, fills: Sequence[Fill]) -> Order:
    """An order that the venue shows only by its fills."""
    quantity = sum_money(fill.quantity for fill in fills)
    cost = sum_money(fill.quantity * fill.fill_price for fill in fills)
    is_whole = quantity >= intent.quantity
    return Order(
        venue=intent.venue,
        pair=intent.pair,
        client_order_id=intent.client_order_id,
        venue_order_id=fills[0].venue_order_id,
        side=intent.side,
        order_type=intent.order_type,
        status=OrderStatus.FILLED if is_whole else OrderStatus.PARTIALLY_FILLED,
        quantity=intent.quantity,
        filled_quantity=quantity,
        reduce_only=intent.reduce_only,
        created_at=fills[0].filled_at,
        updated_at=fills[-1].filled_at,
        average_fill_price=Decimal(cost / quantity),
        trigger_price=intent.trigger_price,
    )
