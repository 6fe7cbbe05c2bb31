"""Binance USD-M, one user's account: orders, stops, fills, positions, balance.

plain orders -> /fapi/v1/order        stops and targets -> /fapi/v1/algoOrder (mark price)

Decisions: only our client order id names an order, and the answer has to carry it back. A trade
names its order by the venue's id only, so the names are looked up, the algo service first: what a
stop became belongs to the stop (`binance_history`). Stops are reduce-only with a quantity.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from blocks.venues.base.exchange import AccountExchange, Request, write_number
from blocks.venues.base.key_permissions import find_binance_faults
from blocks.venues.base.parsing import parse_instant
from blocks.venues.base.rate_limiter import Budget
from blocks.venues.base.response_classifier import BINANCE_TABLE, RawAnswer, find_code
from blocks.venues.base.rest_client import MALFORMED, Dialect, PrivateClient
from blocks.venues.base.transfers import BinanceTransfers
from blocks.venues.binance.history import NOT_FOUND, BinanceHistory, spell
from blocks.venues.binance.parsing import (
    ALGO_TYPES,
    PLAIN_TYPES,
    SIDES,
    find_actual_id,
    parse_algo,
    parse_plain,
    parse_position,
)
from trading.domain.accounts import Balance
from trading.domain.credentials import Credentials, Environment
from trading.domain.errors import PermanentError
from trading.domain.instruments import LeverageTier
from trading.domain.orders import Fill, Order, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, to_decimal
from trading.ports import Clock, FundingPayment, MarketData

QUOTE = "USDT"

_DENIED = frozenset({"-1022", "-2014", "-2015", "-1121", "-1102"})


def find_retry_after(answer: RawAnswer) -> float | None:
    """Seconds of the standard header."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


BINANCE = Dialect(
    name="Binance",
    build=ccxt.binanceusdm,
    table=BINANCE_TABLE,
    denied=_DENIED,
    find_wait=find_retry_after,
)


def build_urls(url: str) -> dict[str, str]:
    """The account's interfaces at another host that speaks the same; `url` without a path."""
    return {
        "fapiPublic": f"{url}/fapi/v1",
        "fapiPrivate": f"{url}/fapi/v1",
        "fapiPrivateV2": f"{url}/fapi/v2",
        "fapiPrivateV3": f"{url}/fapi/v3",
        "sapi": f"{url}/sapi/v1",
    }


