"""Bybit v5's REST dialect, category linear: acknowledgements on create, truth on query."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from tests.doubles.venue.dialect import Asked, Counter, Reply, sign, write
from tests.doubles.venue.engine import (
    DAY_MS,
    Account,
    Engine,
    Refusal,
    RefusedError,
    VenueFill,
    VenueOrder,
)
from tests.doubles.venue.fields import BYBIT as FIELDS
from tests.doubles.venue.fields import trim_answer
from tests.doubles.venue.tape import Tape
from tests.doubles.venue_public import PublicVenue

CODES = {
    Refusal.MARGIN: (110007, "ab not enough for new order"),
    Refusal.NOTHING_TO_REDUCE: (110017, "current position is zero, cannot fix reduce-only"),
    Refusal.NOTIONAL: (110094, "order notional value is below the lower limit"),
    Refusal.OFF_STEP: (10001, "params error: qty invalid"),
    Refusal.WOULD_TRIGGER: (110093, "expect Falling, but trigger_price >= current"),
    Refusal.DUPLICATE: (110072, "OrderLinkedID is duplicate"),
    Refusal.NOT_FOUND: (110001, "order not exists or too late to cancel"),
}
_STATES = {
    "new": "New",
    "partial": "PartiallyFilled",
    "filled": "Filled",
    "canceled": "Cancelled",
    "expired": "Deactivated",
    "rejected": "Rejected",
}
_REALTIME_FINISHED_MS = 10 * 60_000
"""How long realtime still shows a finished order: a short one, so that history is needed."""

UNFILLED_MS, FILLED_MS = DAY_MS, 2 * 365 * DAY_MS
"""How long history shows a finished order without and with fills."""

type Handler = Callable[[Account, Mapping[str, Any]], Any]


class VenueError(Exception):
    """A code and a message."""


@dataclass(slots=True, kw_only=True)
class BybitDialect:
    """
    Bybit's words for the engine.

    Attributes:
        skew_ms: the venue's clock minus the engine's.
        tape: a recording that answers public questions; without one the market stands still.
    """

    engine: Engine
    skew_ms: int = 0
    tape: Tape | None = None
    counter: Counter = field(default_factory=lambda: Counter(600, 5_000))
    random: Random = field(default_factory=lambda: Random(1))
    is_demo: bool = False

    @property
    def now_ms(self) -> int:
        """The venue's clock."""
        return self.engine.clock.ms + self.skew_ms

    def read_name(self, asked: Asked) -> str:
        """Our name for the order in a POST, "" for another one."""
        if not asked.path.endswith("/create"):
            return ""
        return str(asked.json.get("orderLinkId", ""))

    def limit(self, asked: Asked) -> Reply | None:
        """A refusal for too many questions."""
        was_blocked = self.engine.clock.ms < self.counter.blocked_until
        wait = self.counter.take(1, now_ms=self.engine.clock.ms)
        if not wait:
            return None
        return Reply(status=403, body="access too frequent", is_repeated=was_blocked)

    def answer(self, asked: Asked) -> Reply:
        """Do what was asked."""
        code, text, result = 0, "OK", {}
        try:
            result = self._dispatch(asked)
        except VenueError as error:
            code, text = error.args
        except RefusedError as refused:
            code, text = CODES[refused.why]
        body = {
            "retCode": code,
            "retMsg": text,
            "result": result,
            "retExtInfo": {},
            "time": self.now_ms,
        }
        return Reply(body=json.dumps(body))

    def _dispatch(self, asked: Asked) -> Any:
        if asked.path == "/v5/market/time":
            seconds, rest = divmod(self.now_ms, 1000)
            return {"timeSecond": str(seconds), "timeNano": f"{seconds}{rest:03}000000"}
        handler = self._handlers().get(f"{asked.method} {asked.path}")
        if handler is None:
            return self._public(asked)
        account = self._check(asked)
        # docs/v5/demo.mdx, 2026-07-24: neither /v5/user/* nor /v5/account/fee-rate is listed.
        if self.is_demo and asked.path.startswith(("/v5/user/", "/v5/account/fee-rate")):
            raise VenueError(10032, "Demo trading are not supported.")
        result = handler(account, asked.json if asked.method == "POST" else asked.parameters)
        fields = FIELDS.get(f"{asked.method} {asked.path}")
        if fields is not None:
            result["list"] = trim_answer(result["list"], fields, self.random)
        return result

    def _handlers(self) -> dict[str, Handler]:
        return {
            "POST /v5/order/create": self._place,
            "POST /v5/order/cancel": self._cancel,
            "GET /v5/order/realtime": self._list_realtime,
            "GET /v5/order/history": self._list_history,
            "GET /v5/execution/list": self._list_executions,
            "GET /v5/position/list": self._list_positions,
            "POST /v5/position/set-leverage": self._set_leverage,
            "GET /v5/account/wallet-balance": self._show_balance,
            "GET /v5/account/info": self._show_info,
            "GET /v5/account/fee-rate": lambda a, asked: {
                "list": [
                    {
                        "symbol": asked["symbol"],
                        "takerFeeRate": str(a.taker_rate),
                        "makerFeeRate": "0.0001",
                    }
                ]
            },
            "GET /v5/user/query-api": self._show_rights,
            "POST /v5/asset/transfer/inter-transfer": self._move,
            "GET /v5/asset/transfer/query-inter-transfer-list": self._list_moved,
        }

    def _check(self, asked: Asked) -> Account:
        headers = asked.headers
        account = self.engine.accounts.get(headers.get("X-BAPI-API-KEY", ""))
        if account is None:
            raise VenueError(10003, "API key is invalid.")
        at, window = headers["X-BAPI-TIMESTAMP"], headers["X-BAPI-RECV-WINDOW"]
        payload = asked.body if asked.method == "POST" else asked.query
        if sign(account.secret, f"{at}{account.key}{window}{payload}") != headers["X-BAPI-SIGN"]:
            raise VenueError(10004, "error sign! please check your signature")
        if not self.now_ms - int(window) <= int(at) < self.now_ms + 1000:
            raise VenueError(10002, "invalid request, please check your server timestamp")
        return account

    def _public(self, asked: Asked) -> Any:
        path = asked.path.removeprefix("/v5/market")
        if self.tape is not None:
            return self.tape.answer_bybit(path, asked.parameters)
        answer = PublicVenue(now_ms=self.now_ms)._answer_bybit(path, asked.parameters)
        if path == "/tickers":
            price = write(self.engine.price_of(asked.parameters["symbol"]))
            answer["list"][0] |= {"lastPrice": price, "markPrice": price}
        return answer

    def _place(self, account: Account, asked: Mapping[str, Any]) -> Any:
        order = VenueOrder(
            number=0,
            name=asked["orderLinkId"],
            symbol=asked["symbol"],
            is_buy=asked["side"] == "Buy",
            kind="MARKET",
            quantity=Decimal(asked["qty"]),
            is_reduce_only=asked.get("reduceOnly", False),
        )
        if "triggerPrice" in asked:
            order.trigger = Decimal(asked["triggerPrice"])
            is_stop = (asked["triggerDirection"] == 2) != order.is_buy
            order.kind = "STOP_MARKET" if is_stop else "TAKE_PROFIT_MARKET"
        self.engine.place(account, order)
        return {"orderId": _id(order), "orderLinkId": order.name}

    def _cancel(self, account: Account, asked: Mapping[str, Any]) -> Any:
        if not asked.get("orderLinkId"):
            raise VenueError(10001, "params error: orderId or orderLinkId is needed")
        order = self.engine.cancel(account, asked["orderLinkId"])
        return {"orderId": _id(order), "orderLinkId": order.name}

    def _list_realtime(self, account: Account, asked: Mapping[str, Any]) -> Any:
        now = self.engine.clock.ms
        found = [
            order
            for order in self._visible(account, asked)
            if order.is_open or now - order.updated_at < _REALTIME_FINISHED_MS
        ]
        if "orderLinkId" not in asked:
            found = [order for order in found if order.is_open]
        return {"category": "linear", "list": [_row(o) for o in found], "nextPageCursor": ""}

    def _list_history(self, account: Account, asked: Mapping[str, Any]) -> Any:
        now = self.engine.clock.ms
        found = [
            order
            for order in self._visible(account, asked)
            if not order.is_open
            and order.is_kept(now, unfilled_ms=UNFILLED_MS, filled_ms=FILLED_MS)
        ]
        return {"category": "linear", "list": [_row(o) for o in found], "nextPageCursor": ""}

    def _visible(self, account: Account, asked: Mapping[str, Any]) -> list[VenueOrder]:
        name = asked.get("orderLinkId")
        return [
            order
            for order in reversed(account.orders)
            if order.symbol == asked["symbol"] and order.visible_at <= self.engine.clock.ms
            if name is None or order.name == name
        ]

    def _list_executions(self, account: Account, asked: Mapping[str, Any]) -> Any:
        begin, end = int(asked["startTime"]), int(asked["endTime"])
        if end - begin >= 7 * 86_400_000:
            raise VenueError(10001, "the time range is more than 7 days")
        symbol = asked["symbol"]
        rows = [_execution(f) for f in account.fills if f.order.symbol == symbol]
        rows += [
            _settlement(number, at, symbol, paid)
            for number, (at, of, paid) in enumerate(account.funding)
            if of == symbol
        ]
        rows.reverse()
        wanted = [
            row
            for row in sorted(rows, key=lambda row: -int(row["execTime"]))
            if begin <= int(row["execTime"]) <= end
            and asked.get("execType") in (None, row["execType"])
        ]
        start, limit = int(asked.get("cursor", 0)), int(asked["limit"])
        page = wanted[start : start + limit]
        cursor = str(start + limit) if start + limit < len(wanted) else ""
        return {"category": "linear", "list": page, "nextPageCursor": cursor}

    def _list_positions(self, account: Account, asked: Mapping[str, Any]) -> Any:
        held = [symbol for symbol, signed in account.signed.items() if signed]
        symbols = [asked["symbol"]] if "symbol" in asked else held
        rows = [self._position(account, symbol) for symbol in symbols]
        if account.is_hedged and "symbol" in asked:
            rows = [{**rows[0], "positionIdx": 1}, {**rows[0], "positionIdx": 2}]
        return {"category": "linear", "list": rows, "nextPageCursor": ""}

    def _position(self, account: Account, symbol: str) -> dict[str, Any]:
        signed = account.signed.get(symbol, Decimal(0))
        return {
            "positionIdx": 0,
            "symbol": symbol,
            "side": "Buy" if signed > 0 else "Sell" if signed else "",
            "size": write(abs(signed)),
            "avgPrice": write(account.entry.get(symbol, Decimal(0))),
            "leverage": str(account.leverage.get(symbol, 20)),
            "createdTime": str(account.opened_at.get(symbol, 0)),
            "updatedTime": str(self.now_ms),
            "positionStatus": "Normal",
        }

    def _set_leverage(self, account: Account, asked: Mapping[str, Any]) -> Any:
        leverage = Decimal(asked["buyLeverage"])
        if leverage > 100:
            raise VenueError(110013, "cannot set leverage due to risk limit level")
        if account.leverage.get(asked["symbol"]) == leverage:
            raise VenueError(110043, "leverage not modified")
        account.leverage[asked["symbol"]] = leverage
        return {}

    def _show_balance(self, account: Account, asked: Mapping[str, Any]) -> Any:
        coin = {"coin": "USDT", "walletBalance": write(account.balance),
                "totalPositionIM": write(self.engine.margin_of(account)),
                "totalOrderIM": "0"}  # fmt: skip
        return {"list": [{"accountType": "UNIFIED", "coin": [coin]}]}

    def _show_info(self, account: Account, asked: Mapping[str, Any]) -> Any:
        mode = "ISOLATED_MARGIN" if account.is_isolated else "REGULAR_MARGIN"
        if account.is_portfolio:
            mode = "PORTFOLIO_MARGIN"
        return {"unifiedMarginStatus": 5, "marginMode": mode, "dcpStatus": "OFF"}

    def _move(self, account: Account, asked: Mapping[str, Any]) -> Any:
        if "Wallet" not in account.extra_rights:
            raise VenueError(10005, "Permission denied, please check your API key permissions.")
        name = asked["transferId"]
        if any(name == one for one, *_ in account.moved):
            raise VenueError(131214, "transfer id is repeated")
        self.engine.move_out(account, name, Decimal(asked["amount"]))
        return {"transferId": name, "status": "SUCCESS"}

    def _list_moved(self, account: Account, asked: Mapping[str, Any]) -> Any:
        rows = [
            {"transferId": name, "coin": "USDT", "amount": write(amount), "timestamp": str(at),
             "fromAccountType": "UNIFIED", "toAccountType": "FUND", "status": "SUCCESS"}
            for name, amount, at in account.moved
            if name == asked["transferId"]
        ]  # fmt: skip
        return {"list": rows, "nextPageCursor": ""}

    def _show_rights(self, account: Account, asked: Mapping[str, Any]) -> Any:
        permissions: dict[str, object] = {
            "ContractTrade": ["Order", "Position"], "Spot": [], "Options": [],
            "Wallet": ["Withdraw"] if account.is_withdrawal_allowed else [],
            "Derivatives": ["DerivativesTrade"], "Exchange": [], "Earn": [], "FiatP2P": [],
            **account.extra_rights,
        }  # fmt: skip
        return {
            "readOnly": 0,
            "permissions": permissions,
            "ips": ["203.0.113.7"],
            "deadlineDay": 83,
            "expiredAt": "2026-05-22T02:01:09Z",
            "uta": 1,
        }


