"""A download's progress bar, and its patience with a venue that does not answer at once."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from trading.domain.errors import TransientError

ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 60.0

_backoff = wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT_SECONDS)


@contextmanager
def follow(total: int) -> Iterator[Callable[[], None]]:
    """A bar on stderr for `total` requests; the yielded function counts one of them."""
    with Progress(console=Console(file=sys.stderr), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("candles", total=total)
        yield lambda: bar.advance(task)


async def ask_patiently[Answer](ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask up to 6 times, with the venue's own wait where the venue names one."""
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        wait=_choose_wait,
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )
    async for attempt in retrying:
        with attempt:
            return await ask()
    raise AssertionError("the last attempt raises")


def _choose_wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, TransientError) else None
    return _backoff(state) if asked is None else asked
