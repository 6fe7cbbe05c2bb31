"""Flows that a worker under test runs from deployments: one that waits, one that is wrong."""

import asyncio

from prefect import flow


@flow(name="wait-here")
async def wait_here(seconds: float) -> None:
    """Take as long as it is told."""
    await asyncio.sleep(seconds)


@flow(name="go-wrong")
async def go_wrong() -> None:
    """Fail as flows do."""
    raise ValueError("on purpose")
