"""Bybit v5 linear, one user's account: orders, stops, fills, positions, balance.

create -> an acknowledgement only -> realtime, history, executions by orderLinkId

Decisions: `orderLinkId` is the only name that we use, and every row has to carry it back: an empty
list and a row of another order are both "not shown". Stops are conditional reduce-only orders of
their own (attached ones carry no name), triggered by the mark price. Position mode and margin mode
belong to the whole account: read, refused when they differ, never switched.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from blocks.venues.base.exchange import AccountExchange, Request, build_accepted, write_number
from blocks.venues.base.key_permissions import find_bybit_faults
from blocks.venues.base.parsing import parse_instant, to_milliseconds
from blocks.venues.base.rate_limiter import Budget
from blocks.venues.base.response_classifier import find_code
from blocks.venues.base.rest_client import MALFORMED, PrivateClient
from blocks.venues.base.transfers import BybitTransfers
from blocks.venues.bybit.client import BYBIT
from blocks.venues.bybit.parsing import (
    FUNDING,
    SIDES,
    TRADES,
    find_direction,
    parse_fill,
    parse_order,
    parse_payment,
    parse_position,
)
from trading.domain.accounts import Balance
from trading.domain.credentials import Credentials
from trading.domain.errors import PermanentError
from trading.domain.instruments import LeverageTier
from trading.domain.orders import Fill, Order, OrderIntent
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, to_decimal
from trading.ports import Clock, FundingPayment, MarketData

QUOTE = "USDT"
HISTORY_WINDOW = timedelta(days=7)

_ORDERS_PAGE = 50
_EXECUTIONS_PAGE = 100
_GONE = frozenset({"110001", "110008", "110010"})
_LEVERAGE_AS_IS = "110043"


class BybitExchange(AccountExchange):
    """
    `Exchange` of one Bybit unified account, linear perpetuals.

    Args:
        url: of another host that speaks the same (demo, a test), None for Bybit.
    """

    venue = VenueName.BYBIT

    def __init__(
        self,
        credentials: Credentials,
        *,
        market: MarketData,
        clock: Clock,
        budget: Budget,
        url: str | None = None,
    ) -> None:
        urls = None if url is None else {"public": url, "private": url}
        client = PrivateClient(
            BYBIT, credentials=credentials, clock=clock, budget=budget, urls=urls
        )
        super().__init__(client, market=market)
        self.transfers = BybitTransfers(client)

    async def fetch_time(self) -> datetime:
        answer = await self._client.read("publicGetV5MarketTime", {}, about="time")
        with self._client.parsing("time"):
            return parse_instant(int(answer["result"]["timeNano"]) // 1_000_000)

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        about = f"leverage tiers of {pair}"
        answer = await self._client.read("publicGetV5MarketRiskLimit", _name(pair), about=about)
        with self._client.parsing(about):
            return tuple(
                LeverageTier(to_decimal(row["riskLimitValue"]), to_decimal(row["maxLeverage"]))
                for row in answer["result"]["list"]
            )

    async def fetch_balance(self) -> Balance:
        answer = await self._client.read(
            "privateGetV5AccountWalletBalance",
            {"accountType": "UNIFIED", "coin": QUOTE},
            about="balance",
        )
        with self._client.parsing("balance"):
            rows = [c for c in answer["result"]["list"][0]["coin"] if c["coin"] == QUOTE]
            if not rows:
                return Balance(total=ZERO, available=ZERO, reserved=ZERO)
            total = to_decimal(rows[0]["walletBalance"])
            reserved = to_decimal(rows[0]["totalPositionIM"] or "0") + to_decimal(
                rows[0]["totalOrderIM"] or "0"
            )
            return Balance(total=total, available=total - reserved, reserved=reserved)

    async def fetch_positions(self) -> tuple[Position, ...]:
        about = "positions"
        query = {"category": "linear", "settleCoin": QUOTE, "limit": 200}
        rows = [r async for r in self._pages("privateGetV5PositionList", query, about=about)]
        with self._client.parsing(about):
            return tuple(
                parse_position(row, pair=_read_pair(row["symbol"]))
                for row in rows
                if row["symbol"].endswith(QUOTE) and to_decimal(row["size"]) != 0
            )

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        about = f"open orders of {pair}"
        query = {**_name(pair), "openOnly": 0, "limit": _ORDERS_PAGE}
        rows = [r async for r in self._pages("privateGetV5OrderRealtime", query, about=about)]
        with self._client.parsing(about):
            orders = [parse_order(row, pair=pair) for row in rows]
        return tuple(order for order in orders if not order.status.is_final)

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        """Realtime shows open and recent ones, history the others."""
        about = f"order of {pair}"
        query = {**_name(pair), "orderLinkId": client_order_id}
        for endpoint in ("privateGetV5OrderRealtime", "privateGetV5OrderHistory"):
            answer = await self._client.read(endpoint, query, about=about)
            with self._client.parsing(about):
                for row in answer["result"]["list"]:
                    if row["orderLinkId"] == client_order_id:
                        return parse_order(row, pair=pair)
        return None

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        about = f"fills of {pair}"
        rows = [row async for row in self._executions(pair, since=since, about=about)]
        with self._client.parsing(about):
            fills = {
                row["execId"]: parse_fill(row, pair=pair)
                for row in rows
                if row["execType"] in TRADES
            }
        return tuple(sorted(fills.values(), key=lambda fill: fill.filled_at))

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        about = f"funding of {pair}"
        rows = [
            row async for row in self._executions(pair, since=since, about=about, execType=FUNDING)
        ]
        with self._client.parsing(about):
            found = {
                row["execId"]: parse_payment(row, pair=pair)
                for row in rows
                if row["execType"] == FUNDING
            }
        return tuple(sorted(found.values(), key=lambda payment: payment.paid_at))

    async def _executions(
        self, pair: Pair, *, since: datetime, about: str, **query: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Oldest window first; newest first within one."""
        begin, until = since, self._client.clock()
        while begin <= until:
            end = min(begin + HISTORY_WINDOW - timedelta(milliseconds=1), until)
            asked = {
                **_name(pair),
                "startTime": to_milliseconds(begin),
                "endTime": to_milliseconds(end),
                "limit": _EXECUTIONS_PAGE,
                **query,
            }
            page = [r async for r in self._pages("privateGetV5ExecutionList", asked, about=about)]
            for row in reversed(page):
                yield row
            begin += HISTORY_WINDOW

    async def _pages(
        self, endpoint: str, query: dict[str, object], *, about: str
    ) -> AsyncIterator[dict[str, Any]]:
        """Every row, page by page."""
        cursor = ""
        while True:
            asked = {**query, "cursor": cursor} if cursor else query
            answer = await self._client.read(endpoint, asked, about=about)
            with self._client.parsing(about):
                rows, cursor = answer["result"]["list"], answer["result"].get("nextPageCursor", "")
            for row in rows:
                yield row
            if not cursor or not rows:
                return

    def _build_order(self, intent: OrderIntent) -> Request:
        parameters: dict[str, object] = {
            **_name(intent.pair),
            "side": SIDES[intent.side],
            "orderType": "Market",
            "qty": write_number(intent.quantity),
            "reduceOnly": intent.reduce_only,
            "positionIdx": 0,
            "orderLinkId": intent.client_order_id,
        }
        if intent.trigger_price is not None:
            parameters |= {
                "triggerPrice": write_number(intent.trigger_price),
                "triggerDirection": find_direction(intent.order_type, intent.side),
                "triggerBy": "MarkPrice",
            }
        return Request(endpoint="privatePostV5OrderCreate", parameters=parameters)

    def _build_cancel(self, pair: Pair, client_order_id: ClientOrderId) -> Request:
        return Request(
            endpoint="privatePostV5OrderCancel",
            parameters={**_name(pair), "orderLinkId": client_order_id},
        )

    def _read_placed(self, body: Any, intent: OrderIntent) -> Order | None:
        try:
            result = body["result"]
            number, name = result["orderId"], result["orderLinkId"]
            at = parse_instant(body["time"])
        except MALFORMED:
            return None
        if name != intent.client_order_id or not isinstance(number, str) or not number:
            return None
        return build_accepted(intent, venue_order_id=number, at=at)

    async def _find_key_faults(self) -> tuple[str, ...]:
        about = "key's rights"
        answer = await self._client.read("privateGetV5UserQueryApi", {}, about=about)
        with self._client.parsing(about):
            rights = answer["result"]
            return find_bybit_faults(rights, may_transfer=self._client.may_transfer)

    def _is_gone(self, body: Any) -> bool:
        return isinstance(body, dict) and str(body.get("retCode")) in _GONE

    async def _check_modes(self, pair: Pair) -> Decimal | None:
        about = f"settings of {pair}"
        account = await self._client.read("privateGetV5AccountInfo", {}, about=about)
        answer = await self._client.read("privateGetV5PositionList", _name(pair), about=about)
        with self._client.parsing(about):
            if account["result"]["marginMode"] != "ISOLATED_MARGIN":
                raise PermanentError(
                    "The Bybit account does not use isolated margin. It is a setting of the whole "
                    "account, so Quorum does not change it: set it and try again."
                )
            rows = answer["result"]["list"]
            if len(rows) != 1 or int(rows[0]["positionIdx"]) != 0:
                raise PermanentError(
                    f"{pair} is in hedge mode at Bybit. Switch it to one-way mode and try again."
                )
            leverage = rows[0]["leverage"]
            return to_decimal(leverage) if leverage else None

    async def _change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        about, text = f"leverage of {pair}", write_number(leverage)
        asked = {**_name(pair), "buyLeverage": text, "sellLeverage": text}
        answer = await self._client.ask("privatePostV5PositionSetLeverage", asked)
        code = find_code(answer, self._client.table)
        if code == _LEVERAGE_AS_IS:
            return
        if code in {"110013", "110012", "10001"}:
            raise PermanentError(f"Bybit does not allow leverage {leverage} for {pair}.")
        self._client.take(answer, about=about)


def spell(pair: Pair) -> str:
    """The venue's symbol."""
    return f"{pair.base}{pair.quote}"


def _name(pair: Pair) -> dict[str, object]:
    return {"category": "linear", "symbol": spell(pair)}


def _read_pair(symbol: str) -> Pair:
    return Pair(symbol.removesuffix(QUOTE), QUOTE)
