"""Rate limit of a person's messages: a token bucket in memory."""

from datetime import datetime, timedelta

MOST_PEOPLE = 20_000
"""Buckets kept in memory; above this number full buckets are deleted."""
MINUTE = timedelta(minutes=1)


class RateLimit:
    """Allows `per_minute` messages at once, and refills as many in every minute."""

    def __init__(self, *, per_minute: int) -> None:
        self._most = float(per_minute)
        self._buckets: dict[int, tuple[float, datetime]] = {}

    def allow(self, telegram_id: int, *, now: datetime) -> bool:
        """Whether another message is allowed; a refused message is not counted."""
        left, seen_at = self._buckets.get(telegram_id, (self._most, now))
        left = min(self._most, left + self._most * ((now - seen_at) / MINUTE))
        is_allowed = left >= 1
        self._buckets[telegram_id] = (left - 1 if is_allowed else left, now)
        if len(self._buckets) > MOST_PEOPLE:
            self._forget(now)
        return is_allowed

    def _forget(self, now: datetime) -> None:
        self._buckets = {
            who: (left, at) for who, (left, at) in self._buckets.items() if now - at < MINUTE
        }
