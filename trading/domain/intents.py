"""State of an order intent: the wish, the progress, and the worker with the lease.

OrderIntent -> claim (fence) -> sending -> placed | unknown -> resolved | abandoned
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.messages import Message
from trading.domain.orders import IntentStatus, OrderIntent

OPEN_INTENT_STATUSES = frozenset(IntentStatus) - {IntentStatus.RESOLVED, IntentStatus.ABANDONED}
"""Statuses that hold a risk reservation and that reconciliation still looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """
    An intent as stored in the database.

    Attributes:
        reason: our words for the status.
        fence: number of claims so far; only the newest claim is valid.
        worker: holder of the newest claim, "" before the first.
        lease_until: end of the newest claim, None after a release.
        sending_at: time of the mark before the post, None without a post.
        finished_at: time of the resolution or abandonment, None for an open intent.
        doubt_until: from this instant an order in doubt that the venue does not show counts as
            never placed; None for the usual horizon.
    """

    intent: OrderIntent
    status: IntentStatus
    reason: Message
    fence: int
    worker: str
    lease_until: datetime | None
    created_at: datetime
    sending_at: datetime | None
    finished_at: datetime | None
    doubt_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the outcome is still open."""
        return self.status in OPEN_INTENT_STATUSES
