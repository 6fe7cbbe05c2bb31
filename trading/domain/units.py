"""Numbers, sides, ids and time: the smallest values, validated on construction.

Money and quantities are finite `Decimal`; instants are aware UTC; ratios are 0..1 and percent is
only for people and for models' answers. Rounding always goes in the safe direction and is done
here only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    localcontext,
)
from enum import StrEnum
from typing import NewType, Self

from trading.domain.errors import BadInput
from trading.domain.messages import message

UserId = NewType("UserId", int)
ClientOrderId = NewType("ClientOrderId", str)
"""Ours, deterministic; `[A-Za-z0-9_-]`, at most 32 characters."""

ZERO = Decimal(0)
ONE = Decimal(1)
MOST_DIGITS = 40
"""Before the point, and behind it: far more than any price, amount or limit has."""
MOST_CHARACTERS = 200
HUNDRED = Decimal(100)
BASIS_POINT = Decimal("0.0001")
MONEY_STEP = Decimal("0.00000001")
"""Smallest amount of quote currency that we book (8 decimals)."""
EXACT = Context(prec=28, traps=[Inexact, InvalidOperation, DivisionByZero])
"""Arithmetic that raises where it would have to round."""

CYCLE_INTERVAL = timedelta(minutes=30)


class Side(StrEnum):
    """Side of an order or a fill."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """The reverse side."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Side.BUY else -1


class PositionSide(StrEnum):
    """Direction of a position."""

    LONG = "long"
    SHORT = "short"
    FLAT = "flat"

    @property
    def entry_side(self) -> Side:
        """Side of the opening order. Raises ValueError for FLAT."""
        if self is PositionSide.FLAT:
            raise ValueError("a flat position has no entry side")
        return Side.BUY if self is PositionSide.LONG else Side.SELL

    @property
    def exit_side(self) -> Side:
        """Side of the closing order. Raises ValueError for FLAT."""
        return self.entry_side.opposite

    @property
    def sign(self) -> int:
        """+1 long, -1 short, 0 flat."""
        return {PositionSide.LONG: 1, PositionSide.SHORT: -1, PositionSide.FLAT: 0}[self]


class Mode(StrEnum):
    """Where the money is: paper is the default, replay compresses time."""

    PAPER = "paper"
    LIVE = "live"
    REPLAY = "replay"


class VenueName(StrEnum):
    """The places we can trade at."""

    BINANCE = "binance"
    BYBIT = "bybit"
    PAPER = "paper"


class TradingState(StrEnum):
    """Permission to trade: everything, reduce-only, or only exits and cancels on command."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """
    A traded pair, written BASE/QUOTE.

    Raises:
        BadInput: when a part is not 1 to 20 capital letters or digits, or both parts are equal.
    """

    base: str
    quote: str

    def __post_init__(self) -> None:
        for part in (self.base, self.quote):
            if not (
                part.isascii() and part.isalnum() and part == part.upper() and len(part) <= 20
            ):
                raise BadInput(message("pair-unreadable", text=f"{self.base}/{self.quote}"))
        if self.base == self.quote:
            raise BadInput(
                message("pair-of-one", text=f"{self.base}/{self.quote}", base=self.base)
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read BTC/USDT, btc-usdt, BTC_USDT or BTC/USDT:USDT.

        Raises:
            BadInput: for other text, and for a dated contract (BTC/USDT:USDT-251226), which is
                another instrument than the perpetual.
        """
        name, _, settled = text.strip().upper().partition(":")
        plain = name.replace("-", "/").replace("_", "/")
        if settled and settled != plain.rpartition("/")[2]:
            raise BadInput(message("pair-not-perpetual", text=text.strip()[:40]))
        parts = plain.split("/")
        if len(parts) != 2 or not all(parts):
            raise BadInput(message("pair-unreadable", text=text.strip()[:40]))
        return cls(*parts)

    @property
    def slug(self) -> str:
        """BTC-USDT: for names of runs, queues and files."""
        return f"{self.base}-{self.quote}"

    def __str__(self) -> str:
        return f"{self.base}/{self.quote}"


def to_decimal(value: str | int | Decimal) -> Decimal:
    """
    Read a finite number exactly.

    Floats are refused: a float has already lost digits. So are numbers of more than `MOST_DIGITS`
    digits before or behind the point: 1e999999999 is a short text, and takes gigabytes to print.

    Raises:
        BadInput: for text without a number, NaN, infinities, and more digits.
    """
    if isinstance(value, (bool, float)):
        raise TypeError(f"{value!r} is not exact: pass text, an int or a Decimal")
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        raise BadInput(message("number-too-long", most=MOST_DIGITS))
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadInput(message("number-unreadable", text=str(value)[:40])) from None
    if not number.is_finite():
        raise BadInput(message("number-not-finite", text=str(number)[:40]))
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or max(abs(exponent), abs(number.adjusted())) > MOST_DIGITS:
        raise BadInput(message("number-too-long", most=MOST_DIGITS))
    return number


def require_finite(**numbers: Decimal) -> None:
    """Raise ValueError naming the first argument other than a finite Decimal."""
    for name, number in numbers.items():
        if not isinstance(number, Decimal) or not number.is_finite():
            raise ValueError(f"{name} must be a finite Decimal, got {number!r}")


def require_positive(**numbers: Decimal) -> None:
    """Raise ValueError naming the first argument other than a finite Decimal above 0."""
    require_finite(**numbers)
    for name, number in numbers.items():
        if number <= 0:
            raise ValueError(f"{name} must be above 0, got {number}")


def require_not_negative(**numbers: Decimal) -> None:
    """Raise ValueError naming the first argument other than a finite Decimal of at least 0."""
    require_finite(**numbers)
    for name, number in numbers.items():
        if number < 0:
            raise ValueError(f"{name} must be at least 0, got {number}")


def require_utc(**instants: datetime) -> None:
    """Raise ValueError naming the first argument other than an aware UTC instant."""
    for name, instant in instants.items():
        if instant.utcoffset() != timedelta(0):
            raise ValueError(f"{name} must be aware UTC, got {instant!r}")


def floor_to_step(value: Decimal, step: Decimal) -> Decimal:
    """
    Largest multiple of `step` (> 0) that is <= `value`.

    Integer division is exact where `/` would round the 28th digit, perhaps up over a step.

    Raises:
        ValueError: when the multiple needs more than 28 digits.
    """
    with localcontext(EXACT):
        try:
            towards_zero = value // step * step
            return towards_zero - step if towards_zero > value else towards_zero
        except (InvalidOperation, Inexact):
            raise ValueError(f"{value} has no exact multiple of {step} beside it") from None


def ceil_to_step(value: Decimal, step: Decimal) -> Decimal:
    """Smallest multiple of `step` (> 0) that is >= `value`. Raises as `floor_to_step` does."""
    return -floor_to_step(value.copy_negate(), step)


def round_money(value: Decimal) -> Decimal:
    """Round to `MONEY_STEP`, half to even, so that many roundings do not drift."""
    return value.quantize(MONEY_STEP, rounding=ROUND_HALF_EVEN)


def sum_money(values: Iterable[Decimal]) -> Decimal:
    """Sum as Decimal; the empty sum is Decimal 0."""
    return sum(values, ZERO)


def floor_time(instant: datetime, interval: timedelta) -> datetime:
    """Largest multiple of `interval` since the Unix epoch that is <= `instant` (aware UTC)."""
    require_utc(instant=instant)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + ((instant - epoch) // interval) * interval
