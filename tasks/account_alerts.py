"""The alerts about a user's account at a venue: its key.

event -> Alert with its sentence and the key that makes telling it twice one message

Pure functions; the bot delivers.
"""

from datetime import datetime

from trading.alerts import Alert
from trading.alerts import AlertKind
from trading.alerts import Severity
from trading.units import UserId
from trading.units import VenueName


def build_key_refused(user_id: UserId, venue: VenueName, *, sentence: str, now: datetime) -> Alert:
    """A key that was fine may do too much or too little by now; `sentence` says what to change."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.CRITICAL,
        text=(
            f"Nothing new is opened at {venue}: {sentence} It is checked again every hour, and at "
            "once after /connect; exits, stops and cancels go on."
        )[:4000],
        dedupe_key=f"key-refused:{venue}:{now.isoformat()}",
        created_at=now,
    )


def build_key_accepted(user_id: UserId, venue: VenueName, *, now: datetime) -> Alert:
    """A key that was refused is fine again."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.INFO,
        text=f"The {venue} key is fine again: entries are possible.",
        dedupe_key=f"key-accepted:{venue}:{now.isoformat()}",
        created_at=now,
    )
