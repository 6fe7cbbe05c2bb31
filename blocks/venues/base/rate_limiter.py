"""The request budget of an address, shared by all users of the address.

    spend(weight) -> room in the window? -> go | wait for the next window | TransientError
    note(answer)  -> the venue's own count and bans replace ours

Venues count by address, ccxt by instance (VENUES.md, finding 10). The count lives in a file
locked by all processes of a machine for the moment of a request, so that a hundred workers keep a
single budget; for a single process the count is in memory. Exits and cancels may use the
last fifth. After a 429 or a ban no request is sent before the end of the wait, urgent or not:
a request prolongs the wait.

Every wait is bounded. A caller waits for room at most `patience` seconds and for the file's lock
a second at most, because a stopped process may hold the lock: then reads are put off, exits go out
uncounted (the venue's own count tells of the exits later), and the count and bans of an answer are
kept in this process.
"""

import asyncio
import fcntl
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

from blocks.venues.base.response_classifier import RawAnswer
from trading.domain.errors import TransientError
from trading.domain.messages import Message, message
from trading.domain.units import floor_time, require_utc

URGENT_SHARE = 0.2
"""Of the window's weight, kept for what gets money out of danger."""
MAX_WAIT_SECONDS = 8.0
"""Longer than this nobody stands in line: a read is tried again later."""
MAX_LOCK_SECONDS = 1.0
LOCK_LOOK_SECONDS = 0.02
LOCK_TRIES, LOCK_TRY_SECONDS = 5, 0.001


class Budget(Protocol):
    """Request budget: asked before each request, told after each answer."""

    async def spend(
        self, weight: int, *, is_urgent: bool, now: datetime, patience: float = MAX_WAIT_SECONDS
    ) -> None:
        """
        Take the weight, waiting at most `patience` seconds.

        Raises:
            TransientError: with the limit's name and the wait, when there is none in time.
        """
        ...

    def note(self, answer: RawAnswer, *, wait: float | None, now: datetime) -> None:
        """Learn from the answer: the venue's own count, and the requested wait."""
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
    A venue's limit for an address.

    Attributes:
        name: of the limit, for people.
        weight: per window; a tenth below the venue's own figure leaves room for unseen requests.
        window: begins at multiples of the length, as the venues' windows do.
        count_header: header with the venue's counted weight, "" for none.
    """

    weight: int
    window: timedelta
    count_header: str = ""
    name: str = "the venue's limit"

    def describe(self) -> str:
        """The limit with its figures."""
        seconds = self.window.total_seconds()
        return f"{self.name} for this address ({self.weight} weight in {seconds:.0f} s)"


BINANCE_ALLOWANCE = Allowance(
    weight=2160,
    window=timedelta(minutes=1),
    count_header="x-mbx-used-weight-1m",
    name="Binance's request limit",
)
BYBIT_ALLOWANCE = Allowance(weight=540, window=timedelta(seconds=5), name="Bybit's request limit")


class _LockedError(Exception):
    """Another process has held the file for too long."""


class AddressBudget:
    """
    `Budget` of all users on this machine.

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
        self._blocked_until = 0.0

    async def spend(
        self, weight: int, *, is_urgent: bool, now: datetime, patience: float = MAX_WAIT_SECONDS
    ) -> None:
        require_utc(now=now)
        waited = locked = 0.0
        while True:
            at = now.timestamp() + waited
            wait = self._try(weight, is_urgent=is_urgent, at=at)
            is_locked = wait is None
            if wait is None and is_urgent and locked >= MAX_LOCK_SECONDS:
                wait = self._blocked_until - at
            if wait is not None and wait <= 0:
                return
            wait = LOCK_LOOK_SECONDS if wait is None else wait
            if waited + wait > patience or locked > MAX_LOCK_SECONDS:
                raise TransientError(self._complain(is_locked), retry_after_seconds=wait)
            await self._sleep(wait)
            waited += wait
            locked += wait if is_locked else 0.0

    def note(self, answer: RawAnswer, *, wait: float | None, now: datetime) -> None:
        counted = answer.headers.get(self._allowance.count_header, "")
        blocked_until = 0.0 if wait is None else now.timestamp() + wait
        self._blocked_until = max(self._blocked_until, blocked_until)
        with suppress(_LockedError), self._open() as window:
            self._roll(window, now.timestamp())
            if counted.isdigit():
                window.used = max(window.used, int(counted))
            window.blocked_until = max(window.blocked_until, self._blocked_until)

    def _complain(self, is_locked: bool) -> Message:
        if is_locked:
            return message("weight-locked", allowance=self._allowance.describe())
        return message("weight-used-up", allowance=self._allowance.describe())

    def _try(self, weight: int, *, is_urgent: bool, at: float) -> float | None:
        """Seconds to wait; 0 when the weight was taken, None while another process counts."""
        try:
            with self._open() as window:
                return self._take(window, weight, is_urgent=is_urgent, at=at)
        except _LockedError:
            return None

    def _take(self, window: Window, weight: int, *, is_urgent: bool, at: float) -> float:
        self._roll(window, at)
        window.blocked_until = max(window.blocked_until, self._blocked_until)
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
        """
        The window, locked against other processes for the length of the block.

        Raises:
            _LockedError: when another process keeps the lock.
        """
        if self._path is None:
            yield self._window
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+", encoding="ascii") as file:
            _lock(file)
            file.seek(0)
            text = file.read()
            window = Window(**json.loads(text)) if text else Window()
            yield window
            file.seek(0)
            file.truncate()
            file.write(json.dumps(asdict(window)))


def _lock(file: IO[str]) -> None:
    """Take the file's lock; a few milliseconds are enough unless the holder is stopped."""
    for _ in range(LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOCK_TRY_SECONDS)
        else:
            return
    raise _LockedError
