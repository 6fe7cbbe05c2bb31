"""How much one person may say: a bucket that fills by the minute, in memory."""

from datetime import datetime, timedelta

MOST_PEOPLE = 20_000
"""Buckets kept; when there are more, those that are full again are forgotten."""
MINUTE = timedelta(minutes=1)


class Pace:
    """So many messages at once, and as many for every minute that passes."""

    def __init__(self, *, per_minute: int) -> None:
        self._most = float(per_minute)
        self._buckets: dict[int, tuple[float, datetime]] = {}

    def allow(self, telegram_id: int, *, now: datetime) -> bool:
        """Whether one more is welcome; what is not welcome is not counted."""
        left, seen_at = self._buckets.get(telegram_id, (self._most, now))
        left = min(self._most, left + self._most * ((now - seen_at) / MINUTE))
        is_welcome = left >= 1
        self._buckets[telegram_id] = (left - 1 if is_welcome else left, now)
        if len(self._buckets) > MOST_PEOPLE:
            self._forget(now)
        return is_welcome

    def _forget(self, now: datetime) -> None:
        self._buckets = {
            who: (left, at) for who, (left, at) in self._buckets.items() if now - at < MINUTE
        }
