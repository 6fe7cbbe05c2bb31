"""Binance USD-M, account side of a user: orders, stops, fills, positions, balance.

plain orders -> /fapi/v1/order        stops and targets -> /fapi/v1/algoOrder (mark price)

Decisions: only our client order id names an order, and the answer has to carry the name back. A
trade carries only the venue's id of the order, so names are looked up, the algo service first: the
engine's order of a triggered stop belongs to the stop (`history`). Stops are reduce-only with a
quantity. Lists are parsed row by row; an unreadable row of another contract never stops ours.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from blocks.venues.base.exchange import AccountExchange, Request, build_accepted, write_number
from blocks.venues.base.market import PublicMarket
from blocks.venues.base.parsing import parse_instant
from blocks.venues.base.rate_limiter import Budget
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import MALFORMED, is_row_of, read_symbol
from blocks.venues.base.transfers import BinanceTransfers
from blocks.venues.binance.client import BINANCE, QUOTE, build_urls, read_pair, spell
from blocks.venues.binance.history import NOT_FOUND, BinanceHistory
from blocks.venues.binance.parsing import (
    ALGO_TYPES,
    PLAIN_TYPES,
    SIDES,
    find_actual_id,
    parse_algo,
    parse_plain,
    parse_position,
)
from blocks.venues.binance.settings import BinanceSettings
from trading.domain.accounts import Balance
from trading.domain.instruments import FeeRates, LeverageTier
from trading.domain.messages import Message
from trading.domain.orders import Fill, Order, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, to_decimal
from trading.ports import Clock, FundingPayment
from trading.security.credentials import Credentials, Environment


class BinanceExchange(AccountExchange):
    """
    `Exchange` of a Binance USD-M account.

    Args:
        url: of another compatible host (demo, a test), None for Binance.
    """

    venue = VenueName.BINANCE

    def __init__(
        self,
        credentials: Credentials,
        *,
        market: PublicMarket,
        clock: Clock,
        budget: Budget,
        url: str | None = None,
    ) -> None:
        urls = None if url is None else build_urls(url)
        client = PrivateClient(
            BINANCE, credentials=credentials, clock=clock, budget=budget, urls=urls
        )
        super().__init__(client, market=market)
        is_demo = credentials.environment is Environment.DEMO
        self._settings = BinanceSettings(client, is_demo=is_demo)
        self._history = BinanceHistory(client, estimate=self.estimate_fee_rate)
        self.transfers = BinanceTransfers(client)

    async def fetch_time(self) -> datetime:
        answer = await self._client.read("fapiPublicGetTime", {}, about="time")
        with self._client.parsing("time"):
            return parse_instant(answer["serverTime"])

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        return await self._settings.fetch_leverage_tiers(pair)

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates:
        return await self._settings.fetch_fee_rates(pair)

    async def fetch_balance(self) -> Balance:
        account = await self._client.read("fapiPrivateV3GetAccount", {}, about="balance", weight=5)
        with self._client.parsing("balance"):
            rows = [row for row in account["assets"] if is_row_of(row, asset=QUOTE)]
            if not rows:
                return Balance(total=ZERO, available=ZERO, reserved=ZERO)
            return Balance(
                total=to_decimal(rows[0]["walletBalance"]),
                available=to_decimal(rows[0]["availableBalance"]),
                reserved=to_decimal(rows[0]["initialMargin"]),
            )

    async def fetch_positions(self) -> tuple[Position, ...]:
        """Open positions; an unreadable row is in `oddities` under the row's symbol."""
        about = "positions"
        rows = await self._client.read("fapiPrivateV2GetPositionRisk", {}, about=about, weight=5)
        as_of = self._client.clock()

        def parse(row: Any) -> Position | None:
            if not read_symbol(row).endswith(QUOTE):
                return None
            pair = read_pair(row["symbol"])
            leverage = self._leverages.get(pair, Decimal(1))
            return parse_position(row, pair=pair, as_of=as_of, leverage=leverage)

        with self._client.parsing(about):
            return tuple(self._client.rows.parse(rows, parse, about=about))

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        """Resting orders; a triggered stop is over and does not rest."""
        about, symbol = f"open orders of {pair}", {"symbol": spell(pair)}
        plain = await self._client.read("fapiPrivateGetOpenOrders", symbol, about=about)
        algo = await self._client.read("fapiPrivateGetOpenAlgoOrders", symbol, about=about)

        def parse_one(row: Any) -> Order | None:
            return parse_plain(row, pair=pair) if is_row_of(row, symbol=spell(pair)) else None

        def parse_stop(row: Any) -> Order | None:
            is_wanted = is_row_of(row, symbol=spell(pair)) and row["orderType"] in _ALGO_WORDS
            return parse_algo(row, pair=pair) if is_wanted else None

        with self._client.parsing(about):
            orders = [
                *self._client.rows.parse(algo, parse_stop, about=f"stops of {pair}"),
                *self._client.rows.parse(plain, parse_one, about=f"orders of {pair}"),
            ]
        return tuple(order for order in orders if not order.status.is_final)

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        """Looked up at both services; an answer about another order counts as not found."""
        symbol = spell(pair)
        about = f"an order of {pair}"
        plain = await self._history.find(
            "fapiPrivateGetOrder", {"symbol": symbol, "origClientOrderId": client_order_id}
        )
        if plain is not None:
            with self._client.parsing(about):
                if plain["clientOrderId"] == client_order_id:
                    return parse_plain(plain, pair=pair)
        algo = await self._history.find(
            "fapiPrivateGetAlgoOrder", {"clientAlgoId": client_order_id}
        )
        if algo is None or algo.get("clientAlgoId") != client_order_id:
            return None
        actual_id = find_actual_id(algo)
        became = None
        if actual_id:
            became = await self._history.find(
                "fapiPrivateGetOrder", {"symbol": symbol, "orderId": actual_id}
            )
        with self._client.parsing(about):
            return parse_algo(algo, pair=pair, became=became)

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        return await self._history.fetch_fills(pair, since=since)

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        return await self._history.fetch_payments(pair, since=since)

    def _build_order(self, intent: OrderIntent) -> Request:
        common = {
            "symbol": spell(intent.pair),
            "side": SIDES[intent.side],
            "quantity": write_number(intent.quantity),
            "reduceOnly": "true" if intent.reduce_only else "false",
        }
        if intent.trigger_price is None:
            plain = {
                "type": PLAIN_TYPES[intent.order_type],
                "newClientOrderId": intent.client_order_id,
                "newOrderRespType": "RESULT",
            }
            return Request(endpoint="fapiPrivatePostOrder", parameters={**common, **plain})
        algo = {
            "algoType": "CONDITIONAL",
            "type": ALGO_TYPES[intent.order_type],
            "triggerPrice": write_number(intent.trigger_price),
            "workingType": "MARK_PRICE",
            "clientAlgoId": intent.client_order_id,
        }
        return Request(endpoint="fapiPrivatePostAlgoOrder", parameters={**common, **algo})

    def _build_cancel(self, pair: Pair, client_order_id: ClientOrderId) -> Request:
        """Only stops and targets ever rest."""
        return Request(
            endpoint="fapiPrivateDeleteAlgoOrder",
            parameters={"symbol": spell(pair), "clientAlgoId": client_order_id},
        )

    def _read_placed(self, body: Any, intent: OrderIntent) -> Order | None:
        """Name, id and symbol prove our order; every other field of the answer is optional."""
        is_plain = intent.order_type is OrderType.MARKET
        try:
            name, number = (
                (body["clientOrderId"], body["orderId"])
                if is_plain
                else (body["clientAlgoId"], body["algoId"])
            )
            if name != intent.client_order_id or body["symbol"] != spell(intent.pair):
                return None
            if isinstance(number, bool) or int(number) <= 0:
                return None
        except MALFORMED:
            return None
        try:
            parse = parse_plain if is_plain else parse_algo
            return parse(body, pair=intent.pair)
        except MALFORMED:
            return build_accepted(intent, venue_order_id=str(number), at=self._client.clock())

    async def _find_key_faults(self) -> tuple[Message, ...]:
        return await self._settings.find_key_faults()

    async def _find_account_faults(self) -> tuple[Message, ...]:
        return await self._settings.find_account_faults()

    async def _check_modes(self, pair: Pair) -> Decimal | None:
        return await self._settings.check_modes(pair)

    async def _change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        await self._settings.change_leverage(pair, leverage)

    def _is_gone(self, body: Any) -> bool:
        return isinstance(body, dict) and str(body.get("code")) in NOT_FOUND


_ALGO_WORDS = frozenset(ALGO_TYPES.values())
