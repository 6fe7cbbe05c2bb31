"""Profit set aside: on paper a booking, live a transfer from the trading to the funding wallet.

Portfolio -> check_withdrawal -> ProfitNotice, free balance -> plan_transfer -> ProfitTransfer

Once a day for each pair. On paper a booking only; live the money moves with the owner's consent.

The money never leaves the owner's account at the venue. The transfer id is derived from the wish,
like a client order id, so the outcome can be looked up after any restart. A transfer is never sent
a second time.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from trading.domain.accounts import Portfolio
from trading.domain.messages import NO_MESSAGE, Message
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
        amount: profit above the capital and without open profit, > 0.
    """

    equity: Decimal
    threshold: Decimal
    amount: Decimal


def check_withdrawal(portfolio: Portfolio, *, ratio: Decimal) -> ProfitNotice | None:
    """
    Return a notice when equity has reached the user's threshold.

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
    State of a transfer.

    SENDING: about to be, or already, posted. UNKNOWN: posted without a proof of the outcome.
    DONE: the money has moved. REFUSED: proven not moved. ABANDONED: never shown by the venue.
    """

    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"

    @property
    def is_open(self) -> bool:
        """Whether the outcome has to be looked up."""
        return self in {TransferStatus.SENDING, TransferStatus.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitTransfer:
    """
    One amount set aside; unique on (user, pair, UTC day).

    Attributes:
        venue: paper, or the venue of the account.
        amount: quote units, whole cents, > 0.
        status: REFUSED and ABANDONED transfers are not counted.
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
        """A UUID, as required by Bybit, without information about the user."""
        key = f"{self.user_id}|{self.venue}|{self.pair}|{self.requested_at.date().isoformat()}"
        return str(uuid.uuid5(uuid.NAMESPACE_OID, key))


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferResult:
    """Proven state of a transfer; `reason` is our sentence for every state but DONE."""

    status: TransferStatus
    reason: Message = NO_MESSAGE


class ProfitMover(Protocol):
    """The only transfer of an account: to the funding wallet of the same account."""

    async def move(self, transfer: ProfitTransfer) -> TransferResult:
        """Post exactly once; class the answer. Never raises for an answer of the venue."""
        ...

    async def find(self, transfer: ProfitTransfer) -> TransferResult | None:
        """The proven state; None when the venue does not show the transfer. Raises as reads do."""
        ...


def plan_transfer(notice: ProfitNotice, *, available: Decimal) -> Decimal | None:
    """
    Quote units to set aside now; None below the minimum.

    Args:
        available: free balance of the account, quote units.
    """
    amount = floor_to_step(min(notice.amount, available), CENT) if available > 0 else CENT
    return amount if amount >= LEAST else None
