"""The breaker: losses stop trading for a while, persisted and explained.

closed positions, equity of the day -> check_breaker -> Breaker
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum


class BreakerState(StrEnum):
    """Running, or open: no entries."""

    RUNNING = "running"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """
    The state for one pair of one user, or for the whole user.

    Attributes:
        code: why it opened, THREE_LOSSES or DAY_LOSS; "" while running.
        figures: the trades and numbers that caused it, as text by name.
        opened_at, until: None while running; it closes by itself at `until`.
        counts_from: losses closed before this instant no longer count (set when it closes).
    """

    state: BreakerState = BreakerState.RUNNING
    code: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    opened_at: datetime | None = None
    until: datetime | None = None
    counts_from: datetime | None = None
