"""The ports: what the pipeline needs from the world, and the contract of each.

Adapters in `blocks/` fulfil them; live, paper and replay differ only here. Reads raise
`TransientError` (may be retried) or `PermanentError`. A write never raises for what the venue
said: it returns a `Placement`, and everything that is not proven is `Outcome.UNKNOWN`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from trading.council.decisions import Decision, ModelIdentity
from trading.council.prompts import Prompt
from trading.domain.accounts import Balance
from trading.domain.instruments import Instrument
from trading.domain.orders import Fill, Order, OrderIntent, Placement
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, VenueName
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import FundingRate, MarketSource, OrderBook, Ticker
from trading.news.items import NewsItem

type Clock = Callable[[], datetime]
"""Answers the current instant, aware UTC; fixed in replay."""


class MarketData(Protocol):
    """
    Public data of one venue, or of a recording or generator that imitates one.

    `as_of` is the moment that the caller knows about: a recording answers as of then, a live
    source answers with now and never with candles that had not closed at `as_of`. No method
    needs a key.
    """

    venue: VenueName
    source: MarketSource

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        """Latest prices."""
        ...

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        """At most `limit` closed candles that end at or before `as_of`, oldest first."""
        ...

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        """The book, a synthesized one labelled as such, or None when there is none."""
        ...

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        """The current rate, or None when the source has none."""
        ...

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        """The venue's rules. Raises PermanentError for a pair that it does not trade."""
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPayment:
    """
    One settlement of one pair.

    Attributes:
        payment_id: the venue's id, or its pair and time; booking it twice is a no-op.
        amount: quote units, positive when we paid.
    """

    pair: Pair
    payment_id: str
    amount: Decimal
    paid_at: datetime


class Exchange(Protocol):
    """
    One account at one venue. An instance belongs to one user and is never shared.

    `find_order` answering None means "the venue does not show it", which is not a proof that it
    does not exist (VENUES.md, finding 7). Reads are retried by tasks; writes never are.

    Attributes:
        is_certain: whether an order that is not shown was never placed: the paper venue's books
            are the venue, so they prove it; a real venue's answer never does.
    """

    venue: VenueName
    is_certain: bool

    async def measure_clock_offset(self) -> timedelta:
        """Our clock minus the venue's; zero at a venue that reads ours."""
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
        """The order by our name for it, finished ones too."""
        ...

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        """Executions at or after `since`, oldest first."""
        ...

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        """Settlements at or after `since`, oldest first."""
        ...

    async def set_leverage(self, pair: Pair, leverage: Decimal) -> None:
        """Make the pair's leverage so; being so already is fine."""
        ...

    async def place_order(self, intent: OrderIntent) -> Placement:
        """Post exactly once; class the answer."""
        ...

    async def cancel_order(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        """
        Cancel by our name for it.

        ACCEPTED carries the order in its final state (canceled, or filled meanwhile); REJECTED
        means that the venue knows no such open order.
        """
        ...

    async def close(self) -> None:
        """Give connections back."""
        ...


class Model(Protocol):
    """
    One voter: it answers with a vote or an abstention.

    It may raise for anything unforeseen; the caller, who also holds the deadline, turns that into
    an abstention.
    """

    identity: ModelIdentity

    def compute_bound(self, prompt: Prompt) -> Decimal:
        """Dollars that one `ask` can cost at most, repetitions included; 0 for what is free."""
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
        """Items that speak of the pair, published in [since, as_of], newest first."""
        ...
