"""Bybit linear perpetuals, the public side: prices, candles, book, funding and rules, no key.

v5 endpoints (category linear) -> values

Fees are the fees of a new account. Maintenance margin and leverage are from the lowest risk tier.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from blocks.venues.base.market import (
    BOOK_LEVELS,
    INTEREST_HOURS,
    PublicMarket,
    SettledRate,
)
from blocks.venues.base.parsing import parse_book, parse_candle, parse_instant, to_milliseconds
from blocks.venues.base.public_client import (
    DEADLINE_SECONDS,
    Answer,
    PublicClient,
    build_exchange,
    find_retry_after,
)
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.instruments import Instrument
from trading.domain.messages import message
from trading.domain.units import Pair, VenueName, to_decimal
from trading.market.candles import Candle, Interval
from trading.market.snapshot import (
    FundingRate,
    OrderBook,
    Ticker,
)

MAKER_FEE_RATE = Decimal("0.0002")
TAKER_FEE_RATE = Decimal("0.00055")

_INTERVALS = {Interval.M5: "5", Interval.M15: "15", Interval.H1: "60", Interval.H4: "240"}
_FUNDING_PAGE = 200
_ADDRESS_BAN_SECONDS = 600.0  # 403: over 600 requests in 5 s from the same address


class BybitMarket(PublicMarket):
    """
    `MarketData` of Bybit's linear perpetuals.

    Args:
        deadline_seconds: time limit of an answer.
        url: of another compatible host, without a path; None for Bybit.
    """

    venue = VenueName.BYBIT
    funding_pages_forward = False

    def __init__(
        self, *, deadline_seconds: float = DEADLINE_SECONDS, url: str | None = None
    ) -> None:
        exchange = build_exchange(ccxt.bybit, urls=None if url is None else {"public": url})
        client = PublicClient(
            exchange, name="Bybit", deadline_seconds=deadline_seconds, find_wait=_find_wait
        )
        super().__init__(client)

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:  # noqa: ARG002
        """A single answer holds all prices; the time is the venue's time of the answer."""
        about = f"prices of {pair}"
        answer = await self._ask("publicGetV5MarketTickers", self.spell(pair), about=about)
        with self._client.parsing(about):
            row = answer["result"]["list"][0]
            return Ticker(
                last_price=to_decimal(row["lastPrice"]),
                mark_price=to_decimal(row["markPrice"]),
                best_bid=to_decimal(row["bid1Price"]),
                best_ask=to_decimal(row["ask1Price"]),
                as_of=parse_instant(answer["time"]),
            )

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:  # noqa: ARG002
        """Fifty levels a side."""
        about = f"order book of {pair}"
        answer = await self._ask(
            "publicGetV5MarketOrderbook", self.spell(pair), about=about, limit=BOOK_LEVELS
        )
        with self._client.parsing(about):
            book = answer["result"]
            return parse_book(book["b"], book["a"], as_of=parse_instant(book["ts"]))

    async def _fetch_funding_rate(self, pair: Pair) -> FundingRate:
        about = f"funding rate of {pair}"
        answer = await self._ask("publicGetV5MarketTickers", self.spell(pair), about=about)
        with self._client.parsing(about):
            row = answer["result"]["list"][0]
            return FundingRate(
                rate=to_decimal(row["fundingRate"]),
                next_at=parse_instant(row["nextFundingTime"]),
                as_of=parse_instant(answer["time"]),
            )

    async def _fetch_funding_page(
        self, symbol: str, *, since: datetime, until: datetime
    ) -> tuple[SettledRate, ...]:
        """
        GET /v5/market/funding/history, at most 200 before `until` (document of 2026-11-30).

        `startTime` without `endTime` is refused there.
        """
        about = f"funding history of {symbol}"
        answer = await self._ask(
            "publicGetV5MarketFundingHistory",
            symbol,
            about=about,
            startTime=to_milliseconds(since),
            endTime=to_milliseconds(until) - 1,
            limit=_FUNDING_PAGE,
        )
        with self._client.parsing(about):
            return tuple(
                (parse_instant(row["fundingRateTimestamp"]), to_decimal(row["fundingRate"]))
                for row in answer["result"]["list"]
            )

    async def _fetch_interest(self, symbol: str) -> Iterable[tuple[datetime, Decimal]]:
        """GET /v5/market/open-interest, newest first (document of 2026-11-30)."""
        about = f"open interest of {symbol}"
        answer = await self._ask(
            "publicGetV5MarketOpenInterest",
            symbol,
            about=about,
            intervalTime="1h",
            limit=INTEREST_HOURS,
        )
        with self._client.parsing(about):
            return [
                (parse_instant(row["timestamp"]), to_decimal(row["openInterest"]))
                for row in answer["result"]["list"]
            ]

    async def _ping(self) -> None:
        await self._client.read("publicGetV5MarketTime", {}, about="answer")

    async def _ask(self, endpoint: str, symbol: str, *, about: str, **query: object) -> Any:
        asked = {"category": "linear", "symbol": symbol, **query}
        return await self._client.read(endpoint, asked, about=about)

    async def _fetch_page(
        self, symbol: str, interval: Interval, *, count: int, end: datetime
    ) -> tuple[Candle, ...]:
        about = f"candles of {symbol}"
        answer = await self._ask(
            "publicGetV5MarketKline",
            symbol,
            about=about,
            interval=_INTERVALS[interval],
            limit=count,
            end=to_milliseconds(end) - 1,  # inclusive there, by open time
        )
        with self._client.parsing(about):
            return tuple(parse_candle(row) for row in reversed(answer["result"]["list"]))

    async def _fetch_rules(self, pair: Pair, *, symbol: str, as_of: datetime) -> Instrument:
        about = f"rules of {pair}"
        answer = await self._ask("publicGetV5MarketInstrumentsInfo", symbol, about=about)
        with self._client.parsing(about):
            found = [
                entry
                for entry in answer["result"]["list"]
                if entry.get("contractType") == "LinearPerpetual"
                and entry.get("status") == "Trading"
            ]
        if not found:
            hint = self.find_multiple(pair, await self._list_names())
            raise PermanentError(
                message("venue-lacks-pair", venue="Bybit", pair=str(pair), hint=hint)
            )
        risk = await self._ask("publicGetV5MarketRiskLimit", symbol, about=about)
        with self._client.parsing(about):
            lowest = [tier for tier in risk["result"]["list"] if tier["isLowestRisk"] == 1]
            return _parse_rules(found[0], tier=lowest[0], pair=pair, as_of=as_of)

    async def _list_names(self) -> set[str]:
        """Symbols of all linear contracts; empty when the venue does not answer."""
        query = {"category": "linear", "limit": 1000}
        try:
            answer = await self._client.read(
                "publicGetV5MarketInstrumentsInfo", query, about="contracts"
            )
            with self._client.parsing("contracts"):
                return {str(entry.get("symbol")) for entry in answer["result"]["list"]}
        except QuorumError:
            return set()


