"""A recorded week at the double: its prices, books, rules and fills come from the recording.

RecordedMarket -> public answers of both dialects; candles played one by one -> triggers go off

The path within a candle is the paper venue's: open, worse extreme, better extreme, close, funding
(`trading.simulation.clock`), and a market order walks the same synthesized book with the same
slippage. That is the market, not the accounting: orders, fills, positions and money are the
engine's own.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from blocks.venues.offline.recorded import RecordedMarket
from tests.doubles.venue.dialect import write
from tests.doubles.venue.engine import Account, Engine
from trading.domain.instruments import Instrument
from trading.domain.units import Side
from trading.market.candles import Candle, Interval
from trading.market.snapshot import OrderBook
from trading.simulation.fills import apply_slippage, compute_slippage_bps, walk_book

FUNDING_HOURS = {0, 8, 16}
STEP = Interval.M5.duration
_INTERVALS = {"5": Interval.M5, "15": Interval.M15, "60": Interval.H1, "240": Interval.H4}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Query = Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Tape:
    """
    The recording, played at an engine.

    Attributes:
        volume: of the candle that is played, None at a cycle's own moment: then orders meet the
            synthesized book.
    """

    market: RecordedMarket
    engine: Engine
    volume: Decimal | None = None
    played_to: datetime = field(default=_EPOCH)

    def __post_init__(self) -> None:
        self.engine.quote = self.quote
        self.played_to = self.engine.clock()

    @property
    def symbol(self) -> str:
        return f"{self.market.pair.base}{self.market.pair.quote}"

    def advance(self, until: datetime) -> None:
        """Play every candle that ends at or before `until`; the clock stands there afterwards."""
        missing = (until - self.played_to) // STEP
        for candle in self._ask_candles(Interval.M5, limit=missing, as_of=until):
            if candle.open_time >= self.played_to:
                self._play(candle)
        self.volume, self.played_to = None, until
        self._set_clock(until)
        self.engine.set_price(self.symbol, wait(self.market.fetch_ticker(
            self.market.pair, as_of=until)).last_price)  # fmt: skip

    def quote(
        self,
        _symbol: str,
        is_buy: bool,
        quantity: Decimal,
    ) -> list[tuple[Decimal, Decimal]]:
        """What a market order gets: of the book between candles, at the trigger within one."""
        side = Side.BUY if is_buy else Side.SELL
        if self.volume is not None:
            price = apply_slippage(
                self.engine.price_of(self.symbol),
                side=side,
                slippage_bps=compute_slippage_bps(quantity, volume=self.volume),
                tick_size=self._instrument.tick_size,
            )
            return [(price, quantity)]
        (newest,) = self._ask_candles(Interval.M5, limit=1, as_of=self.played_to)
        matches = walk_book(
            self._book,
            side=side,
            quantity=quantity,
            volume=newest.volume,
            instrument=self._instrument,
        )
        return [(match.price, match.quantity) for match in matches]

    def answer_binance(self, path: str, query: Query) -> Any:
        """A public answer under /fapi/v1."""
        answers: dict[str, Callable[[Query], Any]] = {
            "/ping": lambda _: {},
            "/ticker/price": lambda _: {"price": write(self._ticker.last_price), "time": self._ms},
            "/ticker/bookTicker": self._show_quote,
            "/premiumIndex": self._show_premium,
            "/depth": lambda _: {"bids": self._rows[0], "asks": self._rows[1], "E": self._book_ms},
            "/klines": lambda query: self._list_rows(
                Interval(query["interval"]), limit=query["limit"], end=query["endTime"]
            ),
            "/exchangeInfo": lambda _: {"symbols": [self._show_binance_rules()]},
        }
        return answers[path](query)

    def answer_bybit(self, path: str, query: Query) -> Any:
        """A public answer under /v5/market."""
        answers: dict[str, Callable[[Query], Any]] = {
            "/tickers": lambda _: {"category": "linear", "list": [self._show_ticker()]},
            "/orderbook": lambda _: {
                "b": self._rows[0],
                "a": self._rows[1],
                "ts": self._book_ms,
            },
            "/kline": lambda query: {
                "list": self._list_rows(
                    _INTERVALS[query["interval"]], limit=query["limit"], end=query["end"]
                )[::-1]
            },
            "/instruments-info": lambda _: {"list": [self._show_bybit_rules()]},
            "/risk-limit": lambda _: {
                "list": [
                    {
                        "id": 1,
                        "isLowestRisk": 1,
                        "maintenanceMargin": write(self._instrument.maintenance_margin_ratio),
                        "maxLeverage": write(self._instrument.max_leverage),
                        "riskLimitValue": "100000000",
                    }
                ]
            },
        }
        return answers[path](query)

    def _play(self, candle: Candle) -> None:
        end = candle.open_time + STEP
        self.volume = candle.volume
        self._set_clock(candle.open_time)
        self.engine.set_price(self.symbol, candle.open)
        self._set_clock(end)
        for account in self.engine.accounts.values():
            for price in self._list_path(account, candle):
                self.engine.set_price(self.symbol, price)
        self.engine.set_price(self.symbol, candle.close)
        if end.hour in FUNDING_HOURS and end.minute == 0:
            rate = wait(self.market.fetch_funding_rate(self.market.pair, as_of=end))
            self.engine.settle_funding(self.symbol, rate.rate)

    def _list_path(self, account: Account, candle: Candle) -> list[Decimal]:
        """Prices on the way to the worse and then the better extreme, each trigger touched."""
        signed = account.signed.get(self.symbol, Decimal(0))
        if not signed:
            return []
        worst, best = (candle.low, candle.high) if signed > 0 else (candle.high, candle.low)
        triggers = [order.trigger for order in account.resting(self.symbol)]
        path: list[Decimal] = []
        for extreme in (worst, best):
            passed = [t for t in triggers if min(candle.open, extreme) <= t]
            passed = [t for t in passed if t <= max(candle.open, extreme)]
            path += sorted(passed, key=lambda trigger: abs(trigger - candle.open))
            path.append(extreme)
        return path

    def _set_clock(self, instant: datetime) -> None:
        self.engine.clock.set_ms((instant - _EPOCH) // timedelta(milliseconds=1))

    @property
    def _now(self) -> datetime:
        """What the recording knows: the last instant played to, not the milliseconds since."""
        return self.played_to

    @property
    def _ms(self) -> int:
        return _to_ms(self._now)

    @property
    def _ticker(self) -> Any:
        return wait(self.market.fetch_ticker(self.market.pair, as_of=self._now))

    @property
    def _book(self) -> OrderBook:
        book = wait(self.market.fetch_order_book(self.market.pair, as_of=self._now))
        assert isinstance(book, OrderBook)
        return book

    @property
    def _book_ms(self) -> int:
        return _to_ms(self._book.as_of)

    @property
    def _rows(self) -> tuple[list[list[str]], list[list[str]]]:
        book = self._book
        bids, asks = (
            [[write(level.price), write(level.quantity)] for level in side]
            for side in (book.bids, book.asks)
        )
        return bids, asks

    @property
    def _instrument(self) -> Instrument:
        found: Instrument = wait(self.market.fetch_instrument(self.market.pair, as_of=self._now))
        return found

    def _ask_candles(
        self, interval: Interval, *, limit: int, as_of: datetime
    ) -> tuple[Candle, ...]:
        if limit <= 0:
            return ()
        series = wait(
            self.market.fetch_candles(self.market.pair, interval, limit=limit, as_of=as_of)
        )
        found: tuple[Candle, ...] = series.candles
        return found

    def _list_rows(self, interval: Interval, *, limit: str, end: str) -> list[list[Any]]:
        """Closed candles that begin at or before `end`, in ms."""
        as_of = min(_EPOCH + timedelta(milliseconds=int(end) + 1), self._now)
        found = self._ask_candles(interval, limit=int(limit), as_of=as_of)
        return [
            [_to_ms(c.open_time), *(write(n) for n in (c.open, c.high, c.low, c.close, c.volume))]
            for c in found
        ]

    def _show_quote(self, _query: Query) -> Any:
        ticker = self._ticker
        return {
            "bidPrice": write(ticker.best_bid),
            "askPrice": write(ticker.best_ask),
            "time": _to_ms(ticker.as_of),
        }

    def _show_premium(self, _query: Query) -> Any:
        funding = wait(self.market.fetch_funding_rate(self.market.pair, as_of=self._now))
        return {
            "markPrice": write(self._ticker.mark_price),
            "lastFundingRate": write(funding.rate),
            "nextFundingTime": _to_ms(funding.next_at),
            "time": self._ms,
        }

    def _show_ticker(self) -> Any:
        ticker = self._ticker
        funding = wait(self.market.fetch_funding_rate(self.market.pair, as_of=self._now))
        return {
            "symbol": self.symbol,
            "lastPrice": write(ticker.last_price),
            "markPrice": write(ticker.mark_price),
            "bid1Price": write(ticker.best_bid),
            "ask1Price": write(ticker.best_ask),
            "fundingRate": write(funding.rate),
            "nextFundingTime": str(_to_ms(funding.next_at)),
        }

    def _show_binance_rules(self) -> Any:
        rules = self._instrument
        lot = {
            "stepSize": write(rules.step_size),
            "minQty": write(rules.min_quantity),
            "maxQty": write(rules.max_quantity),
        }
        return {
            "symbol": self.symbol,
            "contractType": "PERPETUAL",
            "status": "TRADING",
            "maintMarginPercent": write(rules.maintenance_margin_ratio * 100),
            "requiredMarginPercent": write(Decimal(100) / rules.max_leverage),
            "filters": [
                {"filterType": "PRICE_FILTER", "tickSize": write(rules.tick_size)},
                {"filterType": "LOT_SIZE", **lot},
                {"filterType": "MARKET_LOT_SIZE", **lot},
                {"filterType": "MIN_NOTIONAL", "notional": write(rules.min_notional)},
            ],
        }

    def _show_bybit_rules(self) -> Any:
        rules = self._instrument
        return {
            "symbol": self.symbol,
            "contractType": "LinearPerpetual",
            "status": "Trading",
            "priceFilter": {"tickSize": write(rules.tick_size)},
            "lotSizeFilter": {
                "qtyStep": write(rules.step_size),
                "minOrderQty": write(rules.min_quantity),
                "maxOrderQty": write(rules.max_quantity),
                "maxMktOrderQty": write(rules.max_quantity),
                "minNotionalValue": write(rules.min_notional),
            },
        }


def wait(answer: Coroutine[Any, Any, Any]) -> Any:
    """The answer of a coroutine that never waits: a recording's."""
    try:
        answer.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a recording does not wait")


def _to_ms(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(milliseconds=1)
