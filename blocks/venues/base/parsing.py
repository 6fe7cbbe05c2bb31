"""What both venues write the same way: instants in milliseconds, candles, levels of a book.

rows of text -> exact values; whatever is not as documented raises, and the caller classes it
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from trading.domain.units import to_decimal
from trading.market.candles import Candle
from trading.market.snapshot import BookLevel, OrderBook

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(milliseconds: str | int) -> datetime:
    """Aware UTC from Unix milliseconds."""
    return _EPOCH + timedelta(milliseconds=int(milliseconds))


def to_milliseconds(instant: datetime) -> int:
    """Unix milliseconds, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def parse_candle(row: list[Any]) -> Candle:
    """A row of both venues: open time in ms, open, high, low, close, volume in base units."""
    return Candle(
        open_time=parse_instant(row[0]),
        open=to_decimal(row[1]),
        high=to_decimal(row[2]),
        low=to_decimal(row[3]),
        close=to_decimal(row[4]),
        volume=to_decimal(row[5]),
    )


def parse_book(
    bids: list[list[str]], asks: list[list[str]], *, as_of: datetime
) -> OrderBook | None:
    """Rows of price and quantity, best first; None when a side is empty."""
    if not bids or not asks:
        return None
    return OrderBook(bids=_parse_levels(bids), asks=_parse_levels(asks), as_of=as_of)


def _parse_levels(rows: list[list[str]]) -> tuple[BookLevel, ...]:
    return tuple(BookLevel(to_decimal(row[0]), to_decimal(row[1])) for row in rows)
