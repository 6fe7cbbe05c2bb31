"""What ccxt does, pinned: when one of these fails, ccxt has changed and an adapter has to be read.

Each case names its place in the venues' facts (VENUES.md). Nothing is sent: the transport is ours.
"""

import json
import logging
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, localcontext
from typing import Any

import ccxt as ccxt_errors
import ccxt.async_support as ccxt
import pytest

import blocks.venues.base.rest_client  # noqa: F401  (importing an adapter quiets ccxt's log)

SYMBOL = "BTC/USDT:USDT"
FAPI = "https://fapi.binance.com/fapi/v1/order"
BYBIT_URL = "https://api.bybit.com/v5/order/create"


class Wire:
    """ccxt's transport: remembers what would be sent, answers what it is told."""

    def __init__(self, exchange: Any, *answers: Any) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.answers = list(answers)
        exchange.fetch = self.fetch

    async def fetch(
        self, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        self.sent.append((method, url, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def build(kind: Any, **options: Any) -> Any:
    exchange = kind({"apiKey": "key", "secret": "secret", "enableRateLimit": False, **options})
    market = exchange.safe_market_structure(
        {
            "id": "BTCUSDT", "symbol": SYMBOL, "base": "BTC", "quote": "USDT", "settle": "USDT",
            "baseId": "BTC", "quoteId": "USDT", "settleId": "USDT", "type": "swap", "swap": True,
            "spot": False, "future": False, "option": False, "contract": True, "linear": True,
            "info": {"orderTypes": ["MARKET", "STOP_MARKET", "TAKE_PROFIT_MARKET"]},
            "inverse": False, "active": True, "contractSize": 1.0,
            "precision": {"amount": 0.001, "price": 0.1},
            "limits": {"amount": {"min": 0.001, "max": 100.0}, "cost": {"min": 100.0}},
        }
    )  # fmt: skip
    exchange.set_markets([market])
    return exchange


BINANCE_CLASSES = {
    "-1000": "OperationFailed", "-1001": "OperationFailed", "-1006": "OperationFailed",
    "-1007": "RequestTimeout", "-1021": "InvalidNonce", "-1015": "RateLimitExceeded",
    "-1003": "RateLimitExceeded", "-4116": "InvalidOrder", "-20132": "BadRequest",
    "-2019": "InsufficientFunds", "-2022": "InvalidOrder", "-4164": "InvalidOrder",
    "-1111": "BadRequest", "-4061": "OperationRejected", "-4120": "InvalidOrder",
    "-2021": "OrderImmediatelyFillable", "-2015": "AuthenticationError", "-4015": "BadRequest",
}  # fmt: skip
BYBIT_CLASSES = {
    "10000": "ExchangeError", "10019": "ExchangeError", "10403": "ExchangeError",
    "10429": "ExchangeError", "429": "ExchangeError", "5004": "ExchangeError",
    "170001": "ExchangeError", "170032": "ExchangeError", "500000": "ExchangeError",
    "3400214": "ExchangeError", "170005": "InvalidOrder", "170146": "InvalidOrder",
    "170007": "RequestTimeout", "10002": "InvalidNonce", "10006": "RateLimitExceeded",
    "10018": "RateLimitExceeded", "10010": "PermissionDenied", "33004": "AuthenticationError",
    "10003": "AuthenticationError", "110072": "InvalidOrder", "170141": "InvalidOrder",
    "10014": "BadRequest", "110043": "BadRequest",
}  # fmt: skip


def explain(place: str, code: str, wanted: str, got: str) -> str:
    return f"VENUES.md {place}: {code} was {wanted} in ccxt 4.5.90, is {got} in {ccxt.__version__}"


def find_class(exchange: Any, *, status: int, url: str, body: Mapping[str, Any]) -> str:
    text = json.dumps(body)
    try:
        exchange.handle_errors(status, "", url, "POST", {}, text, body, {}, "")
    except ccxt_errors.BaseError as error:
        return type(error).__name__
    return "nothing"


@pytest.mark.parametrize(("code", "wanted"), BINANCE_CLASSES.items())
def test_binance_code_has_the_class_of_section_1_3(code: str, wanted: str) -> None:
    exchange = build(ccxt.binanceusdm)
    body = {"code": int(code), "msg": "x"}
    got = find_class(exchange, status=400, url=FAPI, body=body)
    assert got == wanted, explain("1.3", f"Binance {code}", wanted, got)


@pytest.mark.parametrize(("code", "wanted"), BYBIT_CLASSES.items())
def test_bybit_code_has_the_class_of_section_1_3(code: str, wanted: str) -> None:
    exchange = build(ccxt.bybit)
    body = {"retCode": int(code), "retMsg": "x"}
    got = find_class(exchange, status=200, url=BYBIT_URL, body=body)
    assert got == wanted, explain("1.3", f"Bybit {code}", wanted, got)


@pytest.mark.parametrize("status", [418, 429])
def test_binance_bans_are_ddos_protection(status: int) -> None:
    got = find_class(build(ccxt.binanceusdm), status=status, url=FAPI, body={})
    assert got == "DDoSProtection", explain("1.3", str(status), "DDoSProtection", got)


def test_error_tables_of_binance_depend_on_the_host() -> None:
    body = {"code": -2022, "msg": "ReduceOnly Order is rejected."}
    exchange = build(ccxt.binanceusdm)
    here = find_class(exchange, status=400, url=FAPI, body=body)
    there = find_class(exchange, status=400, url="http://127.0.0.1/fapi/v1/order", body=body)
    assert here != there, "VENUES.md 1.3: codes of odd hosts were classed by another table"


def test_a_wrong_clock_is_called_a_network_error() -> None:
    assert issubclass(ccxt_errors.InvalidNonce, ccxt_errors.NetworkError)


def test_a_timeout_is_no_exchange_error_and_a_duplicate_is_no_duplicate() -> None:
    assert not issubclass(ccxt_errors.RequestTimeout, ccxt_errors.ExchangeError)
    assert BINANCE_CLASSES["-4116"] != "DuplicateOrderId"


@pytest.mark.parametrize("kind", [ccxt.binanceusdm, ccxt.bybit])
async def test_an_empty_answer_becomes_an_order_without_an_id(kind: Any) -> None:
    """Finding 3."""
    exchange = build(kind, options={"enableUnifiedAccount": True, "enableUnifiedMargin": False})
    Wire(exchange, {} if kind is ccxt.binanceusdm else {"result": {}})

    order = await exchange.create_order(SYMBOL, "market", "buy", 0.01)

    assert order["id"] is None, "VENUES.md finding 3: an order without an id was returned"


async def test_bybits_lookup_by_client_id_asks_for_an_empty_order_id() -> None:
    """Finding 4."""
    exchange = build(ccxt.bybit, options={"enableUnifiedAccount": True})
    row = {"orderId": "other", "orderLinkId": "other", "symbol": "BTCUSDT"}
    wire = Wire(exchange, {"result": {"list": [row], "category": "linear"}})

    order = await exchange.fetch_order_with_client_order_id("ours", SYMBOL, {"acknowledged": True})

    assert "orderId=&" in f"{wire.sent[-1][1]}&", "VENUES.md finding 4: it sent an empty orderId"
    assert order["clientOrderId"] == "other", "VENUES.md finding 4: any row was taken for ours"


async def test_binance_drops_attached_stops_into_a_plain_order() -> None:
    """Finding 5."""
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"orderId": 1})
    await exchange.create_order(
        SYMBOL, "market", "buy", 0.01, None, {"stopLoss": {"triggerPrice": 99000}}
    )

    (method, url, body) = wire.sent[0]
    assert (method, url) == ("POST", FAPI)
    assert "stopLoss" in body, "VENUES.md finding 5: the stop went along as junk"


async def test_a_stop_goes_to_binances_algo_service() -> None:
    """Finding 6."""
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"algoId": 1})
    await exchange.create_order(
        SYMBOL, "market", "sell", 0.01, None, {"stopLossPrice": 99000, "takeProfitPrice": 102000}
    )

    assert [url.rsplit("/", 1)[-1] for _, url, _ in wire.sent] == ["algoOrder"]
    assert "102000" not in wire.sent[0][2], "VENUES.md finding 5: the target was dropped"


