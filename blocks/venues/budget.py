"""The budget of one address: how many requests all users together may still make.

    spend(weight) -> room in the window? -> go | wait for the next window | TransientError
    note(answer)  -> the venue's own count and its bans replace ours

Venues count by address, ccxt by instance (VENUES.md, finding 10). The count lives in a file that
all processes of a machine lock for the moment of one request, so that a hundred workers keep one
budget; in memory when there is only one process. Exits and cancels may use the last fifth. After a
429 or a ban nobody asks before its end, urgent or not: asking makes it longer.
"""

import asyncio
import fcntl
import json
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from blocks.venues.outcomes import RawAnswer
from trading.errors import TransientError
from trading.units import floor_time
from trading.units import require_utc

URGENT_SHARE = 0.2
"""Of the window's weight, kept for what gets money out of danger."""
MAX_WAIT_SECONDS = 8.0
"""Longer than this nobody stands in line: a read is tried again later."""


class Budget(Protocol):
    """What a client asks before each request and tells after it."""

    async def spend(self, weight: int, *, is_urgent: bool, now: datetime) -> None:
        """Take the weight. Raises TransientError, with the wait, when there is none in time."""
        ...

    def note(self, answer: RawAnswer, *, wait: float | None, now: datetime) -> None:
        """Learn from the answer: the venue's own count, and a wait that it asks for."""
        ...


@dataclass(slots=True, kw_only=True)
class Window:
    """
    The running count.

    Attributes:
        started_at, blocked_until: Unix seconds.
        used: weight in this window, ours or the venue's count, whichever is higher.
    """

    started_at: float = 0.0
    used: int = 0
    blocked_until: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """
    What a venue allows one address.

    Attributes:
        weight: per window; a tenth below the venue's own figure leaves room for what we don't see.
        window: begins at multiples of itself, as the venues' do.
        count_header: in which the venue tells the weight it has counted, "" for none.
    """

    weight: int
    window: timedelta
    count_header: str = ""


BINANCE_ALLOWANCE = Allowance(
    weight=2160, window=timedelta(minutes=1), count_header="x-mbx-used-weight-1m"
)
BYBIT_ALLOWANCE = Allowance(weight=540, window=timedelta(seconds=5))


class AddressBudget:
    """
    `Budget` of everybody on this machine.

    Args:
        path: of the file that all processes share; None when this process is alone.
        sleep: waits for the next window; a test's answers at once.
    """

    def __init__(
        self,
        allowance: Allowance,
        *,
        path: Path | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._allowance = allowance
        self._path = path
        self._sleep = sleep
        self._window = Window()

    async def spend(self, weight: int, *, is_urgent: bool, now: datetime) -> None:
        require_utc(now=now)
        waited = 0.0
        while True:
            wait = self._try(weight, is_urgent=is_urgent, at=now.timestamp() + waited)
            if wait <= 0:
                return
            if waited + wait > MAX_WAIT_SECONDS:
                raise TransientError(
                    "The venue's request limit is used up for the moment.",
                    retry_after_seconds=wait,
                )
            await self._sleep(wait)
            waited += wait

    def note(self, answer: RawAnswer, *, wait: float | None, now: datetime) -> None:
        counted = answer.headers.get(self._allowance.count_header, "")
        with self._open() as window:
            self._roll(window, now.timestamp())
            if counted.isdigit():
                window.used = max(window.used, int(counted))
            if wait is not None:
                window.blocked_until = max(window.blocked_until, now.timestamp() + wait)

    def _try(self, weight: int, *, is_urgent: bool, at: float) -> float:
        """Seconds to wait; 0 when the weight was taken."""
        with self._open() as window:
            self._roll(window, at)
            if at < window.blocked_until:
                return window.blocked_until - at
            share = 1.0 if is_urgent else 1.0 - URGENT_SHARE
            if window.used + weight > self._allowance.weight * share:
                end = window.started_at + self._allowance.window.total_seconds()
                return max(end - at, 0.001)
            window.used += weight
            return 0.0

    def _roll(self, window: Window, at: float) -> None:
        moment = datetime.fromtimestamp(at, tz=UTC)
        started_at = floor_time(moment, self._allowance.window).timestamp()
        if started_at != window.started_at:
            window.started_at, window.used = started_at, 0

    @contextmanager
    def _open(self) -> Iterator[Window]:
        """The window, nobody else's for the length of the block."""
        if self._path is None:
            yield self._window
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            text = file.read()
            window = Window(**json.loads(text)) if text else Window()
            yield window
            file.seek(0)
            file.truncate()
            file.write(json.dumps(asdict(window)))
