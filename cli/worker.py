"""The worker of one machine: started on the pool of prefect.yaml, drained before it is stopped.

pool -> `prefect worker start` -> flow runs;  pause the pool -> wait -> SIGTERM

A worker that is told to stop cuts its runs off in the middle. So the pool is paused first: nothing
new is taken, what goes on may end, and only then the worker goes.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate

from blocks.deployment_specs import WORK_POOL
from cli.home import Home
from cli.processes import Child
from cli.processes import start_child
from cli.runs import list_active_runs

POOL_TYPE = "process"
RUN_LIMIT = 8
"""Runs at a time: each is an interpreter of some 450 MB and a busy core while it starts."""
JOB_DEFAULTS: Mapping[str, Any] = {
    # One interpreter for each run: without a command Prefect starts two, one after the other.
    "command": "python -m prefect.engine",
}
POLL_SECONDS = 0.3


def start_worker(home: Home, *, environment: Mapping[str, str]) -> Child:
    """Start the worker; it asks for runs from then on."""
    return start_child(
        "worker",
        [
            *(sys.executable, "-m", "prefect", "worker", "start"),
            *("--pool", WORK_POOL, "--type", POOL_TYPE, "--name", "local"),
            *("--limit", str(RUN_LIMIT)),
        ],
        environment=environment,
        home=home.root,
        log=home.logs / "worker.log",
    )


async def drain_worker(client: PrefectClient, *, seconds: float) -> int:
    """
    Take no new runs and wait for those that go on.

    Returns:
        How many still go on after `seconds`; 0 when all have ended.
    """
    await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    deadline = time.monotonic() + seconds
    while True:
        runs = await list_active_runs(client)
        if not runs or time.monotonic() >= deadline:
            return len(runs)
        await asyncio.sleep(POLL_SECONDS)
