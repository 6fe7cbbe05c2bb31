"""The venue's clock against ours: measured, used for signatures, reported to people.

our clock, ask_time -> offset (theirs minus ours) -> time stamps of requests | a sentence
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from trading.domain.errors import QuorumError
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.ports import Clock

MAX_CLOCK_OFFSET = timedelta(milliseconds=500)
"""An entry with a clock further off is refused; reads, exits and cancels are not."""
CLOCK_LIFE = timedelta(minutes=5)

logger = logging.getLogger(__name__)


class VenueClock:
    """
    The clock of a venue, as seen by an account's client.

    Attributes:
        ask: reads the venue's clock; without it no offset is measured.
        offset: the venue's clock minus ours, as last measured.
        measured_at: the time of the last measurement, None before the first.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self.ask: Callable[[], Awaitable[datetime]] | None = None
        self.offset = timedelta(0)
        self.measured_at: datetime | None = None

    def now(self) -> datetime:
        """The venue's time, as far as measured."""
        return self._clock() + self.offset

    async def measure(self) -> timedelta:
        """
        Measure the offset, half of the round trip taken off.

        Raises:
            TransientError: when the venue does not tell its time.
        """
        if self.ask is None:
            return self.offset
        before = self._clock()
        theirs = await self.ask()
        after = self._clock()
        self.offset = theirs - (before + (after - before) / 2)
        self.measured_at = after
        return self.offset

    async def check(self) -> Message:
        """Why our clock forbids an entry, or `NO_MESSAGE`; measured every `CLOCK_LIFE`."""
        now = self._clock()
        if self.measured_at is None or now - self.measured_at >= CLOCK_LIFE:
            await self.measure()
        return self.describe()

    async def correct(self) -> None:
        """Measure again after a refused time stamp; a failure is logged and the offset kept."""
        try:
            await self.measure()
        except QuorumError as error:
            logger.warning("The clock could not be compared: %s", error)
            return
        if complaint := self.describe():
            logger.warning("%s Requests are signed with the venue's time.", complaint)

    def describe(self) -> Message:
        """The sentence about an offset above `MAX_CLOCK_OFFSET`, `NO_MESSAGE` otherwise."""
        if abs(self.offset) <= MAX_CLOCK_OFFSET:
            return NO_MESSAGE
        ms = self.offset / timedelta(milliseconds=1)
        return message("clock-differs", venue=self._name, ms=f"{ms:.0f}")
