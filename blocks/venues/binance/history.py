"""The history of a Binance account: trades and funding, with our names for the orders.

userTrades -> allAlgoOrders, order (names) -> Fill          income -> FundingPayment

A trade carries only the venue's id of the order. The algo service is asked first, because the
engine's order of a triggered stop has a name of the venue's making and belongs to the stop.
Histories are read in windows of seven days, the venue's maximum, and no further back than 89 days:
since 2026-08-26 trades and algo orders reach back three months. A full page of trades is followed
by id, so that any number of trades within a millisecond is read; a full page of income by page
number (WORLD.md, Binance).
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from blocks.venues.base.parsing import has_number, require_text, to_milliseconds
from blocks.venues.base.response_classifier import find_code
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import MALFORMED
from blocks.venues.binance.client import spell
from blocks.venues.binance.parsing import (
    ESTIMATED_FEE_RATE,
    find_actual_id,
    parse_fill,
    parse_payment,
)
from trading.domain.errors import QuorumError
from trading.domain.orders import Fill
from trading.domain.units import ClientOrderId, Pair, to_decimal
from trading.ports import FundingPayment

HISTORY_WINDOW = timedelta(days=7)
HISTORY_REACH = timedelta(days=89)
PAGE = 1000
MAX_PAGES = 100
"""Pages of one window: 100,000 trades; more is a venue that repeats its answer."""
NOT_FOUND = frozenset({"-2011", "-2013"})
WEIGHTS = {"fapiPrivateGetUserTrades": 5, "fapiPrivateGetIncome": 30}
_SEVERAL = ("BNFCR", "BFUSD")
"""Assets of multi-assets and credits trading, worth one dollar (binance.com, credits trading)."""


class EstimateRate(Protocol):
    """Finds the rate of a fee that the venue does not tell."""

    async def __call__(self, pair: Pair, *, usual: Decimal) -> Decimal:
        """The account's own taker rate, `usual` where unreadable."""
        ...


