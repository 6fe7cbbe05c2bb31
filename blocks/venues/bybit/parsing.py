"""Rows of a Bybit v5 linear account as values.

orders, executions, positions -> Order, Fill, FundingPayment, Position

A row needs identity, side, state and quantities; every other field is optional (documents of
2026-07-24: `avgPrice` and `leverage` may be empty, a flat position has no side). An unlisted state
or side raises, and the row is unreadable.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from blocks.venues.base.parsing import (
    is_our_name,
    parse_instant,
    read_asset,
    read_flag,
    read_instant,
    read_number,
    require_text,
)
from trading.domain.orders import Fill, Order, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, PositionSide, Side, VenueName, to_decimal
from trading.ports import FundingPayment

SIDES = {Side.BUY: "Buy", Side.SELL: "Sell"}
RISES, FALLS = 1, 2
"""`triggerDirection`: the price rises, or falls, to the trigger."""

TRADES = frozenset({"Trade", "AdlTrade", "BustTrade", "Settle", "Delivery"})
FORCED = frozenset({"AdlTrade", "BustTrade"})
FUNDING = "Funding"
_OTHERS = frozenset({FUNDING, "BlockTrade", "MovePosition", "FutureSpread", "CorporateAction"})
"""Executions that no order of ours causes (enums of v5, 2026-07-24)."""

_EPOCH = parse_instant(0)
_POSITION_SIDES = {"Buy": PositionSide.LONG, "Sell": PositionSide.SHORT}
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
    """A resting or finished order; a trigger price marks a conditional order."""
    name = row.get("orderLinkId")
    filled = read_number(row, "cumExecQty")
    average = read_number(row, "avgPrice")
    trigger = read_number(row, "triggerPrice")
    side = _SIDE_OF[row["side"]]
    updated_at = read_instant(row, "updatedTime", "createdTime", default=_EPOCH)
    reduces = trigger > 0 and is_our_name(name)  # our conditional orders always reduce
    return Order(
        venue=VenueName.BYBIT,
        pair=pair,
        client_order_id=ClientOrderId(name) if isinstance(name, str) and name else None,
        venue_order_id=require_text(row["orderId"]),
        side=side,
        order_type=_find_type(row, side=side) if trigger > 0 else OrderType.MARKET,
        status=_STATUSES[row["orderStatus"]],
        quantity=to_decimal(row["qty"]),
        filled_quantity=filled,
        reduce_only=read_flag(row, "reduceOnly", default=reduces),
        created_at=read_instant(row, "createdTime", default=updated_at),
        updated_at=updated_at,
        average_fill_price=average if average > 0 else None,
        trigger_price=trigger if trigger > 0 else None,
    )


def is_trade(row: Mapping[str, Any]) -> bool:
    """Whether an execution may be of an order. Raises ValueError for an unlisted kind."""
    kind = row["execType"]
    if kind not in TRADES | _OTHERS:
        raise ValueError("an unlisted kind of execution")
    return kind in TRADES


def parse_fill(row: Mapping[str, Any], *, pair: Pair, fee_rate: Decimal) -> Fill:
    """
    Parse an execution; a forced execution carries no name of ours.

    The fee of a linear contract is paid in the quote; a missing fee is estimated at `fee_rate`.
    """
    name = row.get("orderLinkId")
    price, quantity = to_decimal(row["execPrice"]), to_decimal(row["execQty"])
    asset = read_asset(row, "feeCurrency", default=pair.quote)
    estimate = quantity * price * fee_rate
    is_quote = asset == pair.quote
    return Fill(
        venue=VenueName.BYBIT,
        pair=pair,
        trade_id=require_text(row["execId"]),
        client_order_id=ClientOrderId(name) if isinstance(name, str) and name else None,
        venue_order_id=require_text(row["orderId"]),
        side=_SIDE_OF[row["side"]],
        fill_price=price,
        quantity=quantity,
        fee=read_number(row, "execFee", default=estimate) if is_quote else estimate,
        filled_at=parse_instant(row["execTime"]),
        is_liquidation=row["execType"] in FORCED,
        fee_asset=None if is_quote else asset[:20],
        fee_amount=None if is_quote else read_number(row, "execFee"),
    )


ESTIMATED_FEE_RATE = Decimal("0.00055")
"""Taker rate of a new account, bybit.com/en/help-center, trading fee structure: the estimate where
the account's own rate can't be read either."""


def parse_payment(row: Mapping[str, Any], *, pair: Pair) -> FundingPayment:
    """`execFee` of a settlement is positive when we pay."""
    return FundingPayment(
        pair=pair,
        payment_id=require_text(row["execId"]),
        amount=to_decimal(row["execFee"]),
        paid_at=parse_instant(row["execTime"]),
    )


def parse_position(
    row: Mapping[str, Any], *, pair: Pair, as_of: datetime, leverage: Decimal
) -> Position | None:
    """
    An open position in one-way mode, None for a flat position; only size and side are needed.

    Args:
        as_of, leverage: taken when the row carries no opening time, no leverage.
    """
    size = to_decimal(row["size"])
    if not size:
        return None
    if int(row.get("positionIdx", 0)) != 0:
        raise ValueError("a position of hedge mode")
    shown = read_number(row, "leverage", default=leverage)
    return Position(
        venue=VenueName.BYBIT,
        pair=pair,
        side=_POSITION_SIDES[row["side"]],
        quantity=size,
        average_entry_price=max(read_number(row, "avgPrice", "markPrice"), Decimal(0)),
        opened_at=read_instant(row, "openTime", "createdTime", default=as_of),
        leverage=shown if shown > 0 else leverage,
    )


def _find_type(row: Mapping[str, Any], *, side: Side) -> OrderType:
    falls = int(row["triggerDirection"]) == FALLS
    is_stop = falls == (side is Side.SELL)
    return OrderType.STOP_MARKET if is_stop else OrderType.TAKE_PROFIT_MARKET
