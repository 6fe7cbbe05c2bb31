"""Profit set aside: on paper a booking, live a transfer from the trading to the funding wallet.

Portfolio -> check_withdrawal -> ProfitNotice, what is free -> plan_transfer -> ProfitTransfer

Once a day for each pair. On paper it is only booked; live the money moves, if its owner wants it.

It never leaves its owner's account at the venue. Its name is derived from the wish, as an order's
is, so that what became of it can be asked after any restart; it is never sent a second time.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from trading.domain.accounts import Portfolio
from trading.domain.units import (
    ZERO,
    Pair,
    UserId,
    VenueName,
    floor_to_step,
    require_positive,
    require_utc,
)

CENT = Decimal("0.01")
LEAST = Decimal(1)
"""Quote units; less is not worth a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitNotice:
    """
    Equity has reached the user's threshold.

    Attributes:
        equity, threshold: quote units.
        amount: what could be taken out without touching the capital or an open profit, > 0.
    """

    equity: Decimal
    threshold: Decimal
    amount: Decimal


def check_withdrawal(portfolio: Portfolio, *, ratio: Decimal) -> ProfitNotice | None:
    """
    Whether it is time to tell the user to take profit out.

    Args:
        portfolio: Of one pair.
        ratio: Of equity to capital, above 1 (`RiskLimits.profit_withdrawal_ratio`).
    """
    threshold = portfolio.capital * ratio
    settled = portfolio.equity - portfolio.capital - max(portfolio.unrealized_pnl, ZERO)
    if portfolio.equity < threshold or settled <= 0:
        return None
    return ProfitNotice(equity=portfolio.equity, threshold=threshold, amount=settled)


class TransferStatus(StrEnum):
    """
    Where a transfer is.

    SENDING: about to be, or already, posted. UNKNOWN: posted without a proof of what became of it.
    DONE: the money has moved. REFUSED: proven not moved. ABANDONED: never shown in all the time.
    """

    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"

    @property
    def is_open(self) -> bool:
        """Whether it has to be looked up."""
        return self in {TransferStatus.SENDING, TransferStatus.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitTransfer:
    """
    One amount set aside; unique on (user, pair, UTC day).

    Attributes:
        venue: paper, or where the money moves.
        amount: quote units, whole cents, > 0.
        status: REFUSED and ABANDONED ones count for nothing.
    """

    user_id: UserId
    venue: VenueName
    pair: Pair
    amount: Decimal
    requested_at: datetime
    status: TransferStatus = TransferStatus.SENDING

    def __post_init__(self) -> None:
        require_positive(amount=self.amount)
        require_utc(requested_at=self.requested_at)

    @property
    def transfer_id(self) -> str:
        """Its name: a UUID, as Bybit wants it, that shows nothing of the user."""
        key = f"{self.user_id}|{self.venue}|{self.pair}|{self.requested_at.date().isoformat()}"
        return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a venue's answer proves of a transfer; `reason` is our sentence when it is not DONE."""

    status: TransferStatus
    reason: str = ""


class ProfitMover(Protocol):
    """The one transfer that an account may make: to its own funding wallet."""

    async def move(self, transfer: ProfitTransfer) -> Moved:
        """Post exactly once; class the answer. Never raises for what the venue says."""
        ...

    async def find(self, transfer: ProfitTransfer) -> Moved | None:
        """What became of it; None when the venue does not show it. Raises as reads do."""
        ...


def plan_transfer(notice: ProfitNotice, *, available: Decimal) -> Decimal | None:
    """
    Quote units to set aside now; None when it is too little.

    Args:
        available: what the account could spare, quote units.
    """
    amount = floor_to_step(min(notice.amount, available), CENT) if available > 0 else CENT
    return amount if amount >= LEAST else None
