"""The clock of the command line: read at the edge, passed down."""

from datetime import UTC, datetime


def now_utc() -> datetime:
    """The current instant, aware UTC."""
    return datetime.now(UTC)
