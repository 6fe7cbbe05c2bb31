"""Loads flows by dotted name, each imported once in a process."""

import asyncio
from functools import partial
from typing import Any

from prefect import Flow
from prefect.flows import load_flow_from_entrypoint


class FlowLoader:
    """The loaded flows of a worker. Imports take seconds and run in a thread, one by one."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow[..., Any]] = {}
        self._lock = asyncio.Lock()

    async def load(self, entrypoint: str) -> Flow[..., Any]:
        """Return the flow with the dotted name `entrypoint`. Raises the errors of the import."""
        async with self._lock:
            if entrypoint not in self._flows:
                load = partial(load_flow_from_entrypoint, use_placeholder_flow=False)
                self._flows[entrypoint] = await asyncio.to_thread(load, entrypoint)
        return self._flows[entrypoint]
