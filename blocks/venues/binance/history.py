"""What happened in a Binance account: trades and funding, with our own names for the orders.

userTrades -> allAlgoOrders, order (names) -> Fill          income -> FundingPayment

A trade carries only the venue's id of its order. The algo service is asked first, because the
order that a stop became has a name of the venue's making and belongs to the stop. Histories are
read in windows of seven days, the most that the venue gives at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from blocks.venues.base.parsing import to_milliseconds
from blocks.venues.base.response_classifier import find_code
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.binance.parsing import find_actual_id, parse_fill, parse_payment
from trading.domain.orders import Fill
from trading.domain.units import ClientOrderId, Pair
from trading.ports import FundingPayment

HISTORY_WINDOW = timedelta(days=7)
PAGE = 1000
NOT_FOUND = frozenset({"-2011", "-2013"})
WEIGHTS = {"fapiPrivateGetUserTrades": 5, "fapiPrivateGetIncome": 30}


class BinanceHistory:
    """Reads of one account's past; names once learned are kept."""

    def __init__(self, client: PrivateClient) -> None:
        self._client = client
        self._names: dict[str, ClientOrderId] = {}

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        about = f"fills of {pair}"
        rows: list[Any] = []
        for begin, end in _windows(since, self._client.clock()):
            rows += await self._read_window("fapiPrivateGetUserTrades", pair, begin, end)
        await self._name_orders(pair, {str(row["orderId"]) for row in rows}, since=since)
        with self._client.parsing(about):
            fills = [
                parse_fill(row, pair=pair, client_order_id=self._names.get(str(row["orderId"])))
                for row in {row["id"]: row for row in rows}.values()
            ]
        return tuple(sorted(fills, key=lambda fill: (fill.filled_at, int(fill.trade_id))))

    async def fetch_payments(self, pair: Pair, *, since: datetime) -> tuple[FundingPayment, ...]:
        about = f"funding of {pair}"
        rows: list[Any] = []
        for begin, end in _windows(since, self._client.clock()):
            rows += await self._read_window(
                "fapiPrivateGetIncome", pair, begin, end, incomeType="FUNDING_FEE"
            )
        with self._client.parsing(about):
            found = {row["tranId"]: parse_payment(row, pair=pair) for row in rows}
        return tuple(sorted(found.values(), key=lambda payment: payment.paid_at))

    async def _read_window(
        self, endpoint: str, pair: Pair, begin: datetime, end: datetime, **query: object
    ) -> list[Any]:
        """Every row of the window; a full page is followed from its last row's time."""
        rows: list[Any] = []
        start_ms = to_milliseconds(begin)
        while True:
            asked = {
                "symbol": spell(pair),
                "startTime": start_ms,
                "endTime": to_milliseconds(end),
                "limit": PAGE,
                **query,
            }
            page = await self._client.read(
                endpoint, asked, about=f"history of {pair}", weight=WEIGHTS[endpoint]
            )
            rows += page
            if len(page) < PAGE or page[-1]["time"] == start_ms:
                return rows
            start_ms = page[-1]["time"]

    async def _name_orders(self, pair: Pair, order_ids: set[str], *, since: datetime) -> None:
        """Learn our names for the venue's ids: stops first, then plain orders one by one."""
        about = f"orders of {pair}"
        if not order_ids - self._names.keys():
            return
        for begin, end in _windows(since - HISTORY_WINDOW, self._client.clock()):
            rows = await self._read_algo_window(pair, begin, end)
            with self._client.parsing(about):
                for row in rows:
                    if actual_id := find_actual_id(row):
                        self._names[actual_id] = ClientOrderId(row["clientAlgoId"])
        for order_id in sorted(order_ids - self._names.keys()):
            row = await self.find(
                "fapiPrivateGetOrder", {"symbol": spell(pair), "orderId": order_id}
            )
            if row is not None:
                with self._client.parsing(about):
                    self._names[order_id] = ClientOrderId(row["clientOrderId"])

    async def _read_algo_window(self, pair: Pair, begin: datetime, end: datetime) -> list[Any]:
        asked = {
            "symbol": spell(pair),
            "startTime": to_milliseconds(begin),
            "endTime": to_milliseconds(end),
            "limit": PAGE,
        }
        rows: list[Any] = await self._client.read(
            "fapiPrivateGetAllAlgoOrders", asked, about=f"stops of {pair}", weight=5
        )
        return rows

    async def find(self, endpoint: str, query: dict[str, object]) -> dict[str, Any] | None:
        """One order, None when this service does not show it."""
        answer = await self._client.ask(endpoint, query)
        if find_code(answer, self._client.table) in NOT_FOUND:
            return None
        found = self._client.take(answer, about="order")
        return found if isinstance(found, dict) and found else None


def spell(pair: Pair) -> str:
    """The venue's symbol."""
    return f"{pair.base}{pair.quote}"


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Consecutive windows that cover [since, until]."""
    begin = since
    while begin <= until:
        yield begin, min(begin + HISTORY_WINDOW - timedelta(milliseconds=1), until)
        begin += HISTORY_WINDOW
