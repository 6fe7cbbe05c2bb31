"""A clock that stands until somebody moves it, shared by a process and those forked from it."""

import mmap
import struct
from datetime import UTC, datetime, timedelta

_FORMAT = "q"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Unix milliseconds in memory that forks share."""

    def __init__(self, start: datetime) -> None:
        self._memory = mmap.mmap(-1, struct.calcsize(_FORMAT))
        self.set_ms((start - _EPOCH) // timedelta(milliseconds=1))

    @property
    def ms(self) -> int:
        """Now."""
        (value,) = struct.unpack(_FORMAT, self._memory[: struct.calcsize(_FORMAT)])
        return int(value)

    def set_ms(self, value: int) -> None:
        """Jump."""
        self._memory[: struct.calcsize(_FORMAT)] = struct.pack(_FORMAT, value)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.set_ms(self.ms + round(seconds * 1000))

    def __call__(self) -> datetime:
        """Now, aware UTC: our `Clock` port."""
        return _EPOCH + timedelta(milliseconds=self.ms)

    async def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        self.advance(seconds)