class BinanceExchange(AccountExchange):
    """
    `Exchange` of one Binance USD-M account.

    Args:
        url: of another host that speaks the same (demo, a test), None for Binance.
    """

    venue = VenueName.BINANCE

    def __init__(
        self,
        credentials: Credentials,
        *,
        market: MarketData,
        clock: Clock,
        budget: Budget,
        url: str | None = None,
    ) -> None:
        urls = None if url is None else build_urls(url)
        client = PrivateClient(
            BINANCE, credentials=credentials, clock=clock, budget=budget, urls=urls
        )
        super().__init__(client, market=market)
        self._is_demo = credentials.environment is Environment.DEMO
        self._history = BinanceHistory(client)
        self.transfers = BinanceTransfers(client)

    async def fetch_time(self) -> datetime:
        answer = await self._client.read("fapiPublicGetTime", {}, about="time")
        with self._client.parsing("time"):
            return parse_instant(answer["serverTime"])

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        about, symbol = f"leverage tiers of {pair}", {"symbol": spell(pair)}
        rows = await self._client.read("fapiPrivateGetLeverageBracket", symbol, about=about)
        with self._client.parsing(about):
            (row,) = [row for row in rows if row["symbol"] == spell(pair)]
            return tuple(
                LeverageTier(
                    to_decimal(bracket["notionalCap"]), to_decimal(bracket["initialLeverage"])
                )
                for bracket in row["brackets"]
            )

    async def fetch_balance(self) -> Balance:
        account = await self._client.read("fapiPrivateV3GetAccount", {}, about="balance", weight=5)
        with self._client.parsing("balance"):
            rows = [row for row in account["assets"] if row["asset"] == QUOTE]
            if not rows:
                return Balance(total=ZERO, available=ZERO, reserved=ZERO)
            return Balance(
                total=to_decimal(rows[0]["walletBalance"]),
                available=to_decimal(rows[0]["availableBalance"]),
                reserved=to_decimal(rows[0]["initialMargin"]),
            )

    async def fetch_positions(self) -> tuple[Position, ...]:
        rows = await self._client.read(
            "fapiPrivateV2GetPositionRisk", {}, about="positions", weight=5
        )
        with self._client.parsing("positions"):
            return tuple(
                parse_position(row, pair=_read_pair(row["symbol"]))
                for row in rows
                if row["symbol"].endswith(QUOTE) and to_decimal(row["positionAmt"]) != 0
            )

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        about, symbol = f"open orders of {pair}", {"symbol": spell(pair)}
        plain = await self._client.read("fapiPrivateGetOpenOrders", symbol, about=about)
        algo = await self._client.read("fapiPrivateGetOpenAlgoOrders", symbol, about=about)
        with self._client.parsing(about):
            return (
                *(parse_plain(row, pair=pair) for row in plain),
                *(parse_algo(row, pair=pair) for row in algo if row["orderType"] in _ALGO_WORDS),
            )

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        """Asked of both services; an answer about another order counts as not found."""
        symbol = spell(pair)
        about = f"an order of {pair}"
        plain = await self._history.find(
            "fapiPrivateGetOrder", {"symbol": symbol, "origClientOrderId": client_order_id}
        )
        if plain is not None:
            with self._client.parsing(about):
                order = parse_plain(plain, pair=pair)
                if order.client_order_id == client_order_id:
                    return order
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
        is_plain = intent.order_type is OrderType.MARKET
        try:
            name, number = (
                (body["clientOrderId"], body["orderId"])
                if is_plain
                else (body["clientAlgoId"], body["algoId"])
            )
            if name != intent.client_order_id or number in {None, "", 0}:
                return None
            if body["symbol"] != spell(intent.pair):
                return None
            order = (
                parse_plain(body, pair=intent.pair)
                if is_plain
                else parse_algo(body, pair=intent.pair)
            )
        except MALFORMED:
            return None
        return order

    async def _find_key_faults(self) -> tuple[str, ...]:
        """Binance's demo does not tell a key's rights, but play money: that it opens is enough."""
        if self._is_demo:
            await self.fetch_balance()
            return ()
        about = "key's rights"
        answer = await self._client.read("sapiGetAccountApiRestrictions", {}, about=about)
        with self._client.parsing(about):
            return find_binance_faults(answer, may_transfer=self._client.may_transfer)

    def _is_gone(self, body: Any) -> bool:
        return isinstance(body, dict) and str(body.get("code")) in NOT_FOUND

    async def _check_modes(self, pair: Pair) -> Decimal | None:
        about = f"settings of {pair}"
        mode = await self._client.read(
            "fapiPrivateGetPositionSideDual", {}, about=about, weight=30
        )
        symbol = {"symbol": spell(pair)}
        rows = await self._client.read("fapiPrivateGetSymbolConfig", symbol, about=about, weight=5)
        with self._client.parsing(about):
            if str(mode["dualSidePosition"]).lower() != "false":
                raise PermanentError(
                    "The Binance account is in hedge mode. Switch it to one-way mode "
                    "(Preferences, Position Mode) and try again."
                )
            row = next(row for row in rows if row["symbol"] == spell(pair))
            if row["marginType"].upper() != "ISOLATED":
                raise PermanentError(
                    f"{pair} uses cross margin at Binance. Set it to isolated and try again."
                )
            return to_decimal(row["leverage"])

    async def _change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        about = f"leverage of {pair}"
        asked = {"symbol": spell(pair), "leverage": write_number(leverage)}
        answer = await self._client.ask("fapiPrivatePostLeverage", asked)
        if find_code(answer, self._client.table) in {"-2027", "-2028", "-4028"}:
            raise PermanentError(f"Binance does not allow leverage {leverage} for {pair}.")
        with self._client.parsing(about):
            if to_decimal(self._client.take(answer, about=about)["leverage"]) != leverage:
                raise ValueError("another leverage")


def _read_pair(symbol: str) -> Pair:
    return Pair(symbol.removesuffix(QUOTE), QUOTE)


_ALGO_WORDS = frozenset(ALGO_TYPES.values())
