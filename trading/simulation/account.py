"""Account of the paper venue: a user's money, and for each pair a position and resting orders.

    PaperLedger, PaperPair -> PaperBook;  PaperStep: the next book with the changes since the last

Decisions: margin is isolated per pair, one-way mode, one currency. The balance is computed from
the sums of all movements, not stored, so the balance can't drift.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from trading.domain.orders import Fill, Order
from trading.domain.positions import Position
from trading.domain.units import (
    ONE,
    ZERO,
    Pair,
    UserId,
    floor_time,
    require_not_negative,
    require_utc,
    sum_money,
)
from trading.market.candles import Interval
from trading.ports import FundingPayment

PAPER_CURRENCY = "USDT"
ADVANCE_INTERVAL = Interval.M5


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLedger:
    """Running totals in quote units; funding is signed, positive when the user paid."""

    deposits: Decimal = ZERO
    withdrawals: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """Settled money, exactly."""
        return self.deposits - self.withdrawals + self.realized_pnl - self.fees - self.funding


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPair:
    """
    One pair of the account.

    Attributes:
        position: None when flat.
        margin: quote units locked for the position: the largest possible loss.
        orders: resting stops and targets; all are reduce-only, so a flat pair has no orders.
        touched_at: last placing or fill. The candle around this time counts only partly.
        advanced_to: end of the last candle played against the position.
        funded_to: every settlement of the open position up to this instant is paid.
    """

    pair: Pair
    touched_at: datetime
    advanced_to: datetime
    funded_to: datetime
    leverage: Decimal = ONE
    position: Position | None = None
    margin: Decimal = ZERO
    orders: tuple[Order, ...] = ()

    def __post_init__(self) -> None:
        require_not_negative(margin=self.margin)
        require_utc(
            touched_at=self.touched_at,
            advanced_to=self.advanced_to,
            funded_to=self.funded_to,
        )
        if self.position is None and (self.orders or self.margin):
            raise ValueError(f"{self.pair} is flat and yet has orders or margin")

    def find_settlement(self, interval: timedelta) -> datetime:
        """
        The first settlement not yet paid, `interval` apart from midnight UTC.

        The interval is the contract's of now: a changed interval counts from `funded_to` on.
        """
        return floor_time(self.funded_to, interval) + interval


class OpenPair(NamedTuple):
    """A pair with an open position, and the position."""

    entry: PaperPair
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBook:
    """
    One user's account.

    Attributes:
        pairs: every pair with an order so far, once.
        sequence: number of orders and transfers so far; part of the next id.
        version: version of the stored book before the change; 0 without a stored book.
    """

    user_id: UserId
    ledger: PaperLedger = PaperLedger()
    pairs: tuple[PaperPair, ...] = ()
    sequence: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        if len({entry.pair for entry in self.pairs}) != len(self.pairs):
            raise ValueError("a pair stands twice in the book")

    @property
    def balance(self) -> Decimal:
        """Settled money, quote units."""
        return self.ledger.balance

    @property
    def reserved(self) -> Decimal:
        """Margin of all positions, quote units."""
        return sum_money(entry.margin for entry in self.pairs)

    @property
    def available(self) -> Decimal:
        """Free balance for new positions and withdrawals, quote units."""
        return self.balance - self.reserved

    @property
    def next_id(self) -> str:
        """The venue's id of the next order, unique over all accounts."""
        return f"paper-{self.user_id}-{self.sequence + 1}"

    def find_pair(self, pair: Pair) -> PaperPair | None:
        """The pair's entry, None for a pair without orders so far."""
        return next((entry for entry in self.pairs if entry.pair == pair), None)

    def find_open(self, pair: Pair) -> OpenPair | None:
        """The pair's entry and position, None when flat."""
        entry = self.find_pair(pair)
        if entry is None or entry.position is None:
            return None
        return OpenPair(entry, entry.position)

    def open_pair(self, pair: Pair, *, at: datetime) -> PaperPair:
        """The pair's entry, a new entry with leverage 1 for a pair without orders so far."""
        return self.find_pair(pair) or PaperPair(
            pair=pair,
            touched_at=at,
            advanced_to=floor_time(at, ADVANCE_INTERVAL.duration),
            funded_to=at,
        )

    def put_pair(self, entry: PaperPair) -> "PaperBook":
        """The book with this entry in place of the pair's old entry, sorted by pair."""
        others = [other for other in self.pairs if other.pair != entry.pair]
        return replace(self, pairs=tuple(sorted([*others, entry], key=lambda one: one.pair)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFill:
    """An execution and the realized PnL: quote units before the fee."""

    fill: Fill
    realized_pnl: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTransfer:
    """Money moved in (amount > 0) or out (amount < 0), quote units."""

    transfer_id: str
    amount: Decimal
    transferred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStep:
    """
    The next book and the events since the last book, in order; stored in one transaction.

    Attributes:
        orders: new and changed orders; of two states of an order the later state holds.
    """

    book: PaperBook
    orders: tuple[Order, ...] = ()
    fills: tuple[PaperFill, ...] = ()
    payments: tuple[FundingPayment, ...] = ()
    transfers: tuple[PaperTransfer, ...] = ()

    def then(self, following: "PaperStep") -> "PaperStep":
        """This step joined with a step from the resulting book."""
        return PaperStep(
            book=following.book,
            orders=self.orders + following.orders,
            fills=self.fills + following.fills,
            payments=self.payments + following.payments,
            transfers=self.transfers + following.transfers,
        )
