"""A trouble as the operator reads it: what is wrong, and the next step.

finding -> build_trouble -> Alert to the operator, one an hour for each subject
"""

from collections.abc import Sequence
from datetime import datetime

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain

NAMED = 10
"""At most so many users or pairs are named in one alert."""


def build_trouble(
    subject: str,
    text: str,
    *,
    now: datetime,
    kind: AlertKind = AlertKind.SYSTEM,
    severity: Severity = Severity.WARNING,
) -> Alert:
    """
    An alert to the operator; told again only while it lasts and once an hour.

    Args:
        subject: names the trouble, the same while it is the same: it dedupes.
        text: what is wrong, with its figures, and what to do.
    """
    return Alert(
        user_id=None,
        kind=kind,
        severity=severity,
        text=plain(text),
        dedupe_key=f"watchdog:{subject}:{now:%Y-%m-%dT%H}",
        created_at=now,
    )


def name_some(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