async def test_a_stop_price_alone_does_not_reduce_only_at_binance() -> None:
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"algoId": 1})
    await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"stopLossPrice": 99000})

    assert "reduceOnly=true" not in wire.sent[0][2], "VENUES.md 2: stopLossPrice implied nothing"


async def test_a_plain_cancel_all_leaves_the_algo_orders() -> None:
    """Finding 6."""
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"code": 200})
    await exchange.cancel_all_orders(SYMBOL)

    assert not any("algo" in url for _, url, _ in wire.sent), "VENUES.md finding 6"


@pytest.mark.parametrize(("option", "posts"), [({}, 1), ({"maxRetriesOnFailure": 3}, 4)])
async def test_retries_on_failure_repeat_writes(option: dict[str, int], posts: int) -> None:
    exchange = build(ccxt.binanceusdm, options=option)
    wire = Wire(exchange, ccxt_errors.RequestTimeout("x"))

    with pytest.raises(ccxt_errors.RequestTimeout):
        await exchange.fapiPrivatePostOrder({"symbol": "BTCUSDT", "newClientOrderId": "q1"})

    assert len(wire.sent) == posts, "VENUES.md 1.3: value 3 gave 4 posts, none gave 1"


def test_amounts_are_cut_and_prices_rounded_to_the_nearest() -> None:
    exchange = build(ccxt.binanceusdm)
    with localcontext() as context:
        assert exchange.amount_to_precision(SYMBOL, 0.0019) == "0.001"
        assert float(exchange.price_to_precision(SYMBOL, 50000.07)) == 50000.1
        with pytest.raises(ccxt_errors.InvalidOrder):
            exchange.amount_to_precision(SYMBOL, 0.0004)
        assert context.rounding == ROUND_HALF_UP, "it leaves its own rounding in our context"


