"""Flows that a worker under test runs from deployments: they wait, block or go wrong."""

import asyncio
import gc
import time

from prefect import flow


@flow(name="wait-here")
async def wait_here(seconds: float) -> None:
    """Take as long as it is told."""
    await asyncio.sleep(seconds)


@flow(name="hold-up")
async def hold_up(seconds: float) -> None:
    """Hold up everybody in the same loop."""
    time.sleep(seconds)  # noqa: ASYNC251 - on purpose


@flow(name="go-wrong")
async def go_wrong() -> None:
    """Fail as flows do."""
    raise ValueError("on purpose")


@flow(name="look-at-heap")
async def look_at_heap() -> None:
    """Fail where every full garbage collection walks through all the libraries."""
    if not gc.get_freeze_count():
        raise RuntimeError("nothing is frozen")
