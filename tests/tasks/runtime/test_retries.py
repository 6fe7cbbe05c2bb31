"""Reads are tried again a few times and obey Retry-After; a poll ends with its last answer."""

from collections.abc import Awaitable, Callable

import pytest

from tasks.runtime.retries import poll, retry_read
from tasks.runtime.settings import TaskSettings
from trading.domain.errors import PermanentError, TransientError

SETTINGS = TaskSettings(read_attempts=3, read_backoff_seconds=1, read_max_wait_seconds=20)


class Waits:
    """Remembers the seconds of each wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def fail(*errors: Exception) -> Callable[[], Awaitable[str]]:
    """A read that raises each error in turn, then answers."""
    left = list(errors)

    async def read() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return read


async def test_a_read_is_tried_again_with_growing_waits() -> None:
    waits = Waits()
    read = fail(TransientError("Busy."), TransientError("Busy."))
    assert await retry_read(read, settings=SETTINGS, sleep=waits) == "answer"
    first, second = waits.seconds
    assert 0.5 <= first <= 1 <= second <= 2


async def test_the_last_error_of_a_read_is_raised() -> None:
    waits = Waits()
    read = fail(*[TransientError(f"Busy {number}.") for number in range(4)])
    with pytest.raises(TransientError, match=r"Busy 2\."):
        await retry_read(read, settings=SETTINGS, sleep=waits)
    assert len(waits.seconds) == 2


@pytest.mark.parametrize(("asked", "tries"), [(7, 2), (21, 1)])
async def test_a_read_waits_as_long_as_the_other_side_asks_or_gives_up(
    asked: float, tries: int
) -> None:
    waits = Waits()
    read = fail(TransientError("Too many requests.", retry_after_seconds=asked))
    if tries == 1:
        with pytest.raises(TransientError):
            await retry_read(read, settings=SETTINGS, sleep=waits)
    else:
        await retry_read(read, settings=SETTINGS, sleep=waits)
    assert all(asked <= seconds <= asked * 1.1 for seconds in waits.seconds)
    assert len(waits.seconds) == tries - 1


async def test_a_refused_read_is_not_repeated() -> None:
    waits = Waits()
    with pytest.raises(PermanentError):
        await retry_read(fail(PermanentError("No.")), settings=SETTINGS, sleep=waits)
    assert waits.seconds == []


@pytest.mark.parametrize(
    ("answers", "last", "waited"),
    [([1], 1, []), ([0, 0, 1], 1, [0.5, 2]), ([0, 0, 0, 1], 0, [0.5, 2])],
)
async def test_a_poll_ends_with_a_fitting_or_the_last_answer(
    answers: list[int], last: int, waited: list[float]
) -> None:
    waits, left = Waits(), list(answers)

    async def ask() -> int:
        return left.pop(0)

    assert await poll(ask, until=bool, waits=(0.5, 2), sleep=waits) == last
    assert waits.seconds == waited


async def test_a_poll_without_waits_asks_once() -> None:
    async def ask() -> int:
        return 0

    assert await poll(ask, until=bool, waits=(), sleep=Waits()) == 0
