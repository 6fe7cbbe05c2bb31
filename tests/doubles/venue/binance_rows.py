"""Rows of Binance USD-M as the engine knows them; `fields` trims them to the document."""

from typing import Any

from tests.doubles.venue.dialect import write
from tests.doubles.venue.engine import VenueFill, VenueOrder

STATES = {
    "new": "NEW",
    "partial": "PARTIALLY_FILLED",
    "filled": "FILLED",
    "canceled": "CANCELED",
    "expired": "EXPIRED",
    "rejected": "REJECTED",
}


def plain_row(order: VenueOrder) -> dict[str, Any]:
    return {
        "orderId": order.became_id or order.number,
        "symbol": order.symbol,
        "status": STATES[order.state],
        "clientOrderId": f"web_{order.became_id}" if order.trigger else order.name,
        "price": "0",
        "avgPrice": write(order.average),
        "origQty": write(order.quantity),
        "executedQty": write(order.filled),
        "cumQuote": write(order.cost),
        "timeInForce": "GTC",
        "type": "MARKET",
        "origType": order.kind,
        "reduceOnly": order.is_reduce_only,
        "closePosition": False,
        "side": "BUY" if order.is_buy else "SELL",
        "positionSide": "BOTH",
        "stopPrice": "0",
        "time": order.created_at,
        "updateTime": order.updated_at,
    }


def algo_row(order: VenueOrder) -> dict[str, Any]:
    state = "FINISHED" if order.became_id else STATES[order.state]
    return {
        "algoId": order.number,
        "clientAlgoId": order.name,
        "algoType": "CONDITIONAL",
        "orderType": order.kind,
        "symbol": order.symbol,
        "side": "BUY" if order.is_buy else "SELL",
        "positionSide": "BOTH",
        "quantity": write(order.quantity),
        "algoStatus": state,
        "actualOrderId": str(order.became_id) if order.became_id else "",
        "triggerPrice": write(order.trigger),
        "price": "0",
        "workingType": "MARK_PRICE",
        "closePosition": False,
        "reduceOnly": order.is_reduce_only,
        "createTime": order.created_at,
        "updateTime": order.updated_at,
    }


def trade_row(fill: VenueFill) -> dict[str, Any]:
    return {
        "id": fill.number,
        "orderId": fill.order.became_id or fill.order.number,
        "symbol": fill.order.symbol,
        "side": "BUY" if fill.order.is_buy else "SELL",
        "price": write(fill.price),
        "qty": write(fill.quantity),
        "commission": write(fill.fee_amount),
        "commissionAsset": fill.fee_asset,
        "positionSide": "BOTH",
        "maker": False,
        "time": fill.at,
    }


BRACKETS = [
    {"bracket": 1, "initialLeverage": 100, "notionalCap": 2_000_000, "notionalFloor": 0},
    {"bracket": 2, "initialLeverage": 50, "notionalCap": 4_000_000, "notionalFloor": 2_000_000},
]
EXCHANGE_INFO = {
    "timezone": "UTC",
    "symbols": [
        {
            "symbol": f"{base}USDT", "pair": f"{base}USDT", "contractType": "PERPETUAL",
            "status": "TRADING", "baseAsset": base, "quoteAsset": "USDT", "marginAsset": "USDT",
            "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "4529764",
                 "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "stepSize": "0.001", "maxQty": "1000",
                 "minQty": "0.001"},
                {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "maxQty": "120",
                 "minQty": "0.001"},
                {"filterType": "MIN_NOTIONAL", "notional": "5"},
            ],
        }
        for base in ("BTC", "ETH")
    ],
}  # fmt: skip
