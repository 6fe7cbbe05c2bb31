"""Requests of a person to close a pair's position, stored until the pair is flat.

/panic, /close -> CloseRequest (database) -> flow close-positions | any worker's guard -> flat
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.units import Pair, UserId, require_utc

HEAD_START = timedelta(seconds=3)
"""The flow close-positions usually begins within this time; the guards leave it alone."""
RETRY_AFTER = timedelta(seconds=10)
"""Between two attempts to close the same pair: an exit takes seconds to fill and to be booked."""
OVERDUE_AFTER = timedelta(seconds=20)
"""A request that is still open at this age is reported to its user and to the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """
    One pair to close.

    Attributes:
        requested_by: the actor of the audit log.
        tried_at: the last attempt; None before the first.
        reason: why the last attempt left a position, "" before the first attempt has ended.
    """

    user_id: UserId
    pair: Pair
    requested_at: datetime
    requested_by: str
    tried_at: datetime | None = None
    attempts: int = 0
    reason: Message = NO_MESSAGE

    def __post_init__(self) -> None:
        require_utc(requested_at=self.requested_at)


def build_overdue_alerts(request: CloseRequest, *, now: datetime) -> tuple[Alert, Alert]:
    """Alerts for the user and for the operator about a pair that is not closed yet."""
    tried = _tell_attempts(request)
    pair, waited = str(request.pair), round((now - request.requested_at).total_seconds())
    own = message("alert-close-overdue", pair=pair, seconds=waited, tried=tried)
    theirs = message(
        "alert-close-overdue-operator",
        user=request.user_id,
        pair=pair,
        seconds=waited,
        tried=tried,
    )
    key = f"close:{request.pair}:{request.requested_at.isoformat()}"
    return (
        Alert(
            user_id=request.user_id,
            kind=AlertKind.PROTECTION_FAILED,
            severity=Severity.CRITICAL,
            text=own,
            dedupe_key=key,
            created_at=now,
        ),
        Alert(
            user_id=None,
            kind=AlertKind.SYSTEM,
            severity=Severity.CRITICAL,
            text=theirs,
            dedupe_key=f"{key}:{request.user_id}",
            created_at=now,
        ),
    )


def _tell_attempts(request: CloseRequest) -> Message:
    """What the workers have done about a request so far."""
    if request.reason:
        return message("close-failed", attempts=request.attempts, why=request.reason)
    return message("close-not-begun") if request.tried_at is None else message("close-in-work")
