"""The fields of each answer, as data: always there, there sometimes, and never there.

endpoint's full row -> trim(row, fields, random) -> a row that is as poor as the document

Sources, read 2026-11-30:
- Binance: github.com/binance/binance-connector-python, USD-M futures client 17.2.0 (2026-08-19),
  response models and change log. Every field there is optional; ALWAYS holds the identity, state
  and quantities of a row, without which the row says nothing. 14.0.0 (2026-06-10): the answers of
  POST, PUT and DELETE /fapi/v1/order lost `avgPrice` and `cumQuote`. 17.0.0 (2026-08-07): trades
  gained `pair`, `baseQty`, `marginAsset`.
- Bybit: github.com/bybit-exchange/docs, docs/v5, edition of 2026-07-24. `avgPrice`, `leverage`
  and the margins of a coin may be empty texts; demo has no /v5/user/* (docs/v5/demo.mdx).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

BINANCE_DATE, BYBIT_DATE = "2026-08-19", "2026-07-24"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """
    One endpoint's row.

    Attributes:
        sometimes: by name, with a value for a field that the engine does not know.
        empty: fields that are there, and sometimes an empty text.
    """

    always: frozenset[str]
    sometimes: Mapping[str, Any]
    empty: frozenset[str] = frozenset()


def _fields(always: str, sometimes: Mapping[str, Any], empty: str = "") -> Fields:
    return Fields(
        always=frozenset(always.split()), sometimes=sometimes, empty=frozenset(empty.split())
    )


_ORDER_EXTRAS = {
    "price": "0", "stopPrice": "0", "timeInForce": "GTC", "type": "MARKET", "origType": None,
    "reduceOnly": None, "closePosition": False, "positionSide": "BOTH",
    "workingType": "CONTRACT_PRICE", "priceProtect": False, "priceMatch": "NONE",
    "selfTradePreventionMode": "NONE", "goodTillDate": 0, "updateTime": None,
}  # fmt: skip
_ORDER = "orderId symbol status clientOrderId origQty executedQty side"
_ALGO = "algoId clientAlgoId orderType symbol side quantity algoStatus triggerPrice"
_ALGO_EXTRAS = {
    "algoType": "CONDITIONAL", "positionSide": "BOTH", "timeInForce": "GTC", "price": "0",
    "icebergQuantity": None, "selfTradePreventionMode": "NONE", "workingType": "MARK_PRICE",
    "priceMatch": "NONE", "closePosition": False, "priceProtect": False, "reduceOnly": None,
    "createTime": None, "updateTime": None, "triggerTime": 0, "goodTillDate": 0,
}  # fmt: skip
_ALGO_READ = {**_ALGO_EXTRAS, "actualPrice": "0", "actualQty": "0", "tpOrderType": ""}

BINANCE: dict[str, Fields] = {
    "POST /fapi/v1/order": _fields(_ORDER, {**_ORDER_EXTRAS, "cumQty": "0"}),
    "GET /fapi/v1/order": _fields(
        f"{_ORDER} time", {**_ORDER_EXTRAS, "avgPrice": None, "cumQuote": None}
    ),
    "GET /fapi/v1/openOrders": _fields(
        f"{_ORDER} time", {**_ORDER_EXTRAS, "avgPrice": None, "cumQuote": None}
    ),
    "POST /fapi/v1/algoOrder": _fields(_ALGO, _ALGO_EXTRAS),
    "GET /fapi/v1/algoOrder": _fields(f"{_ALGO} actualOrderId", _ALGO_READ),
    "GET /fapi/v1/openAlgoOrders": _fields(f"{_ALGO} actualOrderId", _ALGO_READ),
    "GET /fapi/v1/allAlgoOrders": _fields(f"{_ALGO} actualOrderId", _ALGO_READ),
    "GET /fapi/v1/userTrades": _fields(
        "id orderId symbol side price qty commission commissionAsset time",
        {"positionSide": "BOTH", "maker": False, "buyer": None, "quoteQty": "0", "baseQty": "0",
         "marginAsset": "USDT", "realizedPnl": "0", "pair": "BTCUSDT"},
    ),
    "GET /fapi/v1/income": _fields(
        "symbol incomeType income asset time tranId", {"tradeId": "", "info": ""}
    ),
    "GET /fapi/v1/symbolConfig": _fields(
        "symbol marginType leverage", {"isAutoAddMargin": False, "maxNotionalValue": "1000000"}
    ),
    "GET /fapi/v1/commissionRate": _fields(
        "symbol makerCommissionRate takerCommissionRate", {"rpiCommissionRate": "0.00005"}
    ),
    "GET /fapi/v2/positionRisk": _fields(
        "symbol positionAmt entryPrice",
        {"positionSide": "BOTH", "breakEvenPrice": "0", "marginType": "isolated",
         "isAutoAddMargin": "false", "isolatedMargin": "0", "leverage": None, "markPrice": None,
         "liquidationPrice": "0", "maxNotionalValue": "1000000", "notional": "0",
         "isolatedWallet": "0", "unRealizedProfit": "0", "updateTime": None},
    ),
}  # fmt: skip

_BYBIT_ORDER = _fields(
    "orderId orderLinkId symbol side orderStatus qty cumExecQty avgPrice triggerPrice "
    "triggerDirection reduceOnly",
    {"orderType": "Market", "price": "0", "createdTime": None, "updatedTime": None,
     "positionIdx": 0, "leavesQty": "", "leavesValue": "", "cumExecValue": "0",
     "cumExecFee": "0", "timeInForce": "IOC", "stopOrderType": "", "triggerBy": "MarkPrice",
     "closeOnTrigger": False, "rejectReason": "EC_NoError", "cancelType": "UNKNOWN",
     "createType": "CreateByUser", "smpType": "None", "cumFeeDetail": {}},
)  # fmt: skip
BYBIT: dict[str, Fields] = {
    "GET /v5/order/realtime": _BYBIT_ORDER,
    "GET /v5/order/history": _BYBIT_ORDER,
    "GET /v5/execution/list": _fields(
        "execId orderId orderLinkId symbol side execType execPrice execQty execFee execTime",
        {"feeCurrency": "USDT", "orderPrice": "0", "orderQty": "0", "leavesQty": "0",
         "orderType": "Market", "stopOrderType": "UNKNOWN", "isMaker": False, "feeRate": "0",
         "execValue": "0", "markPrice": "0", "closedSize": "", "seq": 1, "extraFees": ""},
    ),
    "GET /v5/account/fee-rate": _fields("symbol takerFeeRate makerFeeRate", {}),
    "GET /v5/position/list": _fields(
        "positionIdx symbol side size avgPrice leverage",
        {"riskId": 1, "riskLimitValue": "", "positionValue": "", "autoAddMargin": 0,
         "positionStatus": "Normal", "markPrice": None, "liqPrice": "", "positionIM": "",
         "positionMM": "", "takeProfit": "", "stopLoss": "", "unrealisedPnl": "",
         "createdTime": None, "updatedTime": None, "openTime": None, "seq": 1,
         "isReduceOnly": False, "adlRankIndicator": 0},
        empty="leverage",
    ),
}  # fmt: skip


def trim(row: dict[str, Any], fields: Fields, random: Random) -> dict[str, Any]:
    """
    The row with every field of ALWAYS and each field of SOMETIMES with even odds.

    Raises:
        AssertionError: when the engine has no value for a field that is always there, or shows
            one that the document does not know.
    """
    unknown = row.keys() - fields.always - fields.sometimes.keys()
    missing = fields.always - row.keys()
    assert not unknown, f"not documented: {unknown}"
    assert not missing, f"always there: {missing}"
    trimmed = {name: row[name] for name in row if name in fields.always}
    for name, filler in fields.sometimes.items():
        value = row.get(name, filler)
        if value is not None and random.random() < 0.5:
            trimmed[name] = value
    for name in fields.empty:
        if random.random() < 0.25:
            trimmed[name] = ""
    return trimmed


def trim_answer(body: Any, fields: Fields, random: Random) -> Any:
    """A row, or a list of rows, trimmed."""
    if isinstance(body, list):
        return [trim(row, fields, random) for row in body]
    return trim(body, fields, random)
