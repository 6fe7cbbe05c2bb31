"""Snapshot of a market: ticker, order book, funding, candles of four intervals.

Every price names a source and every part has a time, so stale data is denied instead of guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading.domain.instruments import Instrument
from trading.domain.units import (
    BASIS_POINT,
    ONE,
    ZERO,
    Pair,
    Side,
    VenueName,
    ceil_to_step,
    floor_to_step,
    require_finite,
    require_positive,
    require_utc,
)
from trading.market.candles import CandleSeries, Interval

_SYNTHETIC_LEVELS = 10
_SYNTHETIC_HALF_SPREAD = BASIS_POINT / 2
_SYNTHETIC_SHARE = Decimal("0.01")


class MarketSource(StrEnum):
    """Origin of market data; people see a label for every origin but LIVE."""

    LIVE = "live"
    RECORDED = "recorded"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticker:
    """
    Prices in quote per base.

    Attributes:
        mark_price: basis of PnL and margin.
        as_of: the venue's time of the quote.
    """

    last_price: Decimal
    mark_price: Decimal
    best_bid: Decimal
    best_ask: Decimal
    as_of: datetime

    def __post_init__(self) -> None:
        require_positive(
            last_price=self.last_price,
            mark_price=self.mark_price,
            best_bid=self.best_bid,
            best_ask=self.best_ask,
        )
        require_utc(as_of=self.as_of)
        if self.best_bid > self.best_ask:
            raise ValueError(f"best_bid {self.best_bid} is above best_ask {self.best_ask}")

    @property
    def mid_price(self) -> Decimal:
        """Half way between the best bid and ask."""
        return (self.best_bid + self.best_ask) / 2

    @property
    def spread_ratio(self) -> Decimal:
        """(ask - bid) / mid, 0..1."""
        return (self.best_ask - self.best_bid) / self.mid_price


@dataclass(frozen=True, slots=True)
class BookLevel:
    """A resting price (quote per base) and quantity (base units), both > 0."""

    price: Decimal
    quantity: Decimal

    def __post_init__(self) -> None:
        require_positive(price=self.price, quantity=self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBook:
    """
    Resting orders, best first on each side.

    Attributes:
        is_synthetic: made from a candle because the source has no book; receipts say so.
    """

    bids: tuple[BookLevel, ...]
    asks: tuple[BookLevel, ...]
    as_of: datetime
    is_synthetic: bool = False

    def __post_init__(self) -> None:
        require_utc(as_of=self.as_of)
        bids = [level.price for level in self.bids]
        asks = [level.price for level in self.asks]
        if bids != sorted(bids, reverse=True) or asks != sorted(asks):
            raise ValueError("order book levels are not sorted best first")
        if bids and asks and bids[0] >= asks[0]:
            raise ValueError(f"order book is crossed: bid {bids[0]} >= ask {asks[0]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRate:
    """
    Payment from longs to shorts at the next settlement.

    Attributes:
        rate: signed ratio of the notional (0.0001 = 1 bp); positive means longs pay.
        next_at: the next settlement, every 1, 2, 4 or 8 h from midnight UTC by the contract.
    """

    rate: Decimal
    next_at: datetime
    as_of: datetime

    def __post_init__(self) -> None:
        require_finite(rate=self.rate)
        require_utc(next_at=self.next_at, as_of=self.as_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInterest:
    """
    Contracts open at the venue, base units, both sides counted once.

    Attributes:
        hour_ago, day_ago: 1 h and 24 h before `as_of`; None where the venue does not tell.
    """

    quantity: Decimal
    as_of: datetime
    hour_ago: Decimal | None = None
    day_ago: Decimal | None = None

    def __post_init__(self) -> None:
        require_positive(quantity=self.quantity)
        require_utc(as_of=self.as_of)

    @property
    def hour_change_ratio(self) -> Decimal | None:
        """Change within an hour; None while unknown."""
        return self.quantity / self.hour_ago - ONE if self.hour_ago else None

    @property
    def day_change_ratio(self) -> Decimal | None:
        """Change within a day; None while unknown."""
        return self.quantity / self.day_ago - ONE if self.day_ago else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSnapshot:
    """
    All data of one market at `as_of`, without data of any user.

    Attributes:
        venue: venue of the market (for sample data the imitated venue).
        candles: one series per interval, closed candles only.
        book: None when the source has no order book: an entry is then denied.
        open_interest: None when the source has none or did not answer.
    """

    venue: VenueName
    pair: Pair
    source: MarketSource
    as_of: datetime
    ticker: Ticker
    book: OrderBook | None
    funding: FundingRate | None
    candles: Mapping[Interval, CandleSeries]
    open_interest: OpenInterest | None = None


def synthesize_book(
    price: Decimal, *, volume: Decimal, instrument: Instrument, as_of: datetime
) -> OrderBook:
    """
    A plausible book around `price` for a source without order books; labelled as synthetic.

    Ten levels a side, half a basis point from the price at first and twice as far each time (up
    to 2.56 %), rounded away from the price; level n offers n percent of `volume`.

    Args:
        price: last price, quote per base, above two ticks.
        volume: of a recent 5m candle, base units, >= 0; the smallest order rests at least.
        instrument: source of the tick and step of the levels.
        as_of: the moment of the price.
    """
    levels: dict[Side, dict[Decimal, Decimal]] = {Side.BUY: {}, Side.SELL: {}}
    for number in range(_SYNTHETIC_LEVELS):
        offset = price * _SYNTHETIC_HALF_SPREAD * 2**number
        share = floor_to_step(volume * _SYNTHETIC_SHARE * (number + 1), instrument.step_size)
        quantity = max(share, instrument.min_quantity)
        bid = max(floor_to_step(price - offset, instrument.tick_size), instrument.tick_size)
        ask = ceil_to_step(price + offset, instrument.tick_size)
        for side, level in ((Side.BUY, bid), (Side.SELL, ask)):
            # Near the tick several levels share a price: quantities add up.
            levels[side][level] = levels[side].get(level, ZERO) + quantity
    return OrderBook(
        bids=tuple(BookLevel(*level) for level in levels[Side.BUY].items()),
        asks=tuple(BookLevel(*level) for level in levels[Side.SELL].items()),
        as_of=as_of,
        is_synthetic=True,
    )