class BinanceHistory:
    """
    Reads an account's past; a name once learned is kept.

    Args:
        estimate: finds the rate of fees that the venue does not tell.
    """

    def __init__(self, client: PrivateClient, *, estimate: EstimateRate) -> None:
        self._client = client
        self._estimate = estimate
        self._names: dict[str, ClientOrderId] = {}
        self._prices: dict[str, Decimal] = dict.fromkeys(_SEVERAL, Decimal(1))

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        about = f"fills of {pair}"
        rows = [row async for row in self._read_trades(pair, since)]
        ours = [row for row in rows if row.get("symbol") == spell(pair)]
        numbers = {str(row.get("orderId")) for row in ours}
        await self._name_orders(pair, {n for n in numbers if n.isdigit()}, since=since)
        prices = await self._fetch_fee_prices(rows, pair=pair)
        rate = ESTIMATED_FEE_RATE
        if not all(has_number(row, "commission") for row in rows):
            rate = await self._estimate(pair, usual=ESTIMATED_FEE_RATE)

        def parse(row: Any) -> Fill | None:
            if row["symbol"] != spell(pair):
                return None
            name = self._names.get(str(row["orderId"]))
            return parse_fill(row, pair=pair, client_order_id=name, prices=prices, fee_rate=rate)

        with self._client.parsing(about):
            found = self._client.rows.parse(rows, parse, about=about)
        fills = {fill.trade_id: fill for fill in found}.values()
        return tuple(sorted(fills, key=lambda fill: (fill.filled_at, int(fill.trade_id))))

    async def fetch_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        about = f"funding of {pair}"
        rows = [row async for row in self._read_income(pair, since)]

        def parse(row: Any) -> FundingPayment | None:
            is_wanted = row["symbol"] == spell(pair) and row["incomeType"] == "FUNDING_FEE"
            return parse_payment(row, pair=pair) if is_wanted else None

        with self._client.parsing(about):
            found = self._client.rows.parse(rows, parse, about=about)
        payments = {payment.payment_id: payment for payment in found}.values()
        return tuple(sorted(payments, key=lambda payment: payment.paid_at))

    async def _read_trades(self, pair: Pair, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Trades window by window; after a full page the id of the last trade leads on."""
        for begin, end in _windows(since, self._client.clock()):
            query = _limit(pair, begin, end)
            for _ in range(MAX_PAGES):
                page = await self._read_page("fapiPrivateGetUserTrades", pair, query)
                for row in page:
                    if _is_until(row, end):
                        yield row
                last = max((_read_int(row, "id") for row in page), default=0)
                if len(page) < PAGE or not last or not _is_until(page[-1], end):
                    break
                query = {"symbol": spell(pair), "fromId": last + 1, "limit": PAGE}

    async def _read_income(self, pair: Pair, since: datetime) -> AsyncIterator[dict[str, Any]]:
        for begin, end in _windows(since, self._client.clock()):
            for number in range(1, MAX_PAGES + 1):
                query = _limit(pair, begin, end)
                query |= {"incomeType": "FUNDING_FEE", "page": number}
                page = await self._read_page("fapiPrivateGetIncome", pair, query)
                for row in page:
                    yield row
                if len(page) < PAGE:
                    break

    async def _read_page(
        self, endpoint: str, pair: Pair, query: dict[str, object]
    ) -> list[dict[str, Any]]:
        about = f"history of {pair}"
        page = await self._client.read(endpoint, query, about=about, weight=WEIGHTS[endpoint])
        with self._client.parsing(about):
            if not isinstance(page, list):
                raise TypeError("no list")
        return [row for row in page if isinstance(row, dict)]

    async def _fetch_fee_prices(
        self, rows: list[dict[str, Any]], *, pair: Pair
    ) -> dict[str, Decimal]:
        """Prices of the fee assets in the quote; an asset without a price is left out."""
        assets = {str(row.get("commissionAsset") or pair.quote) for row in rows} - {pair.quote}
        for asset in sorted(assets - self._prices.keys()):
            if not (asset.isascii() and asset.isalnum()):
                continue
            symbol = {"symbol": f"{asset}{pair.quote}"}
            try:
                mark = await self._client.read(
                    "fapiPublicGetPremiumIndex", symbol, about=f"price of {asset}"
                )
                self._prices[asset] = to_decimal(mark["markPrice"])
            except (QuorumError, *MALFORMED):
                continue  # the fee is estimated: bookkeeping detail must not stop the booking
        return self._prices

    async def _name_orders(self, pair: Pair, order_ids: set[str], *, since: datetime) -> None:
        """Learn our names for the venue's ids: stops first, then each plain order alone."""
        if not order_ids - self._names.keys():
            return
        for begin, end in _windows(since - HISTORY_WINDOW, self._client.clock()):
            rows = await self._client.read(
                "fapiPrivateGetAllAlgoOrders",
                _limit(pair, begin, end),
                about=f"stops of {pair}",
                weight=5,
            )
            for row in rows if isinstance(rows, list) else ():
                self._learn_name(row)
        for order_id in sorted(order_ids - self._names.keys()):
            query: dict[str, object] = {"symbol": spell(pair), "orderId": order_id}
            found = await self.find("fapiPrivateGetOrder", query)
            if found is None:
                continue
            with self._client.parsing(f"orders of {pair}"):
                if str(found["orderId"]) != order_id:
                    raise ValueError("another order")
                self._names[order_id] = ClientOrderId(require_text(found["clientOrderId"]))

    def _learn_name(self, row: Any) -> None:
        if not isinstance(row, dict) or not isinstance(row.get("clientAlgoId"), str):
            return
        if actual_id := find_actual_id(row):
            self._names[actual_id] = ClientOrderId(row["clientAlgoId"])

    async def find(self, endpoint: str, query: dict[str, object]) -> dict[str, Any] | None:
        """An order, None when this service does not show the order."""
        answer = await self._client.ask(endpoint, query)
        if find_code(answer, self._client.table) in self._client.table.clock:
            answer = await self._client.ask(endpoint, query)
        if find_code(answer, self._client.table) in NOT_FOUND:
            return None
        found = self._client.take(answer, about="order")
        return found if isinstance(found, dict) and found else None


def _limit(pair: Pair, begin: datetime, end: datetime) -> dict[str, object]:
    return {
        "symbol": spell(pair),
        "startTime": to_milliseconds(begin),
        "endTime": to_milliseconds(end),
        "limit": PAGE,
    }


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Consecutive windows over [since, until], as far back as the venue remembers."""
    begin = max(since, until - HISTORY_REACH)
    while begin <= until:
        yield begin, min(begin + HISTORY_WINDOW - timedelta(milliseconds=1), until)
        begin += HISTORY_WINDOW


def _read_int(row: dict[str, Any], name: str) -> int:
    value = row.get(name)
    return value if isinstance(value, int) else 0


def _is_until(row: dict[str, Any], end: datetime) -> bool:
    return _read_int(row, "time") <= to_milliseconds(end)
