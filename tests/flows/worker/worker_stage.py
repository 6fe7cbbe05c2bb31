"""What the tests of the warm worker share: a pool, workers on it, runs and the wait for them."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.states import Scheduled

from flows.worker.worker import WarmWorker
from tests.database import TestDatabase
from tests.flows.worker.open_worker import FLOWS, OPEN_TYPE
from tests.prefect_server import PrefectServer

PATIENCE_SECONDS = 200.0
"""Far more than it takes on idle cores, because the tests share them."""
POLL_SECONDS = 0.1
WAIT = "wait-here"
WRONG = "go-wrong"
HEAP = "look-at-heap"
HOLD_UP = "hold-up"

type StartWorker = Callable[..., subprocess.Popen[bytes]]
"""start_worker(**more_environment)"""


@pytest.fixture
async def pool(prefect_client: PrefectClient) -> AsyncIterator[str]:
    """A pool of the worker's type, of this test alone."""
    name = f"warm-{uuid4().hex}"
    await prefect_client.create_work_pool(
        WorkPoolCreate(
            name=name,
            type=OPEN_TYPE,
            base_job_template=WarmWorker.get_default_base_job_template(),
        )
    )
    yield name
    await prefect_client.delete_work_pool(name)


@pytest.fixture
def start_worker(
    pool: str, prefect_server: PrefectServer, database_run: TestDatabase, tmp_path: Path
) -> Iterator[StartWorker]:
    """Starts workers on the pool as `quorum up` does; none is left."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**more: str) -> subprocess.Popen[bytes]:
        environment = {
            **prefect_server.environment,
            "QUORUM_HOME": str(prefect_server.home.root),
            "QUORUM_DATABASE_APP_URL": database_run.urls.app,
            "QUORUM_DATABASE_OPERATOR_URL": database_run.urls.operator,
            "QUORUM_MARKET": "sample",
            "QUORUM_COUNCIL": "offline",
            "QUORUM_FEEDS": "none",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "QUORUM_WORKER_WATCH_CODE": "0",  # somebody may be writing it just now
            **more,
        }
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.flows.worker.open_worker", "worker", "start"),
                    *("--pool", pool, "--type", OPEN_TYPE),
                ],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


async def run_flow(
    client: PrefectClient,
    flow: str,
    pool: str,
    *,
    due: datetime | None = None,
    **parameters: Any,
) -> UUID:
    """One run of a deployment of its own."""
    deployment_id = await client.create_deployment(
        await client.create_flow_from_name(flow),
        name=uuid4().hex,
        entrypoint=FLOWS[flow],
        work_pool_name=pool,
        pull_steps=[],
    )
    run = await client.create_flow_run_from_deployment(
        deployment_id,
        parameters=parameters,
        state=Scheduled(scheduled_time=due) if due else None,
    )
    return run.id


async def await_state(
    client: PrefectClient, run_id: UUID, *names: str, by_way_of: str = ""
) -> FlowRun:
    """
    The run once it is in one of these states; another final one is a failure.

    Args:
        client: of the server.
        run_id: of the run.
        names: of the states.
        by_way_of: a final state that it may have for a moment: the engine says that it was
            interrupted, then the worker says why.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        run = await client.read_flow_run(run_id)
        assert run.state is not None
        if run.state.name in names:
            return run
        is_wrong = run.state.is_final() and run.state.name != by_way_of
        assert not is_wrong, f"{run.state.name}: {run.state.message}"
        assert time.monotonic() < deadline, f"it is still {run.state.name}"
        await asyncio.sleep(POLL_SECONDS)


def hold_to(seconds: float, *, since: float, what: str) -> None:
    """It took no longer than that; `pytest -s` shows how long."""
    taken = time.monotonic() - since
    sys.stdout.write(f"{what} showed as ended after {taken:.1f} s of {seconds:g}\n")
    assert taken < seconds
