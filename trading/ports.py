"""The ports of the pipeline to the outside, each with a contract.

Adapters in `blocks/` implement the ports; live, paper and replay differ in the adapters only.
Reads raise `TransientError` (may be retried) or `PermanentError`. A write never raises for an
answer of the venue: a write returns a `Placement`, and an unproven outcome is `Outcome.UNKNOWN`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from trading.council.decisions import Decision, ModelIdentity
from trading.council.prompts import Prompt
from trading.domain.accounts import Balance
from trading.domain.instruments import FeeRates, Instrument
from trading.domain.messages import Message
from trading.domain.orders import Fill, Order, OrderIntent, Placement
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, VenueName
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import FundingRate, MarketSource, OpenInterest, OrderBook, Ticker
from trading.news.items import NewsItem

type Clock = Callable[[], datetime]
"""Answers the current instant, aware UTC; fixed in replay."""


class MarketData(Protocol):
    """
    Public data of one venue, of a recording or of a generator.

    `as_of` is the time of the caller's knowledge: a recording answers as of then, a live source
    answers with current data and never with candles still open at `as_of`. No method needs a key.
    """

    venue: VenueName
    source: MarketSource

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        """Latest prices."""
        ...

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        """At most `limit` closed candles with an end at or before `as_of`, oldest first."""
        ...

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        """The book, possibly synthesized and labelled as such, or None without a book."""
        ...

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        """The current rate, or None when the source has none."""
        ...

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        """Open contracts now, an hour and a day ago, or None when the source has none."""
        ...

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        """The venue's rules. Raises PermanentError for a pair unknown to the venue."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPayment:
    """
    One settlement of one pair.

    Attributes:
        payment_id: the venue's id, or pair and time; a second booking changes nothing.
        amount: quote units, positive when we paid.
    """

    pair: Pair
    payment_id: str
    amount: Decimal
    paid_at: datetime


class Exchange(Protocol):
    """
    One account at one venue. An instance belongs to one user and is never shared.

    None from `find_order` means "not shown by the venue", no proof of absence (VENUES.md,
    finding 7). Reads are retried by tasks; writes are never retried.

    Attributes:
        is_certain: whether a missing order was certainly never placed: true for the paper venue
            with complete books, never for a real venue.
        oddities: rows of the newest answers that could not be read, a message by subject and
            symbol ("positions BTCUSDT"); a row of another pair denies entries only.
    """

    venue: VenueName
    is_certain: bool

    @property
    def oddities(self) -> Mapping[str, Message]:
        """See the class."""
        ...

    async def measure_clock_offset(self) -> timedelta:
        """Our clock minus the venue's clock; zero at the paper venue."""
        ...

    async def fetch_balance(self) -> Balance:
        """Settled money in the quote currency."""
        ...

    async def fetch_positions(self) -> tuple[Position, ...]:
        """Open positions, ours and foreign ones, with the venue's quantity and entry price."""
        ...

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        """Everything resting for the pair, stops and targets included."""
        ...

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        """The order with our client order id, finished orders included."""
        ...

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        """Executions at or after `since`, oldest first."""
        ...

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        """Settlements at or after `since`, oldest first."""
        ...

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates | None:
        """The account's own rates; None where the account pays the instrument's rates."""
        ...

    async def set_leverage(self, pair: Pair, leverage: Decimal) -> None:
        """Make the pair's leverage so; being so already is fine."""
        ...

    async def place_order(self, intent: OrderIntent) -> Placement:
        """Post exactly once; class the answer."""
        ...

    async def cancel_order(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        """
        Cancel by client order id.

        ACCEPTED carries the order in its final state (canceled, or filled meanwhile); REJECTED
        means "no such open order at the venue".
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


class Model(Protocol):
    """
    One model of the council, which answers with a vote or an abstention.

    A model may raise for anything unforeseen; the caller enforces the deadline and turns an
    exception into an abstention.
    """

    identity: ModelIdentity

    def compute_bound(self, prompt: Prompt) -> Decimal:
        """Largest cost of a single `ask` in dollars, repetitions included; 0 for a free model."""
        ...

    async def ask(self, prompt: Prompt) -> Decision:
        """Vote on the prompt's facts."""
        ...


class Feed(Protocol):
    """One source of news."""

    name: str

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        """Items about the pair, published in [since, as_of], newest first."""
        ...