def _id(order: VenueOrder) -> str:
    return f"5fe7fb-{order.number}"


def _row(order: VenueOrder) -> dict[str, Any]:
    state = _STATES[order.state]
    if order.trigger and order.state == "new":
        state = "Untriggered"
    return {
        "orderId": _id(order),
        "orderLinkId": "" if "autoclose" in order.name else order.name,
        "symbol": order.symbol,
        "side": "Buy" if order.is_buy else "Sell",
        "orderStatus": state,
        "orderType": "Market",
        "qty": write(order.quantity),
        "cumExecQty": write(order.filled),
        "avgPrice": write(order.average) if order.filled else "",
        "reduceOnly": order.is_reduce_only,
        "triggerPrice": write(order.trigger) if order.trigger else "",
        "triggerDirection": 0 if not order.trigger else 2 if order.falls else 1,
        "createdTime": str(order.created_at),
        "updatedTime": str(order.updated_at),
    }


def _execution(fill: VenueFill) -> dict[str, Any]:
    return {
        "execId": f"e-{fill.number}",
        "orderId": _id(fill.order),
        "orderLinkId": "" if "autoclose" in fill.order.name else fill.order.name,
        "symbol": fill.order.symbol,
        "side": "Buy" if fill.order.is_buy else "Sell",
        "execType": fill.kind,
        "execPrice": write(fill.price),
        "execQty": write(fill.quantity),
        "execFee": write(fill.fee),
        "execTime": str(fill.at),
    }


def _settlement(number: int, at: int, symbol: str, paid: Decimal) -> dict[str, Any]:
    return {
        "execId": f"f-{number}",
        "orderId": f"f-{number}",
        "orderLinkId": "",
        "symbol": symbol,
        "side": "Sell",
        "execType": "Funding",
        "execPrice": "1",
        "execQty": "1",
        "execFee": write(paid),
        "execTime": str(at),
    }
