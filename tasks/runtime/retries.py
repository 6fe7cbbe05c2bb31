"""Retries of reads; writes are never retried.

    read -> TransientError -> wait (backoff with jitter, or Retry-After) -> read

`retry_read` retries a call inside a task with a lock for all users, and obeys Retry-After exactly.
`poll` repeats a read until the answer is final. `CLAIM_RETRIES` and `BOOKING_RETRIES` are options
of whole Prefect tasks: the run's history shows each try. A booking task writes only rows with
unique keys. A posting, canceling or setting task has retries=0: an unknown outcome is looked up,
not repeated.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypedDict, cast

from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_logger
from prefect.tasks import Task
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_if_not_result,
    stop_after_attempt,
    wait_chain,
    wait_fixed,
)
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from reports.texts.catalog import tell
from tasks.runtime.settings import TaskSettings
from trading.domain.errors import OutcomeUnknown, QuorumError, TransientError

logger = get_logger(__name__)

type Sleep = Callable[[float], Awaitable[None]]
"""Waits for seconds; a replay returns at once, because the clock of a replay stands still."""


async def retry_read[Answer](
    read: Callable[[], Awaitable[Answer]], *, settings: TaskSettings, sleep: Sleep
) -> Answer:
    """
    Try a read up to `TaskSettings.read_attempts` times.

    Raises:
        TransientError: the last error, after the last try or when Retry-After exceeds
            `read_max_wait_seconds`.
        QuorumError: any other kind, at once.
    """

    def is_over(state: RetryCallState) -> bool:
        is_last = state.attempt_number >= settings.read_attempts
        return is_last or state.upcoming_sleep > settings.read_max_wait_seconds

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        wait=lambda state: _compute_wait(state, settings=settings),
        stop=is_over,
        sleep=sleep,
        before_sleep=_log_retry,
        reraise=True,
    )
    return await _run(retrying, read)


async def poll[Answer](
    ask: Callable[[], Awaitable[Answer]],
    *,
    until: Callable[[Answer], bool],
    waits: Sequence[float],
    sleep: Sleep,
) -> Answer:
    """Ask at once, and again after each wait (seconds), until `until` holds; the last answer."""
    retrying = AsyncRetrying(
        retry=retry_if_not_result(until),
        **wait_in_turn(waits),
        sleep=sleep,
    )
    return await _run(retrying, ask)


class WaitOptions(TypedDict):
    """Options of tenacity for a fixed list of waits; the last outcome counts as the result."""

    wait: wait_base
    stop: stop_base
    retry_error_callback: Callable[[RetryCallState], Any]


def wait_in_turn(waits: Sequence[float]) -> WaitOptions:
    """A wait (seconds) after each try but the last."""
    return WaitOptions(
        wait=wait_chain(*map(wait_fixed, (*waits, 0))),
        stop=stop_after_attempt(len(waits) + 1),
        retry_error_callback=_take_outcome,
    )


async def _run[Answer](retrying: AsyncRetrying, ask: Callable[[], Awaitable[Answer]]) -> Answer:
    async def attempt() -> Answer:  # tenacity awaits coroutine functions only, no lambdas
        return await ask()

    return cast("Answer", await retrying(attempt))


def _take_outcome(state: RetryCallState) -> Any:
    assert state.outcome is not None
    return state.outcome.result()


@asynccontextmanager
async def read_together() -> AsyncIterator[asyncio.TaskGroup]:
    """
    A task group; the first failure cancels the other tasks and is raised without a group.

    Raises:
        QuorumError: the first error of a task.
    """
    failed: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except* QuorumError as errors:
        failed.extend(errors.exceptions)
    if failed:
        raise failed[0]


def _log_retry(state: RetryCallState) -> None:
    logger.warning("%s Trying again in %.1f s.", tell(_error_of(state)), state.upcoming_sleep)


def _compute_wait(state: RetryCallState, *, settings: TaskSettings) -> float:
    """Seconds; the jitter never shortens the wait of Retry-After."""
    asked = _error_of(state).retry_after_seconds
    if asked is not None:
        return asked * random.uniform(1, 1.1)  # noqa: S311, jitter
    backoff: float = settings.read_backoff_seconds * 2 ** (state.attempt_number - 1)
    return min(backoff, settings.read_max_wait_seconds) * random.uniform(0.5, 1)  # noqa: S311, jitter


def _error_of(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, TransientError)
    return error


async def is_transient(  # signature: Prefect's
    _task: Task[..., Any], _run: TaskRun, state: State[Any]
) -> bool:
    """Prefect's retry condition: only transient failures."""
    return isinstance(await state.aresult(raise_on_failure=False), TransientError)


class RetryOptions(TypedDict):
    """Options of `prefect.task`."""

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Callable[[Task[..., Any], TaskRun, State[Any]], Awaitable[bool]]


async def is_repeatable(  # signature: Prefect's
    _task: Task[..., Any], _run: TaskRun, state: State[Any]
) -> bool:
    """Prefect's retry condition of idempotent work: a lost commit may be repeated, too."""
    failure = await state.aresult(raise_on_failure=False)
    return isinstance(failure, TransientError | OutcomeUnknown)


CLAIM_RETRIES = RetryOptions(
    retries=6,
    retry_delay_seconds=[0.5, 2, 5, 10, 15, 20],
    retry_jitter_factor=0.2,
    retry_condition_fn=is_transient,
)
"""A restart of the database delays the due cycles instead of skipping the cycles."""
BOOKING_RETRIES = RetryOptions(
    retries=2,
    retry_delay_seconds=[0.5, 2],
    retry_jitter_factor=0.5,
    retry_condition_fn=is_repeatable,
)
