"""The books of the paper venue: one user's money, and per pair a position and its resting orders.

    PaperLedger, PaperPair -> PaperBook;  a PaperStep is the next book and how it came about

Decisions: margin is isolated per pair, one-way mode, one currency. The balance is no number of its
own but the sum of what moved it, so it can't drift.
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
FUNDING_INTERVAL = timedelta(hours=8)


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
        margin: quote units locked for the position; it can lose no more than this.
        orders: resting stops and targets; all of them only reduce, so a flat pair has none.
        touched_at: last placing or fill. A candle that was under way then is only partly ours.
        advanced_to: end of the last candle that was played against the position.
        next_funding_at: the first settlement that the open position has not paid.
    """

    pair: Pair
    touched_at: datetime
    advanced_to: datetime
    next_funding_at: datetime
    leverage: Decimal = ONE
    position: Position | None = None
    margin: Decimal = ZERO
    orders: tuple[Order, ...] = ()

    def __post_init__(self) -> None:
        require_not_negative(margin=self.margin)
        require_utc(
            touched_at=self.touched_at,
            advanced_to=self.advanced_to,
            next_funding_at=self.next_funding_at,
        )
        if self.position is None and (self.orders or self.margin):
            raise ValueError(f"{self.pair} is flat and yet has orders or margin")


class OpenPair(NamedTuple):
    """A pair that is not flat, and its position."""

    entry: PaperPair
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBook:
    """
    One user's account.

    Attributes:
        pairs: every pair that was ever touched, once.
        sequence: how many orders and transfers there have been; names the next one.
        version: of the stored book that this one came from; 0 when nothing is stored.
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
        """What new positions and withdrawals may use, quote units."""
        return self.balance - self.reserved

    @property
    def next_id(self) -> str:
        """The venue's name for the next order; no other account's order has it."""
        return f"paper-{self.user_id}-{self.sequence + 1}"

    def find_pair(self, pair: Pair) -> PaperPair | None:
        """The pair's entry, None when it was never touched."""
        return next((entry for entry in self.pairs if entry.pair == pair), None)

    def find_open(self, pair: Pair) -> OpenPair | None:
        """The pair's entry and position, None when it is flat."""
        entry = self.find_pair(pair)
        if entry is None or entry.position is None:
            return None
        return OpenPair(entry, entry.position)

    def open_pair(self, pair: Pair, *, at: datetime) -> PaperPair:
        """The pair's entry, a new one with leverage 1 when it was never touched."""
        return self.find_pair(pair) or PaperPair(
            pair=pair,
            touched_at=at,
            advanced_to=floor_time(at, ADVANCE_INTERVAL.duration),
            next_funding_at=next_funding_after(at),
        )

    def put_pair(self, entry: PaperPair) -> "PaperBook":
        """The book with this entry in place of the pair's old one, sorted by pair."""
        others = [other for other in self.pairs if other.pair != entry.pair]
        return replace(self, pairs=tuple(sorted([*others, entry], key=lambda one: one.pair)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFill:
    """An execution and what it realized: quote units before its fee."""

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
    The next book and what happened on the way, in order; stored in one transaction.

    Attributes:
        orders: new and changed ones; the same order may come twice, the later state holds.
    """

    book: PaperBook
    orders: tuple[Order, ...] = ()
    fills: tuple[PaperFill, ...] = ()
    payments: tuple[FundingPayment, ...] = ()
    transfers: tuple[PaperTransfer, ...] = ()

    def then(self, following: "PaperStep") -> "PaperStep":
        """This step and the one that started from its book."""
        return PaperStep(
            book=following.book,
            orders=self.orders + following.orders,
            fills=self.fills + following.fills,
            payments=self.payments + following.payments,
            transfers=self.transfers + following.transfers,
        )


def next_funding_after(instant: datetime) -> datetime:
    """The first of 00:00, 08:00 and 16:00 UTC that is later than `instant`."""
    return floor_time(instant, FUNDING_INTERVAL) + FUNDING_INTERVAL
