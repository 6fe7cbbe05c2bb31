"""Rows of a Binance USD-M account as values.

plain orders, algo orders, trades, income, positions -> Order, Fill, FundingPayment, Position

A row needs identity, side, state and quantities; every other field is optional, because the
document promises no other field (since 2026-06-10 the answer of POST, PUT and DELETE carries no
`avgPrice` and `cumQuote`). Conditional orders live in a separate service with separate ids and
states (VENUES.md, finding 6). An unlisted state or side raises, and the row is unreadable.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from blocks.venues.base.parsing import (
    has_number,
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
from trading.domain.units import (
    ZERO,
    ClientOrderId,
    Pair,
    PositionSide,
    Side,
    VenueName,
    require_positive,
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
_ALGO_STATUSES = {
    "NEW": OrderStatus.ACCEPTED,
    "TRIGGERING": OrderStatus.ACCEPTED,
    # The trigger is over: without the engine's order nothing rests and nothing protects.
    "TRIGGERED": OrderStatus.EXPIRED,
    "FINISHED": OrderStatus.EXPIRED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}
_EPOCH = parse_instant(0)


def parse_plain(row: Mapping[str, Any], *, pair: Pair) -> Order:
    """An order of the matching engine; conditional types are triggered algo orders."""
    name = require_text(row["clientOrderId"])
    filled = to_decimal(row["executedQty"])
    quote = read_number(row, "cumQuote")
    average = read_number(row, "avgPrice", default=quote / filled if filled else ZERO)
    updated_at = read_instant(row, "updateTime", "time", default=_EPOCH)
    return Order(
        venue=VenueName.BINANCE,
        pair=pair,
        client_order_id=ClientOrderId(name),
        venue_order_id=_read_id(row["orderId"]),
        side=_SIDE_OF[row["side"]],
        order_type=_ALGO_TYPE_OF.get(str(row.get("origType")), OrderType.MARKET),
        status=_STATUSES[row["status"]],
        quantity=to_decimal(row["origQty"]),
        filled_quantity=filled,
        reduce_only=read_flag(row, "reduceOnly", default=False),
        created_at=read_instant(row, "time", default=updated_at),
        updated_at=updated_at,
        average_fill_price=average if average > 0 else None,
    )


def parse_algo(
    row: Mapping[str, Any], *, pair: Pair, became: Mapping[str, Any] | None = None
) -> Order:
    """A conditional order; `became` is the engine's order after the trigger, None before."""
    status, filled, average = _ALGO_STATUSES[row["algoStatus"]], ZERO, None
    if became is not None:
        executed = parse_plain(became, pair=pair)
        status, filled = executed.status, executed.filled_quantity
        average = executed.average_fill_price
    name = require_text(row["clientAlgoId"])
    updated_at = read_instant(row, "updateTime", "createTime", default=_EPOCH)
    reduces = read_flag(row, "reduceOnly", default=is_our_name(name))  # ours always reduce
    return Order(
        venue=VenueName.BINANCE,
        pair=pair,
        client_order_id=ClientOrderId(name),
        venue_order_id=_read_id(row["algoId"]),
        side=_SIDE_OF[row["side"]],
        order_type=_ALGO_TYPE_OF[row["orderType"]],
        status=status,
        quantity=to_decimal(row["quantity"]),
        filled_quantity=filled,
        reduce_only=reduces or read_flag(row, "closePosition", default=False),
        created_at=read_instant(row, "createTime", default=updated_at),
        updated_at=updated_at,
        average_fill_price=average,
        trigger_price=read_number(row, "triggerPrice") or None,
    )


def find_actual_id(row: Mapping[str, Any]) -> str:
    """The engine's id of a triggered algo order, "" before the trigger."""
    actual = str(row.get("actualOrderId") or "")
    return "" if actual == "0" else actual


def parse_fill(
    row: Mapping[str, Any],
    *,
    pair: Pair,
    client_order_id: ClientOrderId | None,
    prices: Mapping[str, Decimal],
    fee_rate: Decimal,
) -> Fill:
    """
    Parse a trade; the caller knows our name for the order, the row does not.

    Args:
        prices: quote units of one unit of each fee asset.
        fee_rate: for the estimate of a fee in an asset without a price, and of an unreadable fee.
    """
    quantity, price = to_decimal(row["qty"]), to_decimal(row["price"])
    amount = read_number(row, "commission")
    asset = read_asset(row, "commissionAsset", default=pair.quote)
    is_quote = asset == pair.quote
    rate = Decimal(1) if is_quote else prices.get(asset)
    is_told = rate is not None and has_number(row, "commission")
    fee = amount * rate if rate is not None and is_told else quantity * price * fee_rate
    name = client_order_id or ""
    return Fill(
        venue=VenueName.BINANCE,
        pair=pair,
        trade_id=_read_id(row["id"]),
        client_order_id=client_order_id,
        venue_order_id=_read_id(row["orderId"]),
        side=_SIDE_OF[row["side"]],
        fill_price=price,
        quantity=quantity,
        fee=fee,
        filled_at=parse_instant(row["time"]),
        is_liquidation=name.startswith(LIQUIDATION_PREFIXES),
        fee_asset=None if is_quote else asset[:20],
        fee_amount=None if is_quote else amount,
    )


ESTIMATED_FEE_RATE = Decimal("0.0005")
"""Taker rate of a new account, binance.com/en/fee/futureFee: no account pays more."""


def parse_payment(row: Mapping[str, Any], *, pair: Pair) -> FundingPayment:
    """Income is positive when we receive; a payment is positive when we pay."""
    return FundingPayment(
        pair=pair,
        payment_id=f"binance-{_read_id(row['tranId'])}-{row['symbol']}",
        amount=-to_decimal(row["income"]),
        paid_at=parse_instant(row["time"]),
    )


def parse_position(
    row: Mapping[str, Any], *, pair: Pair, as_of: datetime, leverage: Decimal
) -> Position | None:
    """
    An open position in one-way mode, None for a flat position; only the amount is needed.

    Args:
        as_of, leverage: taken when the row carries no opening time, no leverage.
    """
    amount = to_decimal(row["positionAmt"])
    if not amount:
        return None
    if row.get("positionSide", "BOTH") != "BOTH":
        raise ValueError("a position of hedge mode")
    shown = read_number(row, "leverage", default=leverage)
    return Position(
        venue=VenueName.BINANCE,
        pair=pair,
        side=PositionSide.LONG if amount > 0 else PositionSide.SHORT,
        quantity=abs(amount),
        average_entry_price=max(read_number(row, "entryPrice", "markPrice"), ZERO),
        opened_at=read_instant(row, "updateTime", default=as_of),
        leverage=shown if shown > 0 else leverage,
    )


def _read_id(value: object) -> str:
    """A venue's id as text. Raises ValueError for none."""
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not value:
        raise ValueError("no id")
    require_positive(id=Decimal(int(value)))
    return str(value)
