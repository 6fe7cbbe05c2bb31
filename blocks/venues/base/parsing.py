"""The shared notation of both venues: instants in milliseconds, candles, levels of a book, rows.

rows of text -> exact values; a value that differs from the document raises, the caller classes it
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading.domain.errors import BadInput
from trading.domain.instruments import FeeRates
from trading.domain.units import ZERO, to_decimal
from trading.market.candles import Candle
from trading.market.snapshot import BookLevel, OrderBook

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OUR_NAME = re.compile(r"q[0-9a-f]{30}")
MAX_FEE_RATE = Decimal("0.01")


def parse_instant(milliseconds: str | int) -> datetime:
    """Aware UTC from Unix milliseconds."""
    return _EPOCH + timedelta(milliseconds=int(milliseconds))


def to_milliseconds(instant: datetime) -> int:
    """Unix milliseconds, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def is_our_name(name: object) -> bool:
    """Whether a client order id has the form of ours (`derive_client_order_id`)."""
    return isinstance(name, str) and _OUR_NAME.fullmatch(name) is not None


def read_number(row: Mapping[str, Any], *names: str, default: Decimal = ZERO) -> Decimal:
    """The first finite number among the optional fields, else the default."""
    for name in names:
        try:
            return to_decimal(row[name])
        except (LookupError, TypeError, ValueError, AttributeError, BadInput):
            continue
    return default


def has_number(row: Mapping[str, Any], name: str) -> bool:
    """Whether an optional field is a finite number."""
    return read_number(row, name, default=Decimal(-1)) == read_number(row, name)


def read_instant(row: Mapping[str, Any], *names: str, default: datetime) -> datetime:
    """The first positive instant among the optional fields, else the default."""
    for name in names:
        try:
            if int(row[name]) > 0:
                return parse_instant(row[name])
        except (LookupError, TypeError, ValueError, ArithmeticError):
            continue
    return default


def read_flag(row: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """An optional yes or no, also as text; the default for anything else."""
    value = row.get(name)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(str(value).lower(), default)


def read_asset(row: Mapping[str, Any], name: str, *, default: str) -> str:
    """An optional name of an asset, such as BNB; the default for anything else."""
    value = row.get(name)
    is_name = isinstance(value, str) and value.isascii() and value.isalnum()
    return str(value) if is_name else default


def require_text(value: object) -> str:
    """A non-empty text. Raises ValueError for any other value."""
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def parse_fee_rates(maker: object, taker: object) -> FeeRates:
    """
    An account's rates, ratios of the notional; a rebate counts as no fee.

    Raises:
        ValueError: for a rate above `MAX_FEE_RATE`: no venue takes as much.
    """
    rates = [max(to_decimal(str(rate)), ZERO) for rate in (maker, taker)]
    if max(rates) > MAX_FEE_RATE:
        raise ValueError("no fee rate")
    return FeeRates(maker=rates[0], taker=rates[1])


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
