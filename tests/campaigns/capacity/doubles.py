"""The world outside, in a process of its own: Binance's public side and the models, both slow.

    worker -> HTTP -> venue (0.2 s) | models (2 s) -> SampleMarket's prices, a vote to go long

Started with pipes: the first line it writes has the addresses, a line on its standard input ends
it, and its last line is the journal: when somebody waited for which pair, and the bytes that went
to and fro. What it costs is nobody's, so it is not in the accounts.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from blocks.venues.offline.generated import SampleMarket
from blocks.venues.offline.instruments import RULES
from tests.doubles.models import Script, answer_text, serve_models
from trading.domain.units import Pair
from trading.market.candles import Interval

FETCH_SECONDS = 0.2
MODEL_SECONDS = 2.0
VENDORS = ("openai", "deepseek", "anthropic")
HEADER_BYTES = 600
"""Of a question and its answer together, about."""
_BASE_PATH = "/fapi/v1"

type Answer = Callable[[Pair | None, dict[str, str]], Awaitable[Any]]


class SlowVenue:
    """Binance's public endpoints over the sample market; `waits` has (symbol, from, to)."""

    def __init__(self) -> None:
        self._market = SampleMarket()
        self._bases = {f"{base}USDT": base for base in RULES}
        self.waits: list[tuple[str, float, float]] = []
        self.bytes = 0

    def routes(self) -> list[web.RouteDef]:
        answers: dict[str, Answer] = {
            "ping": self._ping,
            "ticker/price": self._price,
            "ticker/bookTicker": self._quote,
            "premiumIndex": self._premium,
            "depth": self._depth,
            "klines": self._klines,
            "exchangeInfo": self._rules,
        }
        return [web.get(f"{_BASE_PATH}/{p}", self._handler(a)) for p, a in answers.items()]

    def _handler(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            began = time.time()
            query = dict(request.query)
            symbol = query.get("symbol", "")
            pair = Pair(self._bases[symbol], "USDT") if symbol else None
            body = json.dumps(await answer(pair, query))
            await asyncio.sleep(max(FETCH_SECONDS - (time.time() - began), 0))
            self.waits.append((symbol, began, time.time()))
            self.bytes += len(str(request.url)) + len(body) + HEADER_BYTES
            return web.Response(text=body, content_type="application/json")

        return handle

    async def _ping(self, pair: Pair | None, query: dict[str, str]) -> Any:
        return {}

    async def _price(self, pair: Pair | None, query: dict[str, str]) -> Any:
        ticker = await self._market.fetch_ticker(_sure(pair), as_of=_now())
        return {"price": str(ticker.last_price), "time": _milliseconds(ticker.as_of)}

    async def _quote(self, pair: Pair | None, query: dict[str, str]) -> Any:
        ticker = await self._market.fetch_ticker(_sure(pair), as_of=_now())
        return {
            "bidPrice": str(ticker.best_bid),
            "bidQty": "3.5",
            "askPrice": str(ticker.best_ask),
            "askQty": "1.2",
            "time": _milliseconds(ticker.as_of),
        }

    async def _premium(self, pair: Pair | None, query: dict[str, str]) -> Any:
        now = _now()
        ticker = await self._market.fetch_ticker(_sure(pair), as_of=now)
        funding = await self._market.fetch_funding_rate(_sure(pair), as_of=now)
        assert funding is not None
        return {
            "markPrice": str(ticker.mark_price),
            "indexPrice": str(ticker.mark_price),
            "lastFundingRate": f"{funding.rate:f}",
            "nextFundingTime": _milliseconds(funding.next_at),
            "time": _milliseconds(now),
        }

    async def _depth(self, pair: Pair | None, query: dict[str, str]) -> Any:
        now = _now()
        book = await self._market.fetch_order_book(_sure(pair), as_of=now)
        assert book is not None
        sides = {"bids": book.bids, "asks": book.asks}
        rows = {
            name: [[str(x.price), str(x.quantity)] for x in side] for name, side in sides.items()
        }
        return {**rows, "E": _milliseconds(now)}

    async def _klines(self, pair: Pair | None, query: dict[str, str]) -> Any:
        interval = Interval(query["interval"])
        asked = datetime.fromtimestamp((int(query["endTime"]) + 1) / 1000, UTC)
        series = await self._market.fetch_candles(
            _sure(pair), interval, limit=int(query["limit"]), as_of=min(asked, _now())
        )
        return [
            [
                _milliseconds(c.open_time),
                *map(str, (c.open, c.high, c.low, c.close, c.volume)),
                _milliseconds(c.open_time + interval.duration) - 1,
                "1.0",
                7,
            ]
            for c in series.candles
        ]

    async def _rules(self, pair: Pair | None, query: dict[str, str]) -> Any:
        return {"symbols": [_describe(base) for base in RULES]}


def _describe(base: str) -> dict[str, Any]:
    rules = RULES[base]
    step, most = f"{rules.step:f}", f"{rules.max_quantity:f}"
    return {
        "symbol": f"{base}USDT",
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "filters": [
            {"filterType": "PRICE_FILTER", "tickSize": f"{rules.tick:f}"},
            {"filterType": "LOT_SIZE", "stepSize": step, "minQty": step, "maxQty": most},
            {"filterType": "MARKET_LOT_SIZE", "stepSize": step, "minQty": step, "maxQty": most},
            {"filterType": "MIN_NOTIONAL", "notional": f"{rules.min_notional:f}"},
        ],
    }


def _sure(pair: Pair | None) -> Pair:
    assert pair is not None
    return pair


def _now() -> datetime:
    return datetime.now(UTC)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def serve() -> None:
    """Until a line comes in."""
    venue = SlowVenue()
    app = web.Application()
    app.add_routes(venue.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    async with serve_models() as models:
        for vendor in VENDORS:
            script = Script(latency_seconds=MODEL_SECONDS, text=answer_text("open_long"))
            getattr(models, vendor).answer_with(script)
        addresses = {vendor: models.base_url(vendor) for vendor in VENDORS}
        addresses["venue"] = "http://{}:{}".format(*runner.addresses[0])
        _tell(addresses)
        await asyncio.to_thread(sys.stdin.readline)
        offset = time.time() - time.monotonic()
        asked = [(json.dumps(call.body), call.at + offset) for call in models.journal]
    journal = {
        "fetches": venue.waits,
        "asks": [(_find_symbol(text), at, at + MODEL_SECONDS) for text, at in asked],
        "bytes": venue.bytes
        + sum(len(t) + HEADER_BYTES + len(answer_text("hold")) for t, _ in asked),
    }
    _tell(journal)
    await runner.cleanup()


def _tell(value: object) -> None:
    sys.stdout.write(f"{json.dumps(value)}\n")
    sys.stdout.flush()


def _find_symbol(text: str) -> str:
    """The pair that a question is about."""
    return next((f"{base}USDT" for base in RULES if f"{base}/USDT" in text), "")


if __name__ == "__main__":
    asyncio.run(serve())
