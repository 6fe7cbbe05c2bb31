"""Orders that reduce a position: the exit, the stop and the target.

Position -> plan_exit -> exit intent -> plan_trigger -> stop or target intent
Position, resting orders -> is_covered, attach_triggers
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading.domain.accounts import PairConfig
from trading.domain.orders import Leg, Order, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.units import ZERO, sum_money

TRIGGER_TYPES: Mapping[Leg, OrderType] = {
    Leg.STOP: OrderType.STOP_MARKET,
    Leg.TARGET: OrderType.TAKE_PROFIT_MARKET,
}
"""The order type of each protective leg."""


def plan_exit(
    position: Position, *, config: PairConfig, cycle_time: datetime, attempt: int
) -> OrderIntent:
    """A reduce-only market order for the whole position."""
    return OrderIntent(
        user_id=config.user_id,
        venue=config.trade_venue,
        pair=config.pair,
        cycle_time=cycle_time,
        leg=Leg.EXIT,
        side=position.side.exit_side,
        order_type=OrderType.MARKET,
        quantity=position.quantity,
        reduce_only=True,
        expected_price=position.average_entry_price or Decimal(1),  # tells nothing, moves nothing
        attempt=attempt,
    )


def plan_trigger(intent: OrderIntent, *, leg: Leg, price: Decimal) -> OrderIntent:
    """The stop or target for the quantity and side of a reducing intent."""
    return replace(
        intent,
        leg=leg,
        order_type=TRIGGER_TYPES[leg],
        reduce_only=True,
        trigger_price=price,
        reserved_notional=ZERO,
    )


def is_covered(position: Position, resting: Iterable[Order], *, leg: Leg) -> bool:
    """Whether reduce-only orders of the leg's type rest for at least the whole position."""
    covering = sum_money(
        order.quantity - order.filled_quantity
        for order in _reducing(position, resting)
        if order.order_type is TRIGGER_TYPES[leg]
    )
    return covering >= position.quantity


def attach_triggers(position: Position, resting: Iterable[Order]) -> Position:
    """The position with the stop and target prices of its resting orders."""
    prices = {order.order_type: order.trigger_price for order in _reducing(position, resting)}
    return replace(
        position,
        stop_price=prices.get(OrderType.STOP_MARKET),
        target_price=prices.get(OrderType.TAKE_PROFIT_MARKET),
    )


def find_trigger_distance(position: Position, *, mark_price: Decimal) -> Decimal:
    """
    Distance of the mark price from the nearest trigger of the position, as a ratio of the price.

    Zero or below when the price has reached a trigger; 1 without a trigger.
    """
    sign = position.side.sign
    gaps = [Decimal(1)]
    if position.stop_price is not None:
        gaps.append(sign * (mark_price - position.stop_price) / mark_price)
    if position.target_price is not None:
        gaps.append(sign * (position.target_price - mark_price) / mark_price)
    return min(gaps)


def _reducing(position: Position, resting: Iterable[Order]) -> Iterable[Order]:
    side = position.side.exit_side
    return (order for order in resting if order.reduce_only and order.side is side)
