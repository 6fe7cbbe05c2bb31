"""The public REST endpoints of Binance USD-M and Bybit on this machine, as documented.

real ccxt -> HTTP -> PublicVenue -> JSON of a market that stands at 100,000

`requests` holds the path and query of every question, so a test can say what was asked; `refuse`
makes a path answer something else, and `hang` makes it never answer. Binance's answers carry a
number without quotes here and there, as the venue's do.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

BINANCE = "/fapi/v1"
BINANCE_INTEREST = "/futures/data/openInterestHist"
BYBIT = "/v5/market"

_HOUR_MS = 3_600_000
_MINUTES = {"5m": 5, "15m": 15, "1h": 60, "4h": 240, "5": 5, "15": 15, "60": 60, "240": 240}


@dataclass(slots=True, kw_only=True)
class PublicVenue:
    """
    Both venues at one time.

    Attributes:
        now_ms: Unix milliseconds at the venue.
        first_ms: open time of the oldest candle that the venue has.
        funding_hours: between settlements of every contract.
    """

    now_ms: int
    first_ms: int = 0
    funding_hours: int = 8
    url: str = ""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _refusals: dict[str, web.Response] = field(default_factory=dict)
    _hanging: set[str] = field(default_factory=set)

    def refuse(
        self, path: str, *, status: int, body: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """From now on `path` answers this."""
        self._refusals[path] = web.Response(
            status=status, text=body, headers=headers, content_type="application/json"
        )

    def hang(self, path: str) -> None:
        """From now on `path` keeps the connection and says nothing."""
        self._hanging.add(path)

    def count(self, path: str) -> int:
        """How often `path` was asked."""
        return sum(asked == path for asked, _ in self.requests)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["PublicVenue"]:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = "http://{}:{}".format(*runner.addresses[0])
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        path, query = request.path, dict(request.query)
        self.requests.append((path, query))
        if path in self._hanging:
            await asyncio.Event().wait()
        if path in self._refusals:
            refusal = self._refusals[path]
            return web.Response(status=refusal.status, text=refusal.text, headers=refusal.headers)
        if path == BINANCE_INTEREST:
            return web.json_response(self._open_interest(query))
        if path.startswith(BINANCE):
            return web.json_response(self._answer_binance(path.removeprefix(BINANCE), query))
        result = self._answer_bybit(path.removeprefix(BYBIT), query)
        return web.json_response(
            {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": self.now_ms}
        )

    def _answer_binance(self, path: str, query: Mapping[str, str]) -> Any:
        answers: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "/ping": lambda _: {},
            "/ticker/price": lambda _: {"price": "100000.10", "time": self.now_ms - 900},
            "/ticker/bookTicker": self._quote,
            "/premiumIndex": self._premium,
            "/depth": lambda _: dict(
                zip(("bids", "asks"), self._book(), strict=True), E=self.now_ms
            ),
            "/klines": self._klines,
            "/fundingRate": self._funding_rates,
            "/exchangeInfo": lambda _: json.loads(_EXCHANGE_INFO),
            # Contracts with adjusted funding only (document of 2026-08-19): none with 8 h.
            "/fundingInfo": lambda _: [
                {"symbol": "BTCUSDT", "fundingIntervalHours": self.funding_hours}
            ][: self.funding_hours != 8],
        }
        if path not in answers:
            raise web.HTTPNotFound
        return answers[path](query)

    def _quote(self, query: Mapping[str, str]) -> Any:
        return {
            "symbol": query["symbol"],
            "bidPrice": "99999.90",
            "bidQty": "3.5",
            "askPrice": "100000.00",
            "askQty": "1.2",
            "time": self.now_ms - 20,
        }

    def _premium(self, query: Mapping[str, str]) -> Any:
        return {
            "symbol": query["symbol"],
            "markPrice": "100001.23456789",
            "indexPrice": "100002.5",
            "lastFundingRate": "0.00010000",
            "nextFundingTime": self._next_funding_ms(),
            "time": self.now_ms - 500,
        }

    def _klines(self, query: Mapping[str, str]) -> Any:
        rows = self._rows(query, end=query["endTime"])
        return [[int(row[0]), *row[1:], int(row[0]) + 1, "1.0", 7] for row in rows]

    def _answer_bybit(self, path: str, query: Mapping[str, str]) -> Any:
        answers: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "/time": lambda _: {"timeSecond": str(self.now_ms // 1000), "timeNano": "0"},
            "/tickers": lambda query: {"category": "linear", "list": [self._ticker(query)]},
            "/orderbook": lambda _: dict(zip("ba", self._book(), strict=True), ts=self.now_ms),
            "/kline": self._kline,
            "/funding/history": self._funding_history,
            "/open-interest": self._interest_list,
            "/instruments-info": lambda query: {
                "list": [
                    dict(
                        _INSTRUMENT,
                        symbol=query.get("symbol", "BTCUSDT"),
                        fundingInterval=60 * self.funding_hours,
                    )
                ]
            },
            "/risk-limit": lambda _: {"category": "linear", "list": _TIERS},
        }
        if path not in answers:
            raise web.HTTPNotFound
        return answers[path](query)

    def _next_funding_ms(self) -> int:
        interval = self.funding_hours * _HOUR_MS
        return (self.now_ms // interval + 1) * interval

    def _ticker(self, query: Mapping[str, str]) -> Any:
        return {
            "symbol": query["symbol"],
            "lastPrice": "100000.10",
            "indexPrice": "100002.50",
            "markPrice": "100001.23",
            "bid1Price": "99999.90",
            "bid1Size": "3.5",
            "ask1Price": "100000.00",
            "ask1Size": "1.2",
            "fundingRate": "-0.000035",
            "nextFundingTime": str(self._next_funding_ms()),
        }

    def _kline(self, query: Mapping[str, str]) -> Any:
        rows = self._rows(query, end=query["end"])
        return {"symbol": query["symbol"], "list": [[*row, "1.0"] for row in reversed(rows)]}

    def _list_settlements(self, query: Mapping[str, str]) -> list[int]:
        """Settlements of the venue between both times, inclusive, oldest first."""
        interval = self.funding_hours * _HOUR_MS
        first = max(int(query["startTime"]), self.first_ms)
        last = min(int(query["endTime"]), self.now_ms)
        return list(range(-(-first // interval) * interval, last + 1, interval))

    def _funding_rates(self, query: Mapping[str, str]) -> Any:
        """At most `limit` (1,000) from startTime on; some milliseconds late, as seen 2025."""
        found = self._list_settlements(query)[: min(int(query.get("limit", 100)), 1000)]
        return [
            {
                "symbol": query["symbol"],
                "fundingTime": at + at // _HOUR_MS % 3,
                "fundingRate": rate,
            }
            for at in found
            if (rate := f"0.0000{at // _HOUR_MS % 97:02}")
        ]

    def _funding_history(self, query: Mapping[str, str]) -> Any:
        """At most `limit` (200) before endTime, newest first; startTime alone is refused."""
        found = self._list_settlements(query)[-min(int(query.get("limit", 200)), 200) :]
        rows = [
            {
                "symbol": query["symbol"],
                "fundingRate": f"0.0000{at // _HOUR_MS % 97:02}",
                "fundingRateTimestamp": str(at),
            }
            for at in reversed(found)
        ]
        return {"category": "linear", "list": rows}

    def _list_interest(self, query: Mapping[str, str]) -> list[tuple[int, str]]:
        """Whole hours up to now, oldest first; 1,000 contracts more with each hour of the day."""
        last = self.now_ms // _HOUR_MS
        hours = range(last - min(int(query.get("limit", 30)), 200) + 1, last + 1)
        return [(hour * _HOUR_MS, f"{80_000 + 1_000 * (hour % 24)}.500") for hour in hours]

    def _open_interest(self, query: Mapping[str, str]) -> Any:
        return [
            {
                "symbol": query["symbol"],
                "sumOpenInterest": quantity,
                "sumOpenInterestValue": "1927265695.27131325",
                "timestamp": at,
            }
            for at, quantity in self._list_interest(query)
        ]

    def _interest_list(self, query: Mapping[str, str]) -> Any:
        rows = [
            {"openInterest": quantity, "timestamp": str(at)}
            for at, quantity in reversed(self._list_interest(query))
        ]
        return {"symbol": query["symbol"], "category": "linear", "list": rows}

    def _book(self) -> tuple[list[list[str]], list[list[str]]]:
        bids = [[f"{99_999.9 - level / 10:.2f}", "3.5"] for level in range(5)]
        asks = [[f"{100_000.0 + level / 10:.2f}", "1.2"] for level in range(5)]
        return bids, asks

    def _rows(self, query: Mapping[str, str], *, end: str) -> list[list[str]]:
        """The newest candles that begin at or before `end`, the unfinished one too."""
        step = _MINUTES[query["interval"]] * 60_000
        last = min(int(end), self.now_ms) // step * step
        first = max(last - (int(query["limit"]) - 1) * step, -(-self.first_ms // step) * step)
        prices = ("100000.0", "100010.50", "99990.25")
        return [
            [str(at), *prices, f"{100_000 + at // step % 9}.1", "12.345"]
            for at in range(first, last + 1, step)
        ]


_EXCHANGE_INFO = """
{"timezone": "UTC", "serverTime": 1, "symbols": [
  {"symbol": "BTCUSDT_260327", "pair": "BTCUSDT", "contractType": "CURRENT_QUARTER",
   "status": "TRADING", "filters": []},
  {"symbol": "OLDUSDT", "pair": "OLDUSDT", "contractType": "PERPETUAL", "status": "SETTLING",
   "filters": []},
  {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING",
   "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
   "baseAsset": "BTC", "quoteAsset": "USDT", "marginAsset": "USDT", "triggerProtect": 0.05,
   "filters": [
    {"filterType": "PRICE_FILTER", "minPrice": "556.80", "maxPrice": "4529764",
     "tickSize": "0.10"},
    {"filterType": "LOT_SIZE", "stepSize": "0.001", "maxQty": "1000", "minQty": "0.001"},
    {"filterType": "MARKET_LOT_SIZE", "stepSize": "0.001", "maxQty": "120", "minQty": "0.001"},
    {"filterType": "MAX_NUM_ORDERS", "limit": 200},
    {"filterType": "MIN_NOTIONAL", "notional": "100"}]}]}
"""
_INSTRUMENT: dict[str, Any] = {
    "contractType": "LinearPerpetual",
    "status": "Trading",
    "baseCoin": "BTC",
    "quoteCoin": "USDT",
    "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
    "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
    "lotSizeFilter": {
        "maxOrderQty": "1190.000",
        "minOrderQty": "0.001",
        "qtyStep": "0.001",
        "maxMktOrderQty": "119.000",
        "minNotionalValue": "5",
    },
}
_TIERS = [
    {"id": 2, "maintenanceMargin": "0.01", "isLowestRisk": 0, "maxLeverage": "50.00",
     "riskLimitValue": "4000000"},
    {"id": 1, "maintenanceMargin": "0.005", "isLowestRisk": 1, "maxLeverage": "100.00",
     "riskLimitValue": "2000000"},
]  # fmt: skip
