"""What Binance USD-M writes about an account, as values.

plain orders, algo orders, trades, income, positions -> Order, Fill, FundingPayment, Position

Conditional orders live in a service of their own with ids and states of their own (VENUES.md,
finding 6). A state that is not listed raises, and the caller says that it does not know.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from blocks.venues.base.parsing import parse_instant
from trading.domain.orders import Fill, Order, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import (
    ZERO,
    ClientOrderId,
    Pair,
    PositionSide,
    Side,
    VenueName,
    to_decimal,
)
from trading.ports import FundingPayment

PLAIN_TYPES = {OrderType.MARKET: "MARKET"}
ALGO_TYPES = {
    OrderType.STOP_MARKET: "STOP_MARKET",
    OrderType.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
}
SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
LIQUIDATION_PREFIXES = ("autoclose-", "adl_autoclose")

_SIDE_OF = {text: side for side, text in SIDES.items()}
_ALGO_TYPE_OF = {text: kind for kind, text in ALGO_TYPES.items()}
_STATUSES = {
    "NEW": OrderStatus.ACCEPTED,
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}
# TRIGGERED and FINISHED say nothing of the fill: the order that it became does.
_ALGO_STATUSES = {
    "NEW": OrderStatus.ACCEPTED,
    "TRIGGERING": OrderStatus.ACCEPTED,
    "TRIGGERED": OrderStatus.ACCEPTED,
    "FINISHED": OrderStatus.ACCEPTED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}


def parse_plain(row: Mapping[str, Any], *, pair: Pair) -> Order:
    """An order of the matching engine; conditional types are what algo orders became."""
    average = to_decimal(row["avgPrice"])
    return Order(
        venue=VenueName.BINANCE,
        pair=pair,
        client_order_id=ClientOrderId(row["clientOrderId"]),
        venue_order_id=str(row["orderId"]),
        side=_SIDE_OF[row["side"]],
        order_type=_ALGO_TYPE_OF.get(row["origType"], OrderType.MARKET),
        status=_STATUSES[row["status"]],
        quantity=to_decimal(row["origQty"]),
        filled_quantity=to_decimal(row["executedQty"]),
        reduce_only=row["reduceOnly"],
        created_at=parse_instant(row.get("time", row["updateTime"])),
        updated_at=parse_instant(row["updateTime"]),
        average_fill_price=average if average > 0 else None,
    )


def parse_algo(
    row: Mapping[str, Any], *, pair: Pair, became: Mapping[str, Any] | None = None
) -> Order:
    """A conditional order; `became` is the engine's order after its trigger, None before."""
    status, filled, average = _ALGO_STATUSES[row["algoStatus"]], ZERO, None
    if became is not None:
        executed = parse_plain(became, pair=pair)
        status, filled = executed.status, executed.filled_quantity
        average = executed.average_fill_price
    return Order(
        venue=VenueName.BINANCE,
        pair=pair,
        client_order_id=ClientOrderId(row["clientAlgoId"]),
        venue_order_id=str(row["algoId"]),
        side=_SIDE_OF[row["side"]],
        order_type=_ALGO_TYPE_OF[row["orderType"]],
        status=status,
        quantity=to_decimal(row["quantity"]),
        filled_quantity=filled,
        reduce_only=row["reduceOnly"] or row["closePosition"],
        created_at=parse_instant(row["createTime"]),
        updated_at=parse_instant(row["updateTime"]),
        average_fill_price=average,
        trigger_price=to_decimal(row["triggerPrice"]),
    )


def find_actual_id(row: Mapping[str, Any]) -> str:
    """The engine's id of what an algo order became, "" before its trigger."""
    actual = str(row.get("actualOrderId") or "")
    return "" if actual == "0" else actual


def parse_fill(
    row: Mapping[str, Any], *, pair: Pair, client_order_id: ClientOrderId | None
) -> Fill:
    """One trade; it does not carry our name for the order, the caller does."""
    if row["commissionAsset"] != pair.quote:
        raise ValueError("a fee in another currency than the pair's quote")
    name = client_order_id or ""
    return Fill(
        venue=VenueName.BINANCE,
        pair=pair,
        trade_id=str(row["id"]),
        client_order_id=client_order_id,
        venue_order_id=str(row["orderId"]),
        side=_SIDE_OF[row["side"]],
        fill_price=to_decimal(row["price"]),
        quantity=to_decimal(row["qty"]),
        fee=to_decimal(row["commission"]),
        filled_at=parse_instant(row["time"]),
        is_liquidation=name.startswith(LIQUIDATION_PREFIXES),
    )


def parse_payment(row: Mapping[str, Any], *, pair: Pair) -> FundingPayment:
    """Income is positive when we receive; a payment is positive when we pay."""
    return FundingPayment(
        pair=pair,
        payment_id=f"binance-{row['tranId']}-{row['symbol']}",
        amount=-to_decimal(row["income"]),
        paid_at=parse_instant(row["time"]),
    )


def parse_position(row: Mapping[str, Any], *, pair: Pair) -> Position:
    """An open position in one-way mode."""
    amount: Decimal = to_decimal(row["positionAmt"])
    if row["positionSide"] != "BOTH":
        raise ValueError("a position of hedge mode")
    return Position(
        venue=VenueName.BINANCE,
        pair=pair,
        side=PositionSide.LONG if amount > 0 else PositionSide.SHORT,
        quantity=abs(amount),
        average_entry_price=to_decimal(row["entryPrice"]),
        opened_at=parse_instant(row["updateTime"]),
        leverage=to_decimal(row["leverage"]),
    )
