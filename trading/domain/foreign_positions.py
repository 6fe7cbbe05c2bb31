"""Positions at a venue that Quorum did not open, and their owner's word to take them over.

booking -> ForeignPosition (database, alert) -> /adopt -> the guard of a worker -> our position
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.domain.units import Pair, PositionSide, UserId, require_positive, require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignPosition:
    """
    A venue's position that is not, or not wholly, explained by our orders.

    Attributes:
        quantity: base units at the venue, > 0; a part may be ours.
        average_entry_price: the venue's, quote per base.
        asked_at: when the owner asked to take the position over; None without a request.
        asked_by: the actor of the audit log.
    """

    user_id: UserId
    pair: Pair
    side: PositionSide
    quantity: Decimal
    average_entry_price: Decimal
    seen_at: datetime
    asked_at: datetime | None = None
    asked_by: str = ""

    def __post_init__(self) -> None:
        require_positive(quantity=self.quantity)
        require_utc(seen_at=self.seen_at)
