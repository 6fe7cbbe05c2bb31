"""Prefect states as values: what a task came to, without raising.

task(..., return_state=True) -> State -> value | Unavailable

A failure that is one of ours becomes a value that the flow can explain; any other is a mistake in
the program and is raised.
"""

from collections.abc import Awaitable
from typing import Any, cast

from prefect.client.schemas.objects import State

from tasks.runtime.caching import Unavailable
from trading.domain.errors import QuorumError


def as_awaitable[Value](call: State[Value]) -> Awaitable[State[Value]]:
    """What calling an async task with `return_state=True` really gives; Prefect types it away."""
    return cast("Awaitable[State[Value]]", call)


async def take[Value](call: State[Value]) -> Value | Unavailable:
    """The task's value, or why there is none. Raises what is none of our errors."""
    state = await as_awaitable(call)
    if state.is_completed():
        return await state.aresult()
    failure: Any = await state.aresult(raise_on_failure=False)
    if isinstance(failure, QuorumError):
        return Unavailable(sentence=failure.sentence)
    raise failure
