"""Flows by their dotted names, imported once in a process and kept."""

import asyncio
from functools import partial
from typing import Any

from prefect import Flow
from prefect.flows import load_flow_from_entrypoint


class LoadedFlows:
    """Of one worker; an import takes seconds, so it is done in a thread and by one at a time."""

    def __init__(self) -> None:
        self._flows: dict[str, Flow[..., Any]] = {}
        self._loading = asyncio.Lock()

    async def load(self, entrypoint: str) -> Flow[..., Any]:
        """The flow of that dotted name. Raises what its import raises."""
        async with self._loading:
            if entrypoint not in self._flows:
                load = partial(load_flow_from_entrypoint, use_placeholder_flow=False)
                self._flows[entrypoint] = await asyncio.to_thread(load, entrypoint)
        return self._flows[entrypoint]
