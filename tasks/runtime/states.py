"""Turns Prefect states into values without raising.

task(..., return_state=True) -> State -> value | Unavailable

A QuorumError becomes a value with a sentence for the receipt; any other exception is a bug and is
raised.
"""

from collections.abc import Awaitable
from typing import Any, cast

from prefect.client.schemas.objects import State

from tasks.runtime.caching import Unavailable
from trading.domain.errors import QuorumError


def as_awaitable[Value](call: State[Value]) -> Awaitable[State[Value]]:
    """The real type of an async task's call with `return_state=True`, unlike Prefect's type."""
    return cast("Awaitable[State[Value]]", call)


async def take[Value](call: State[Value]) -> Value | Unavailable:
    """The task's value, or the reason for no value. Raises every error but QuorumError."""
    state = await as_awaitable(call)
    if state.is_completed():
        return await state.aresult()
    failure: Any = await state.aresult(raise_on_failure=False)
    if isinstance(failure, QuorumError):
        return Unavailable(reason=failure.message)
    raise failure
