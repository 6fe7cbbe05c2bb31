"""What is known of an intent: the wish, how far it got, and who may act on it.

OrderIntent -> claim (fence) -> sending -> placed | unknown -> resolved | abandoned
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.orders import IntentStatus, OrderIntent

OPEN_INTENT_STATUSES = frozenset(IntentStatus) - {IntentStatus.RESOLVED, IntentStatus.ABANDONED}
"""Statuses that hold a risk reservation and that reconciliation still looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """
    An intent as the database has it.

    Attributes:
        reason: why it has its status, our words.
        fence: how often it was claimed; a claim is good only while it is the newest.
        worker: who claimed it last, "" for nobody.
        lease_until: when that claim ends, None when it was given back.
        sending_at: when it was marked as being posted, None if it never was.
        finished_at: when it was resolved or abandoned, None while it is open.
    """

    intent: OrderIntent
    status: IntentStatus
    reason: str
    fence: int
    worker: str
    lease_until: datetime | None
    created_at: datetime
    sending_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it."""
        return self.status in OPEN_INTENT_STATUSES