def _parse_rules(
    entry: Mapping[str, Any], *, tier: Mapping[str, Any], pair: Pair, as_of: datetime
) -> Instrument:
    lot = entry["lotSizeFilter"]
    return Instrument(
        venue=VenueName.BYBIT,
        pair=pair,
        symbol=entry["symbol"],
        tick_size=to_decimal(entry["priceFilter"]["tickSize"]),
        step_size=to_decimal(lot["qtyStep"]),
        min_quantity=to_decimal(lot["minOrderQty"]),
        max_quantity=min(to_decimal(lot["maxOrderQty"]), to_decimal(lot["maxMktOrderQty"])),
        min_notional=to_decimal(lot["minNotionalValue"]),
        max_leverage=to_decimal(tier["maxLeverage"]),
        maintenance_margin_ratio=to_decimal(tier["maintenanceMargin"]),
        maker_fee_rate=MAKER_FEE_RATE,
        taker_fee_rate=TAKER_FEE_RATE,
        fetched_at=as_of,
        funding_interval=timedelta(minutes=int(entry.get("fundingInterval") or 480)),
    )


def _find_wait(answer: Answer) -> float | None:
    """Seconds until the limit's window resets; the venue gives the reset as an instant."""
    if answer.status == 403:
        return _ADDRESS_BAN_SECONDS
    reset_ms = answer.headers.get("x-bapi-limit-reset-timestamp", "")
    if reset_ms.isdigit():
        return max(int(reset_ms) / 1000 - time.time(), 0.0)
    return find_retry_after(answer)
