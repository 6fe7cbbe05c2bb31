"""Retries: reads may be tried again, writes never.

    read -> TransientError -> wait (backoff with jitter, or what Retry-After asked) -> read

Two tools. `retry_read` is for one call inside a task that holds a lock for everybody: it obeys
Retry-After to the letter. `READ_RETRIES` are options for a whole Prefect task whose repetition is
harmless, `BOOKING_RETRIES` for one that writes only what has keys of its own; the run's history
then shows each try. Whatever posts, cancels or sets has retries=0 and
neither of them: an unknown outcome is looked up, not repeated.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from prefect.client.schemas.objects import State, TaskRun
from prefect.logging import get_logger
from prefect.tasks import Task

from tasks.runtime.container import Services
from tasks.runtime.settings import TaskSettings
from trading.domain.errors import OutcomeUnknown, QuorumError, TransientError

logger = get_logger(__name__)


async def retry_read[Answer](services: Services, read: Callable[[], Awaitable[Answer]]) -> Answer:
    """
    Try a read up to `TaskSettings.read_attempts` times.

    Raises:
        TransientError: the last one, when every try failed or the other side asked for more
            patience than `read_max_wait_seconds`.
        QuorumError: any other kind, at once.
    """
    for attempt in range(1, services.settings.read_attempts):
        try:
            return await read()
        except TransientError as error:
            wait = _compute_wait(error, attempt=attempt, settings=services.settings)
            if wait > services.settings.read_max_wait_seconds:
                raise
            logger.warning("%s Trying again in %.1f s.", error.sentence, wait)
            await services.sleep(wait)
    return await read()


@asynccontextmanager
async def read_together() -> AsyncIterator[asyncio.TaskGroup]:
    """
    A task group whose first failure cancels the others and is raised as itself.

    Raises:
        QuorumError: the first one that a task raised.
    """
    failed: list[BaseException] = []
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except* QuorumError as errors:
        failed.extend(errors.exceptions)
    if failed:
        raise failed[0]


def _compute_wait(error: TransientError, *, attempt: int, settings: TaskSettings) -> float:
    """Seconds; jitter only ever adds to what Retry-After asked for."""
    if error.retry_after_seconds is not None:
        return error.retry_after_seconds * random.uniform(1, 1.1)  # noqa: S311, jitter
    backoff: float = settings.read_backoff_seconds * 2 ** (attempt - 1)
    return min(backoff, settings.read_max_wait_seconds) * random.uniform(0.5, 1)  # noqa: S311, jitter


async def is_transient(  # signature: Prefect's
    _task: Task[..., Any], _run: TaskRun, state: State[Any]
) -> bool:
    """Prefect's retry condition: only failures that pass by themselves."""
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
    """The same for work that changes nothing the second time: a lost commit may be repeated."""
    failure = await state.aresult(raise_on_failure=False)
    return isinstance(failure, TransientError | OutcomeUnknown)


CLAIM_RETRIES = RetryOptions(
    retries=6,
    retry_delay_seconds=[0.5, 2, 5, 10, 15, 20],
    retry_jitter_factor=0.2,
    retry_condition_fn=is_transient,
)
"""A database that restarts delays the cycles that come due meanwhile; it does not cost them."""
BOOKING_RETRIES = RetryOptions(
    retries=2,
    retry_delay_seconds=[0.5, 2],
    retry_jitter_factor=0.5,
    retry_condition_fn=is_repeatable,
)
