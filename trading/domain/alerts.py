"""Alerts: messages for a person, stored in the transaction of the cause, delivered at least once.

event -> Alert -> outbox -> delivery (elsewhere)

The text is for people and holds no secret. `dedupe_key` names the event: a repeated event makes no
second message. A message for the operator has no user.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from trading.domain.messages import Message
from trading.domain.units import UserId, require_utc

MAX_DEDUPE_KEY_CHARACTERS = 200
"""A longer key keeps its beginning and gets a digest: an index row of PostgreSQL has a limit."""


class AlertKind(StrEnum):
    """Kind of the event behind an alert."""

    TRADE_OPENED = "trade_opened"
    TRADE_CLOSED = "trade_closed"
    STOP_HIT = "stop_hit"
    TARGET_HIT = "target_hit"
    LIQUIDATED = "liquidated"
    PROTECTION_FAILED = "protection_failed"
    BREAKER_OPENED = "breaker_opened"
    BREAKER_CLOSED = "breaker_closed"
    ORDER_IN_DOUBT = "order_in_doubt"
    ORDER_RESOLVED = "order_resolved"
    BOOKS_DIFFER = "books_differ"
    VENUE_DOWN = "venue_down"
    MODELS_DOWN = "models_down"
    BAD_DATA = "bad_data"
    CYCLE_MISSED = "cycle_missed"
    CYCLE_FAILED = "cycle_failed"
    BUDGET_REACHED = "budget_reached"
    WITHDRAWAL_DUE = "withdrawal_due"
    STATE_CHANGED = "state_changed"
    RESTARTED = "restarted"
    DAILY_DIGEST = "daily_digest"
    SYSTEM = "system"


class Severity(StrEnum):
    """How soon a person must know; critical goes out before everything else."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    One message to deliver.

    Attributes:
        user_id: the recipient; None is the operator.
        text: for people, not empty; the delivery shortens a text that is too long for a chat.
        dedupe_key: name of the event, unique for the user, not empty; a key above
            `MAX_DEDUPE_KEY_CHARACTERS` is shortened, so that no alert fails for its length.
    """

    user_id: UserId | None
    kind: AlertKind
    severity: Severity
    text: Message
    dedupe_key: str
    created_at: datetime

    def __post_init__(self) -> None:
        require_utc(created_at=self.created_at)
        if not self.text or not self.dedupe_key:
            raise ValueError("an alert has a text and a dedupe key")
        if len(self.dedupe_key) > MAX_DEDUPE_KEY_CHARACTERS:
            object.__setattr__(self, "dedupe_key", _shorten(self.dedupe_key))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedAlert:
    """
    An alert claimed by a sender.

    Attributes:
        alert_id: orders the messages of one user.
        telegram_id: the chat; None for the operator's alerts and for users without a chat.
        attempts: deliveries begun, the current attempt included, >= 1.
    """

    alert_id: int
    alert: Alert
    telegram_id: int | None
    attempts: int


def _shorten(key: str) -> str:
    digest = sha256(key.encode()).hexdigest()[:32]
    return f"{key[: MAX_DEDUPE_KEY_CHARACTERS - len(digest)]}{digest}"
