"""Column types for exact values: Decimal money, aware UTC, pairs, enumerated words.

The bind refuses a float, a naive instant or an unknown word before sending. Other programs and
psql sessions pass the bind and meet the CHECKs written by `money_checks`.

Money is NUMERIC without a scale: a scale would round an average entry price silently, and a loaded
value must equal the saved value. CHECKs require finite values, because NUMERIC accepts NaN and
Infinity.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, override

from sqlalchemy import CheckConstraint, DateTime, Dialect, Numeric, Text, TypeDecorator

from trading.domain.messages import Message, read_message, write_message
from trading.domain.units import Pair


class Money(TypeDecorator[Decimal]):
    """NUMERIC for `Decimal` (or int) only; returns the same digits."""

    impl = Numeric(asdecimal=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: Any | None, dialect: Dialect) -> Any | None:
        if value is not None and (isinstance(value, bool) or not isinstance(value, Decimal | int)):
            raise TypeError(f"money is Decimal, got {type(value).__name__}")
        return value


class Instant(TypeDecorator[datetime]):
    """timestamptz for aware UTC only; returns aware UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.utcoffset() != timedelta(0):
            raise ValueError(f"an instant is aware UTC, got {value!r}")
        return value

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None


class PairText(TypeDecorator[Pair]):
    """A pair as BTC/USDT."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Pair | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, Pair):
            raise TypeError(f"a pair is Pair, got {type(value).__name__}")
        return str(value) if value is not None else None

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Pair | None:
        return Pair.parse(value) if value is not None else None


class MessageText(TypeDecorator[Message]):
    """A message with its arguments; a sentence of an older version is read as a plain message."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: Message | None, dialect: Dialect) -> str | None:
        if value is not None and not isinstance(value, Message):
            raise TypeError(f"a message is Message, got {type(value).__name__}")
        return write_message(value) if value is not None else None

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> Message | None:
        return read_message(value) if value is not None else None


class Word[W: StrEnum](TypeDecorator[W]):
    """A word of an enumeration; unknown words are refused on write and on read."""

    impl = Text
    cache_ok = True

    def __init__(self, vocabulary: type[W]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    @override
    def process_bind_param(self, value: W | None, dialect: Dialect) -> str | None:
        return str(self.vocabulary(value)) if value is not None else None

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> W | None:
        return self.vocabulary(value) if value is not None else None


def one_of(column: str, vocabulary: type[StrEnum]) -> CheckConstraint:
    """CHECK: the column holds a word of the enumeration (or NULL)."""
    words = ", ".join(f"'{word}'" for word in vocabulary)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def positive(*columns: str) -> tuple[CheckConstraint, ...]:
    """CHECKs: each column is finite and above 0 (or NULL)."""
    return tuple(_range_check(column, lower="> 0", name="positive") for column in columns)


def not_negative(*columns: str) -> tuple[CheckConstraint, ...]:
    """CHECKs: each column is finite and at least 0 (or NULL)."""
    return tuple(_range_check(column, lower=">= 0", name="not_negative") for column in columns)


def finite(*columns: str) -> tuple[CheckConstraint, ...]:
    """CHECKs: each column is finite (or NULL)."""
    return tuple(_range_check(column, lower="> '-Infinity'", name="finite") for column in columns)


def _range_check(column: str, *, lower: str, name: str) -> CheckConstraint:
    # NaN sorts above Infinity in PostgreSQL, so a single comparison refuses both.
    return CheckConstraint(f"{column} {lower} AND {column} < 'Infinity'", name=f"{column}_{name}")
