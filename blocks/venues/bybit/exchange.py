"""Bybit v5 linear, account side of a user: orders, stops, fills, positions, balance.

create -> an acknowledgement only -> realtime, history, executions by orderLinkId

Decisions: only `orderLinkId` names an order, and every row has to carry the name back: an empty
list and a row of another order are both "not shown". Stops are separate conditional reduce-only
orders (attached stops carry no name), triggered by the mark price. Lists are parsed row by row;
an unreadable row of another contract never stops ours.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from blocks.venues.base.exchange import AccountExchange, Request, build_accepted, write_number
from blocks.venues.base.market import PublicMarket
from blocks.venues.base.parsing import (
    has_number,
    parse_instant,
    read_instant,
    read_number,
    to_milliseconds,
)
from blocks.venues.base.rate_limiter import Budget
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import MALFORMED, read_symbol
from blocks.venues.base.transfers import BybitTransfers
from blocks.venues.bybit.client import BYBIT, QUOTE, name_contract, read_pair, spell
from blocks.venues.bybit.parsing import (
    ESTIMATED_FEE_RATE,
    FUNDING,
    SIDES,
    find_direction,
    is_trade,
    parse_fill,
    parse_order,
    parse_payment,
    parse_position,
)
from blocks.venues.bybit.settings import BybitSettings
from trading.domain.accounts import Balance
from trading.domain.instruments import FeeRates, LeverageTier
from trading.domain.messages import Message
from trading.domain.orders import Fill, Order, OrderIntent
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, to_decimal
from trading.ports import Clock, FundingPayment
from trading.security.credentials import Credentials, Environment

HISTORY_WINDOW = timedelta(days=7)

_ORDERS_PAGE = 50
_EXECUTIONS_PAGE = 100
_GONE = frozenset({"110001", "110008", "110010"})


class BybitExchange(AccountExchange):
    """
    `Exchange` of a Bybit unified account, linear perpetuals.

    Args:
        url: of another compatible host (demo, a test), None for Bybit.
    """

    venue = VenueName.BYBIT

    def __init__(
        self,
        credentials: Credentials,
        *,
        market: PublicMarket,
        clock: Clock,
        budget: Budget,
        url: str | None = None,
    ) -> None:
        urls = None if url is None else {"public": url, "private": url}
        client = PrivateClient(
            BYBIT, credentials=credentials, clock=clock, budget=budget, urls=urls
        )
        super().__init__(client, market=market)
        is_demo = credentials.environment is Environment.DEMO
        self._settings = BybitSettings(client, is_demo=is_demo)
        self.transfers = BybitTransfers(client)

    async def fetch_time(self) -> datetime:
        answer = await self._client.read("publicGetV5MarketTime", {}, about="time")
        with self._client.parsing("time"):
            return parse_instant(int(answer["result"]["timeNano"]) // 1_000_000)

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        return await self._settings.fetch_leverage_tiers(pair)

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates:
        return await self._settings.fetch_fee_rates(pair)

    async def fetch_balance(self) -> Balance:
        answer = await self._client.read(
            "privateGetV5AccountWalletBalance",
            {"accountType": "UNIFIED", "coin": QUOTE},
            about="balance",
        )
        with self._client.parsing("balance"):
            coins = answer["result"]["list"][0]["coin"]
            rows = [coin for coin in coins if coin.get("coin") == QUOTE]
            if not rows:
                return Balance(total=ZERO, available=ZERO, reserved=ZERO)
            total = to_decimal(rows[0]["walletBalance"])
            reserved = read_number(rows[0], "totalPositionIM") + read_number(
                rows[0], "totalOrderIM"
            )
            return Balance(total=total, available=total - reserved, reserved=reserved)

    async def fetch_positions(self) -> tuple[Position, ...]:
        """Open positions; an unreadable row is in `oddities` under the row's symbol."""
        about = "positions"
        query: dict[str, object] = {"category": "linear", "settleCoin": QUOTE, "limit": 200}
        rows = [r async for r in self._pages("privateGetV5PositionList", query, about=about)]
        as_of = self._client.clock()

        def parse(row: Any) -> Position | None:
            if not read_symbol(row).endswith(QUOTE):
                return None
            pair = read_pair(row["symbol"])
            leverage = self._leverages.get(pair, Decimal(1))
            return parse_position(row, pair=pair, as_of=as_of, leverage=leverage)

        return tuple(self._client.rows.parse(rows, parse, about=about))

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        about = f"orders of {pair}"
        query = {**name_contract(pair), "openOnly": 0, "limit": _ORDERS_PAGE}
        rows = [r async for r in self._pages("privateGetV5OrderRealtime", query, about=about)]

        def parse(row: Any) -> Order | None:
            return parse_order(row, pair=pair) if row["symbol"] == spell(pair) else None

        orders = self._client.rows.parse(rows, parse, about=about)
        return tuple(order for order in orders if not order.status.is_final)

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        """Realtime shows open and recent orders, history the others."""
        about = f"order of {pair}"
        query = {**name_contract(pair), "orderLinkId": client_order_id}
        for endpoint in ("privateGetV5OrderRealtime", "privateGetV5OrderHistory"):
            answer = await self._client.read(endpoint, query, about=about)
            with self._client.parsing(about):
                for row in answer["result"]["list"]:
                    if row.get("orderLinkId") == client_order_id:
                        return parse_order(row, pair=pair)
        return None

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        about = f"fills of {pair}"
        rows = [row async for row in self._executions(pair, since=since, about=about)]

        def parse(row: Any) -> Fill | None:
            is_wanted = row["symbol"] == spell(pair) and is_trade(row)
            return parse_fill(row, pair=pair, fee_rate=rate) if is_wanted else None

        rate = ESTIMATED_FEE_RATE
        if not all(isinstance(row, dict) and has_number(row, "execFee") for row in rows):
            rate = await self.estimate_fee_rate(pair, usual=ESTIMATED_FEE_RATE)
        found = self._client.rows.parse(rows, parse, about=about)
        fills = {fill.trade_id: fill for fill in found}.values()
        return tuple(sorted(fills, key=lambda fill: fill.filled_at))

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        about = f"funding of {pair}"
        rows = [
            row async for row in self._executions(pair, since=since, about=about, execType=FUNDING)
        ]

        def parse(row: Any) -> FundingPayment | None:
            is_wanted = row["symbol"] == spell(pair) and row["execType"] == FUNDING
            return parse_payment(row, pair=pair) if is_wanted else None

        found = self._client.rows.parse(rows, parse, about=about)
        payments = {payment.payment_id: payment for payment in found}.values()
        return tuple(sorted(payments, key=lambda payment: payment.paid_at))

    async def _executions(
        self, pair: Pair, *, since: datetime, about: str, **query: object
    ) -> AsyncIterator[dict[str, Any]]:
        """Oldest window first; within a window, oldest row first."""
        begin, until = since, self._client.clock()
        while begin <= until:
            end = min(begin + HISTORY_WINDOW - timedelta(milliseconds=1), until)
            asked = {
                **name_contract(pair),
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
        """Every row, page by page; a repeated cursor ends the list."""
        cursors = {""}
        cursor = ""
        while True:
            asked = {**query, "cursor": cursor} if cursor else query
            answer = await self._client.read(endpoint, asked, about=about)
            with self._client.parsing(about):
                rows = answer["result"]["list"]
                cursor = str(answer["result"].get("nextPageCursor") or "")
                if not isinstance(rows, list):
                    raise TypeError("no list")
            for row in rows:
                yield row
            if cursor in cursors or not rows:
                return
            cursors.add(cursor)

    def _build_order(self, intent: OrderIntent) -> Request:
        parameters: dict[str, object] = {
            **name_contract(intent.pair),
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
            parameters={**name_contract(pair), "orderLinkId": client_order_id},
        )

    def _read_placed(self, body: Any, intent: OrderIntent) -> Order | None:
        """Name and id prove our order; the time stamp of the answer is optional."""
        try:
            number, name = body["result"]["orderId"], body["result"]["orderLinkId"]
        except MALFORMED:
            return None
        if name != intent.client_order_id or not isinstance(number, str) or not number:
            return None
        at = read_instant(body, "time", default=self._client.clock())
        return build_accepted(intent, venue_order_id=number, at=at)

    async def _find_key_faults(self) -> tuple[Message, ...]:
        return await self._settings.find_key_faults()

    async def _find_account_faults(self) -> tuple[Message, ...]:
        return await self._settings.find_account_faults()

    async def _check_modes(self, pair: Pair) -> Decimal | None:
        return await self._settings.check_modes(pair)

    async def _change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        await self._settings.change_leverage(pair, leverage)

    def _is_gone(self, body: Any) -> bool:
        return isinstance(body, dict) and str(body.get("retCode")) in _GONE
