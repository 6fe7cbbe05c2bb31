"""Binance USD-M, the public side: prices, candles, book, funding and rules, without a key.

fapi endpoints -> values

Leverage brackets need a key, so the rules carry exchangeInfo's percentages, equal for every
symbol (5 % initial, 2.5 % maintenance): stricter than the smallest bracket of large pairs. Fees
are the fees of a new account.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import ccxt.async_support as ccxt

from blocks.venues.base.market import (
    BOOK_LEVELS,
    INTEREST_HOURS,
    PAGE,
    PublicMarket,
    SettledRate,
)
from blocks.venues.base.parsing import parse_book, parse_candle, parse_instant, to_milliseconds
from blocks.venues.base.public_client import DEADLINE_SECONDS, PublicClient, build_exchange
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.instruments import Instrument
from trading.domain.messages import message
from trading.domain.units import HUNDRED, Pair, VenueName, to_decimal
from trading.market.candles import Candle, Interval
from trading.market.snapshot import (
    FundingRate,
    OrderBook,
    Ticker,
)

MAKER_FEE_RATE = Decimal("0.0002")
TAKER_FEE_RATE = Decimal("0.0005")
FUNDING_HOURS = 8


class BinanceMarket(PublicMarket):
    """
    `MarketData` of Binance USD-M.

    Args:
        deadline_seconds: time limit of an answer.
        url: of another compatible host, without a path; None for Binance.
    """

    venue = VenueName.BINANCE
    funding_pages_forward = True

    def __init__(
        self, *, deadline_seconds: float = DEADLINE_SECONDS, url: str | None = None
    ) -> None:
        hosts = {"fapiPublic": f"{url}/fapi/v1", "fapiData": f"{url}/futures/data"}
        urls = None if url is None else hosts
        exchange = build_exchange(ccxt.binanceusdm, urls=urls)
        super().__init__(PublicClient(exchange, name="Binance", deadline_seconds=deadline_seconds))

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:  # noqa: ARG002
        """Three answers put together; the time is the older time of quote and mark."""
        about = f"prices of {pair}"
        symbol = {"symbol": self.spell(pair)}
        last, quote, mark = await asyncio.gather(
            self._client.read("fapiPublicGetTickerPrice", symbol, about=about),
            self._client.read("fapiPublicGetTickerBookTicker", symbol, about=about),
            self._client.read("fapiPublicGetPremiumIndex", symbol, about=about),
        )
        with self._client.parsing(about):
            return Ticker(
                last_price=to_decimal(last["price"]),
                mark_price=to_decimal(mark["markPrice"]),
                best_bid=to_decimal(quote["bidPrice"]),
                best_ask=to_decimal(quote["askPrice"]),
                as_of=min(parse_instant(quote["time"]), parse_instant(mark["time"])),
            )

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:  # noqa: ARG002
        """Fifty levels a side."""
        about = f"order book of {pair}"
        query = {"symbol": self.spell(pair), "limit": BOOK_LEVELS}
        answer = await self._client.read("fapiPublicGetDepth", query, about=about)
        with self._client.parsing(about):
            return parse_book(answer["bids"], answer["asks"], as_of=parse_instant(answer["E"]))

    async def _fetch_funding_rate(self, pair: Pair) -> FundingRate:
        about = f"funding rate of {pair}"
        query = {"symbol": self.spell(pair)}
        answer = await self._client.read("fapiPublicGetPremiumIndex", query, about=about)
        with self._client.parsing(about):
            return FundingRate(
                rate=to_decimal(answer["lastFundingRate"]),
                next_at=parse_instant(answer["nextFundingTime"]),
                as_of=parse_instant(answer["time"]),
            )

    async def _fetch_funding_page(
        self, symbol: str, *, since: datetime, until: datetime
    ) -> tuple[SettledRate, ...]:
        """GET /fapi/v1/fundingRate, at most 1,000 from `since` on (document of 2026-11-30)."""
        about = f"funding history of {symbol}"
        query = {
            "symbol": symbol,
            "startTime": to_milliseconds(since),
            "endTime": to_milliseconds(until) - 1,
            "limit": PAGE,
        }
        rows = await self._client.read("fapiPublicGetFundingRate", query, about=about)
        with self._client.parsing(about):
            return tuple(
                (parse_instant(row["fundingTime"]), to_decimal(row["fundingRate"])) for row in rows
            )

    async def _fetch_interest(self, symbol: str) -> Iterable[tuple[datetime, Decimal]]:
        """GET /futures/data/openInterestHist, oldest first (document of 2026-11-30)."""
        about = f"open interest of {symbol}"
        query = {"symbol": symbol, "period": "1h", "limit": INTEREST_HOURS}
        rows = await self._client.read("fapiDataGetOpenInterestHist", query, about=about)
        with self._client.parsing(about):
            return [
                (parse_instant(row["timestamp"]), to_decimal(row["sumOpenInterest"]))
                for row in rows
            ]

    async def _ping(self) -> None:
        await self._client.read("fapiPublicGetPing", {}, about="answer")

    async def _fetch_page(
        self, symbol: str, interval: Interval, *, count: int, end: datetime
    ) -> tuple[Candle, ...]:
        about = f"candles of {symbol}"
        query = {
            "symbol": symbol,
            "interval": interval.value,
            "limit": count,
            "endTime": to_milliseconds(end) - 1,  # inclusive there, by open time
        }
        rows = await self._client.read("fapiPublicGetKlines", query, about=about)
        with self._client.parsing(about):
            return tuple(parse_candle(row) for row in rows)

    async def _fetch_rules(self, pair: Pair, *, symbol: str, as_of: datetime) -> Instrument:
        about = f"rules of {pair}"
        answer = await self._client.read("fapiPublicGetExchangeInfo", {}, about=about)
        with self._client.parsing(about):
            found = [
                entry
                for entry in answer["symbols"]
                if entry.get("symbol") == symbol
                and entry.get("contractType") == "PERPETUAL"
                and entry.get("status") == "TRADING"
            ]
            if found:
                hours = await self._fetch_funding_hours(symbol)
                return _parse_rules(found[0], pair=pair, as_of=as_of, funding_hours=hours)
            names = {str(entry.get("symbol")) for entry in answer["symbols"]}
        hint = self.find_multiple(pair, names)
        raise PermanentError(
            message("venue-lacks-pair", venue="Binance", pair=str(pair), hint=hint)
        )

    async def _fetch_funding_hours(self, symbol: str) -> int:
        """Hours between settlements: 8 unless listed (GET /fapi/v1/fundingInfo, 2026-08-19)."""
        about = f"funding interval of {symbol}"
        try:
            rows = await self._client.read("fapiPublicGetFundingInfo", {}, about=about)
        except QuorumError:
            return FUNDING_HOURS
        listed = (row for row in rows if isinstance(row, dict) and row.get("symbol") == symbol)
        hours = next((row.get("fundingIntervalHours") for row in listed), FUNDING_HOURS)
        return hours if isinstance(hours, int) and 24 % (hours or 7) == 0 else FUNDING_HOURS


def _parse_rules(
    entry: Mapping[str, Any], *, pair: Pair, as_of: datetime, funding_hours: int
) -> Instrument:
    filters = {one["filterType"]: one for one in entry["filters"]}
    lot, market_lot = filters["LOT_SIZE"], filters["MARKET_LOT_SIZE"]
    return Instrument(
        venue=VenueName.BINANCE,
        pair=pair,
        symbol=entry["symbol"],
        tick_size=to_decimal(filters["PRICE_FILTER"]["tickSize"]),
        step_size=max(to_decimal(lot["stepSize"]), to_decimal(market_lot["stepSize"])),
        min_quantity=max(to_decimal(lot["minQty"]), to_decimal(market_lot["minQty"])),
        max_quantity=min(to_decimal(lot["maxQty"]), to_decimal(market_lot["maxQty"])),
        min_notional=to_decimal(filters["MIN_NOTIONAL"]["notional"]),
        max_leverage=HUNDRED / to_decimal(entry["requiredMarginPercent"]),
        maintenance_margin_ratio=to_decimal(entry["maintMarginPercent"]) / HUNDRED,
        maker_fee_rate=MAKER_FEE_RATE,
        taker_fee_rate=TAKER_FEE_RATE,
        fetched_at=as_of,
        funding_interval=timedelta(hours=funding_hours),
    )
