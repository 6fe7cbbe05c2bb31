"""Binance USD-M's REST dialect: /fapi, the algo-order service, a key's rights under /sapi."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from tests.doubles.venue.binance_rows import (
    BRACKETS,
    EXCHANGE_INFO,
    algo_row,
    plain_row,
    trade_row,
)
from tests.doubles.venue.dialect import Asked, Counter, Reply, sign, write
from tests.doubles.venue.engine import (
    DAY_MS,
    Account,
    Engine,
    Refusal,
    RefusedError,
    VenueOrder,
)
from tests.doubles.venue.fields import BINANCE as FIELDS
from tests.doubles.venue.fields import trim_answer
from tests.doubles.venue.tape import Tape
from tests.doubles.venue_public import PublicVenue

CODES = {
    Refusal.MARGIN: (-2019, "Margin is insufficient."),
    Refusal.NOTHING_TO_REDUCE: (-2022, "ReduceOnly Order is rejected."),
    Refusal.NOTIONAL: (-4164, "Order's notional must be no smaller than 5."),
    Refusal.OFF_STEP: (-1111, "Precision is over the maximum defined for this asset."),
    Refusal.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Refusal.NOT_FOUND: (-2013, "Order does not exist."),
}
WEIGHTS = {
    "/fapi/v1/positionSide/dual": 30,
    "/fapi/v1/income": 30,
    "/fapi/v1/userTrades": 5,
    "/fapi/v1/allAlgoOrders": 5,
    "/fapi/v1/symbolConfig": 5,
    "/fapi/v2/positionRisk": 5,
    "/fapi/v3/account": 5,
}
UNFILLED_MS, FILLED_MS, TRADES_MS = 3 * DAY_MS, 90 * DAY_MS, 90 * DAY_MS
"""How long a finished order without and with fills, and a trade, is shown."""

type Handler = Callable[[Account, Mapping[str, str]], Any]


class VenueError(Exception):
    """A code and a message."""


@dataclass(slots=True, kw_only=True)
class BinanceDialect:
    """
    Binance's words for the engine.

    Attributes:
        skew_ms: the venue's clock minus the engine's.
        tape: a recording that answers public questions; without one the market stands still.
    """

    engine: Engine
    skew_ms: int = 0
    tape: Tape | None = None
    counter: Counter = field(default_factory=lambda: Counter(2400, 60_000))
    random: Random = field(default_factory=lambda: Random(1))

    @property
    def now_ms(self) -> int:
        """The venue's clock."""
        return self.engine.clock.ms + self.skew_ms

    def read_name(self, asked: Asked) -> str:
        """Our name for the order in a POST, "" for another one."""
        parameters = asked.parameters
        return parameters.get("newClientOrderId") or parameters.get("clientAlgoId", "")

    def limit(self, asked: Asked) -> Reply | None:
        """A refusal for too many questions."""
        was_blocked = self.engine.clock.ms < self.counter.blocked_until
        wait = self.counter.take(WEIGHTS.get(asked.path, 1), now_ms=self.engine.clock.ms)
        if not wait:
            return None
        return Reply(
            status=418 if was_blocked else 429,
            body='{"code":-1003,"msg":"Too many requests."}',
            headers={"Retry-After": str(-(-wait // 1000))},
            is_repeated=was_blocked,
        )

    def answer(self, asked: Asked) -> Reply:
        """Do what was asked."""
        headers = {"X-MBX-USED-WEIGHT-1M": str(self.counter.used)}
        try:
            body = self._dispatch(asked)
        except VenueError as error:
            code, text = error.args
            return Reply(status=400, body=json.dumps({"code": code, "msg": text}), headers=headers)
        except RefusedError as refused:
            code, text = _code_of(refused.why, asked)
            return Reply(status=400, body=json.dumps({"code": code, "msg": text}), headers=headers)
        return Reply(body=json.dumps(body), headers=headers)

    def _dispatch(self, asked: Asked) -> Any:
        if asked.path == "/fapi/v1/time":
            return {"serverTime": self.now_ms}
        handler = self._handlers().get(f"{asked.method} {asked.path}")
        if handler is None:
            return self._public(asked)
        body = handler(self._check(asked), asked.parameters)
        fields = FIELDS.get(f"{asked.method} {asked.path}")
        return body if fields is None else trim_answer(body, fields, self.random)

    def _handlers(self) -> dict[str, Handler]:
        return {
            "POST /fapi/v1/order": self._place,
            "GET /fapi/v1/order": self._show,
            "GET /fapi/v1/openOrders": self._list_open,
            "POST /fapi/v1/algoOrder": self._place_algo,
            "GET /fapi/v1/algoOrder": self._show_algo,
            "DELETE /fapi/v1/algoOrder": self._cancel_algo,
            "GET /fapi/v1/openAlgoOrders": self._list_algo,
            "GET /fapi/v1/allAlgoOrders": self._list_all_algo,
            "GET /fapi/v1/userTrades": self._list_trades,
            "GET /fapi/v1/income": self._list_income,
            "GET /fapi/v1/positionSide/dual": lambda a, _: {"dualSidePosition": a.is_hedged},
            "GET /fapi/v1/multiAssetsMargin": lambda a, _: {"multiAssetsMargin": a.is_multi},
            "POST /fapi/v1/marginType": self._set_margin_type,
            "GET /fapi/v1/symbolConfig": self._show_config,
            "GET /fapi/v1/commissionRate": lambda a, asked: {
                "symbol": asked["symbol"],
                "makerCommissionRate": "0.0002",
                "takerCommissionRate": str(a.taker_rate),
            },
            "GET /fapi/v1/leverageBracket": lambda _, asked: [
                {"symbol": asked["symbol"], "brackets": BRACKETS}
            ],
            "POST /fapi/v1/leverage": self._set_leverage,
            "GET /fapi/v2/positionRisk": self._list_positions,
            "GET /fapi/v3/account": self._show_account,
            "GET /sapi/v1/account/apiRestrictions": self._show_rights,
            "POST /sapi/v1/asset/transfer": self._move,
            "GET /sapi/v1/asset/transfer": self._list_moved,
        }

    def _check(self, asked: Asked) -> Account:
        account = self.engine.accounts.get(asked.headers.get("X-MBX-APIKEY", ""))
        if account is None:
            raise VenueError(-2015, "Invalid API-key, IP, or permissions for action.")
        signed = asked.body if asked.method == "POST" else asked.query
        text, _, signature = signed.rpartition("&signature=")
        if sign(account.secret, text) != signature:
            raise VenueError(-1022, "Signature for this request is not valid.")
        at = int(asked.parameters["timestamp"])
        window = int(asked.parameters["recvWindow"])
        if not self.now_ms - window <= at < self.now_ms + 1000:
            raise VenueError(-1021, "Timestamp for this request is outside of the recvWindow.")
        return account

    def _public(self, asked: Asked) -> Any:
        path = asked.path.removeprefix("/fapi/v1")
        if self.tape is not None:
            return self.tape.answer_binance(path, asked.parameters)
        if path == "/exchangeInfo":
            return EXCHANGE_INFO
        answer = PublicVenue(now_ms=self.now_ms)._answer_binance(path, asked.parameters)
        price = write(self.engine.price_of(asked.parameters.get("symbol", "BTCUSDT")))
        for name in ("price", "markPrice"):
            if isinstance(answer, dict) and name in answer:
                answer[name] = price
        return answer

    def _place(self, account: Account, asked: Mapping[str, str]) -> Any:
        if asked["type"] != "MARKET":
            raise VenueError(-4120, "Order type not supported for this endpoint.")
        order = self.engine.place(account, _read(asked, name=asked["newClientOrderId"]))
        answer = plain_row(order)
        for name in ("avgPrice", "cumQuote", "time"):  # reads have them, writes since 2026-06 not
            del answer[name]
        return answer

    def _show(self, account: Account, asked: Mapping[str, str]) -> Any:
        name, number = asked.get("origClientOrderId"), asked.get("orderId")
        for order in reversed(account.orders):
            if order.visible_at > self.engine.clock.ms or (order.trigger and not order.became_id):
                continue
            if not self._is_kept(order):
                continue
            is_named = name is not None and name == plain_row(order)["clientOrderId"]
            if is_named or str(order.became_id or order.number) == number:
                return plain_row(order)
        raise RefusedError(Refusal.NOT_FOUND)

    def _list_open(self, account: Account, asked: Mapping[str, str]) -> Any:
        return [
            plain_row(order)
            for order in account.orders
            if order.symbol == asked["symbol"] and order.is_open and not order.trigger
        ]

    def _place_algo(self, account: Account, asked: Mapping[str, str]) -> Any:
        order = _read(asked, name=asked["clientAlgoId"])
        order.trigger = Decimal(asked["triggerPrice"])
        answer = algo_row(self.engine.place(account, order))
        del answer["actualOrderId"]
        return answer

    def _show_algo(self, account: Account, asked: Mapping[str, str]) -> Any:
        order = self.engine.find(account, asked["clientAlgoId"])
        if order is None or not order.trigger or not self._is_kept(order):
            raise RefusedError(Refusal.NOT_FOUND)
        return algo_row(order)

    def _is_kept(self, order: VenueOrder) -> bool:
        now = self.engine.clock.ms
        return order.is_kept(now, unfilled_ms=UNFILLED_MS, filled_ms=FILLED_MS)

    def _cancel_algo(self, account: Account, asked: Mapping[str, str]) -> Any:
        try:
            order = self.engine.cancel(account, asked["clientAlgoId"])
        except RefusedError:
            raise VenueError(-2011, "Unknown order sent.") from None
        return {
            "algoId": order.number,
            "clientAlgoId": order.name,
            "code": "200",
            "msg": "success",
        }

    def _list_algo(self, account: Account, asked: Mapping[str, str]) -> Any:
        now = self.engine.clock.ms
        return [algo_row(o) for o in account.resting(asked["symbol"]) if o.visible_at <= now]

    def _list_all_algo(self, account: Account, asked: Mapping[str, str]) -> Any:
        begin, end = int(asked["startTime"]), int(asked["endTime"])
        return [
            algo_row(order)
            for order in account.orders
            if order.trigger and order.symbol == asked["symbol"]
            if begin <= order.created_at <= end and self._is_kept(order)
        ]

    def _list_trades(self, account: Account, asked: Mapping[str, str]) -> Any:
        if "fromId" in asked and ("startTime" in asked or "endTime" in asked):
            raise VenueError(-1128, "Combination of optional parameters invalid.")
        begin, end = int(asked.get("startTime", 0)), int(asked.get("endTime", self.now_ms))
        if "fromId" not in asked and end - begin >= 7 * DAY_MS:
            raise VenueError(-4165, "Invalid time interval.")
        if "startTime" in asked and self.now_ms - begin > TRADES_MS:
            raise VenueError(-4166, "Search window is restricted to recent 90 days only.")
        rows = [
            trade_row(fill)
            for fill in account.fills
            if fill.order.symbol == asked["symbol"] and begin <= fill.at <= end
            if fill.number >= int(asked.get("fromId", 0))
            if self.engine.clock.ms - fill.at <= TRADES_MS
        ]
        return rows[: int(asked["limit"])]

    def _list_income(self, account: Account, asked: Mapping[str, str]) -> Any:
        begin, end = int(asked["startTime"]), int(asked["endTime"])
        rows = [
            {"symbol": symbol, "incomeType": "FUNDING_FEE", "income": write(-paid),
             "asset": "USDT", "time": at, "tranId": 9_000_000 + number, "tradeId": ""}
            for number, (at, symbol, paid) in enumerate(account.funding)
            if symbol == asked["symbol"] and begin <= at <= end
        ]  # fmt: skip
        size, page = int(asked["limit"]), int(asked.get("page", 1))
        return rows[(page - 1) * size : page * size]

    def _show_config(self, account: Account, asked: Mapping[str, str]) -> Any:
        symbol = asked["symbol"]
        return [
            {"symbol": symbol, "marginType": "ISOLATED" if account.is_isolated else "CROSSED",
             "isAutoAddMargin": False, "leverage": int(account.leverage.get(symbol, 20)),
             "maxNotionalValue": "1000000"}
        ]  # fmt: skip

    def _set_leverage(self, account: Account, asked: Mapping[str, str]) -> Any:
        leverage = int(asked["leverage"])
        if leverage > 125:
            raise VenueError(-4028, "Leverage is not valid")
        account.leverage[asked["symbol"]] = Decimal(leverage)
        return {
            "leverage": leverage,
            "maxNotionalValue": "1000000",
            "symbol": asked["symbol"],
        }

    def _set_margin_type(self, account: Account, asked: Mapping[str, str]) -> Any:
        symbol = asked["symbol"]
        if account.is_multi:
            raise VenueError(-4168, "Unable to adjust to isolated-margin mode.")
        if account.is_isolated:
            raise VenueError(-4046, "No need to change margin type.")
        if account.resting(symbol):
            raise VenueError(-4047, "Margin type cannot be changed if there exists open orders.")
        if account.signed.get(symbol):
            raise VenueError(-4048, "Margin type cannot be changed if there exists position.")
        account.is_isolated = asked["marginType"] == "ISOLATED"
        return {"code": 200, "msg": "success"}

    def _list_positions(self, account: Account, asked: Mapping[str, str]) -> Any:
        flat = {"ETHUSDT": Decimal(0)}
        return [
            {"symbol": symbol, "positionAmt": write(signed), "positionSide": "BOTH",
             "entryPrice": write(account.entry.get(symbol, Decimal(0))),
             "markPrice": write(self.engine.price_of(symbol)), "unRealizedProfit": "0",
             "liquidationPrice": "0", "leverage": str(account.leverage.get(symbol, 20)),
             "marginType": "isolated", "updateTime": account.opened_at.get(symbol, 0)}
            for symbol, signed in {**flat, **account.signed}.items()
        ]  # fmt: skip

    def _show_account(self, account: Account, asked: Mapping[str, str]) -> Any:
        margin = self.engine.margin_of(account)
        usdt = {"asset": "USDT", "walletBalance": write(account.balance),
                "initialMargin": write(margin),
                "availableBalance": write(account.balance - margin)}  # fmt: skip
        bnb = {**usdt, "asset": "BNB", "walletBalance": "1"}
        return {"assets": [bnb, usdt], "positions": []}

    def _move(self, account: Account, asked: Mapping[str, str]) -> Any:
        if not account.extra_rights.get("permitsUniversalTransfer"):
            raise VenueError(-2015, "Invalid API-key, IP, or permissions for action.")
        if (asked["type"], asked["asset"]) != ("UMFUTURE_MAIN", "USDT"):
            raise VenueError(-1102, "Mandatory parameter was malformed.")
        self.engine.move_out(account, "", Decimal(asked["amount"]))
        return {"tranId": 13_526_853_000 + len(account.moved)}

    def _list_moved(self, account: Account, asked: Mapping[str, str]) -> Any:
        begin, end = int(asked["startTime"]), int(asked["endTime"])
        rows = [
            {"asset": "USDT", "amount": write(amount), "type": asked["type"],
             "status": "CONFIRMED", "tranId": 13_526_853_001 + number, "timestamp": at}
            for number, (_, amount, at) in enumerate(account.moved)
            if begin <= at <= end
        ]  # fmt: skip
        return {"total": len(rows), "rows": rows} if rows else {"total": 0}

    def _show_rights(self, account: Account, asked: Mapping[str, str]) -> Any:
        return {
            "ipRestrict": True,
            "createTime": 1_698_645_219_000,
            "enableReading": True,
            "enableFutures": True,
            "enableSpotAndMarginTrading": False,
            "enableWithdrawals": account.is_withdrawal_allowed,
            "enableInternalTransfer": False,
            "permitsUniversalTransfer": False,
            "enableMargin": False,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": True,
            "enablePortfolioMarginTrading": False,
            **account.extra_rights,
        }


def _code_of(why: Refusal, asked: Asked) -> tuple[int, str]:
    if why is not Refusal.DUPLICATE:
        return CODES[why]
    if asked.path.endswith("/algoOrder"):
        return -20132, "Client algo id is duplicated."
    return -4116, "ClientOrderId is duplicated."


def _read(asked: Mapping[str, str], *, name: str) -> VenueOrder:
    return VenueOrder(
        number=0,
        name=name,
        symbol=asked["symbol"],
        is_buy=asked["side"] == "BUY",
        kind=asked["type"],
        quantity=Decimal(asked["quantity"]),
        is_reduce_only=asked.get("reduceOnly") == "true",
    )
