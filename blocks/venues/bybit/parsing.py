"""What Bybit v5 writes about a linear account, as values.

orders, executions, positions -> Order, Fill, FundingPayment, Position

A state that is not listed raises, and the caller says that it does not know.
"""

from collections.abc import Mapping
from typing import Any

from blocks.venues.base.parsing import parse_instant
from trading.domain.orders import Fill, Order, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, PositionSide, Side, VenueName, to_decimal
from trading.ports import FundingPayment

SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
RISES, FALLS = 1, 2
"""`triggerDirection`: the trigger is reached by a rise, or by a fall."""

TRADES = frozenset({"Trade", "AdlTrade", "BustTrade", "Settle", "Delivery"})
FORCED = frozenset({"AdlTrade", "BustTrade"})
FUNDING = "Funding"

_SIDE_OF = {text: side for side, text in SIDES.items()}
_STATUSES = {
    "Created": OrderStatus.ACCEPTED,
    "New": OrderStatus.ACCEPTED,
    "Untriggered": OrderStatus.ACCEPTED,
    "Triggered": OrderStatus.ACCEPTED,
    "PartiallyFilled": OrderStatus.PARTIALLY_FILLED,
    "Filled": OrderStatus.FILLED,
    "PartiallyFilledCanceled": OrderStatus.CANCELED,
    "Cancelled": OrderStatus.CANCELED,
    "Deactivated": OrderStatus.CANCELED,
    "Rejected": OrderStatus.REJECTED,
}


def find_direction(order_type: OrderType, side: Side) -> int:
    """How the trigger is reached: a sell stop and a buy target by a fall."""
    falls = (order_type is OrderType.STOP_MARKET) == (side is Side.SELL)
    return FALLS if falls else RISES


def parse_order(row: Mapping[str, Any], *, pair: Pair) -> Order:
    """An order, resting or finished; a conditional one is told by its trigger."""
    average = to_decimal(row["avgPrice"] or "0")
    trigger = to_decimal(row["triggerPrice"] or "0")
    side = _SIDE_OF[row["side"]]
    return Order(
        venue=VenueName.BYBIT,
        pair=pair,
        client_order_id=ClientOrderId(row["orderLinkId"]) if row["orderLinkId"] else None,
        venue_order_id=row["orderId"],
        side=side,
        order_type=_find_type(row, side=side) if trigger > 0 else OrderType.MARKET,
        status=_STATUSES[row["orderStatus"]],
        quantity=to_decimal(row["qty"]),
        filled_quantity=to_decimal(row["cumExecQty"] or "0"),
        reduce_only=row["reduceOnly"],
        created_at=parse_instant(row["createdTime"]),
        updated_at=parse_instant(row["updatedTime"]),
        average_fill_price=average if average > 0 else None,
        trigger_price=trigger if trigger > 0 else None,
    )


def parse_fill(row: Mapping[str, Any], *, pair: Pair) -> Fill:
    """One execution; a forced one has no name of ours."""
    return Fill(
        venue=VenueName.BYBIT,
        pair=pair,
        trade_id=row["execId"],
        client_order_id=ClientOrderId(row["orderLinkId"]) if row["orderLinkId"] else None,
        venue_order_id=row["orderId"],
        side=_SIDE_OF[row["side"]],
        fill_price=to_decimal(row["execPrice"]),
        quantity=to_decimal(row["execQty"]),
        fee=to_decimal(row["execFee"]),
        filled_at=parse_instant(row["execTime"]),
        is_liquidation=row["execType"] in FORCED,
    )


def parse_payment(row: Mapping[str, Any], *, pair: Pair) -> FundingPayment:
    """`execFee` of a settlement is positive when we pay."""
    return FundingPayment(
        pair=pair,
        payment_id=row["execId"],
        amount=to_decimal(row["execFee"]),
        paid_at=parse_instant(row["execTime"]),
    )


def parse_position(row: Mapping[str, Any], *, pair: Pair) -> Position:
    """An open position in one-way mode."""
    if int(row["positionIdx"]) != 0:
        raise ValueError("a position of hedge mode")
    return Position(
        venue=VenueName.BYBIT,
        pair=pair,
        side=PositionSide.LONG if row["side"] == "Buy" else PositionSide.SHORT,
        quantity=to_decimal(row["size"]),
        average_entry_price=to_decimal(row["avgPrice"]),
        opened_at=parse_instant(row["createdTime"]),
        leverage=to_decimal(row["leverage"]),
    )


def _find_type(row: Mapping[str, Any], *, side: Side) -> OrderType:
    falls = int(row["triggerDirection"]) == FALLS
    is_stop = falls == (side is Side.SELL)
    return OrderType.STOP_MARKET if is_stop else OrderType.TAKE_PROFIT_MARKET