async def test_limits_are_loaded_and_not_enforced() -> None:
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"orderId": 1})
    await exchange.create_order(SYMBOL, "market", "buy", 5000)

    assert len(wire.sent) == 1, "VENUES.md 2: 5000 BTC above the maximum were sent"


async def test_a_name_of_forty_characters_is_sent_as_it_is() -> None:
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"orderId": 1})
    await exchange.fapiPrivatePostOrder({"symbol": "BTCUSDT", "newClientOrderId": "q" * 40})

    assert f"newClientOrderId={'q' * 40}" in wire.sent[0][2], "VENUES.md 1.2"


async def test_an_order_without_our_name_gets_a_brokers() -> None:
    exchange = build(ccxt.binanceusdm)
    wire = Wire(exchange, {"orderId": 1})
    await exchange.fapiPrivatePostOrder({"symbol": "BTCUSDT"})

    assert "newClientOrderId=" in wire.sent[0][2]


def test_binances_receive_window_is_twice_what_the_venue_advises() -> None:
    assert build(ccxt.binanceusdm).options["recvWindow"] == 10_000, "VENUES.md 1.3"
    assert build(ccxt.bybit).options["recvWindow"] == 5_000, "VENUES.md 1.3"


def test_clocks_are_not_adjusted_by_themselves() -> None:
    assert build(ccxt.binanceusdm).options["adjustForTimeDifference"] is False
    assert build(ccxt.bybit).options["adjustForTimeDifference"] is False


def test_the_throttle_belongs_to_the_instance() -> None:
    """Finding 10."""
    one, other = ccxt.binanceusdm(), ccxt.binanceusdm()
    assert one.throttler is not other.throttler


def test_the_debug_log_and_the_last_request_hold_the_key() -> None:
    """Finding 9: why our logger never goes to DEBUG."""
    signed = build(ccxt.binanceusdm).sign("order", ["fapiPrivate"], "POST", {"symbol": "X"})
    assert signed["headers"]["X-MBX-APIKEY"] == "key"
    assert logging.getLogger("ccxt").level >= logging.INFO


def test_a_combined_stop_and_target_is_offered_by_bybit_only() -> None:
    name = "createOrderWithTakeProfitAndStopLoss"
    assert not ccxt.binanceusdm().has[name]
    assert ccxt.bybit().has[name]


def test_leverage_not_modified_is_raised_as_an_error() -> None:
    assert BYBIT_CLASSES["110043"] == "BadRequest"


async def test_a_conditional_order_at_bybit_needs_a_direction() -> None:
    exchange = build(ccxt.bybit, options={"enableUnifiedAccount": True})
    Wire(exchange, {"result": {}})
    with pytest.raises(ccxt_errors.ArgumentsRequired):
        await exchange.create_order(SYMBOL, "market", "sell", 0.01, None, {"triggerPrice": 99000})
