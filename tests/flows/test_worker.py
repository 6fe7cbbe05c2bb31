"""The warm worker: deployments run inside it, and end as what they were."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelling
from prefect.types import DateTime

from blocks.deployment_drift import build_request
from blocks.deployment_specs import build_pair_spec
from flows.worker import DRAIN_VARIABLE
from flows.worker import HUNG_STATUS
from flows.worker import HUNG_VARIABLE
from flows.worker import WORKER_TYPE
from flows.worker import WarmWorker
from flows.worker import find_stale
from tests.database import TestDatabase
from tests.prefect_server import PrefectServer
from tests.stage import PAIR
from tests.stage import Stage
from trading.cycle import CycleOutcome
from trading.units import CYCLE_INTERVAL

pytestmark = pytest.mark.timeout(240)

PATIENCE_SECONDS = 100.0
"""Far more than it takes on idle cores, because the tests share them."""
POLL_SECONDS = 0.1
WAIT = "wait-here"
WRONG = "go-wrong"
HOLD_UP = "hold-up"
FLOWS = {
    WAIT: "tests.flows.worker_flows.wait_here",
    WRONG: "tests.flows.worker_flows.go_wrong",
    HOLD_UP: "tests.flows.worker_flows.hold_up",
}

type StartWorker = Callable[..., subprocess.Popen[bytes]]
"""start_worker(**more_environment)"""


@pytest.fixture
async def pool(prefect_client: PrefectClient) -> AsyncIterator[str]:
    """A pool of the worker's type, of this test alone."""
    name = f"warm-{uuid4().hex}"
    await prefect_client.create_work_pool(
        WorkPoolCreate(
            name=name,
            type=WORKER_TYPE,
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
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            **more,
        }
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [
                    *(sys.executable, "-m", "prefect", "worker", "start"),
                    *("--pool", pool, "--type", WORKER_TYPE),
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


async def run_flow(client: PrefectClient, flow: str, pool: str, **parameters: Any) -> UUID:
    deployment_id = await client.create_deployment(
        await client.create_flow_from_name(flow),
        name=uuid4().hex,
        entrypoint=FLOWS[flow],
        work_pool_name=pool,
        pull_steps=[],
    )
    run = await client.create_flow_run_from_deployment(deployment_id, parameters=parameters)
    return run.id


async def await_state(client: PrefectClient, run_id: UUID, *names: str) -> FlowRun:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        run = await client.read_flow_run(run_id)
        assert run.state is not None
        if run.state.name in names:
            return run
        assert not run.state.is_final(), f"{run.state.name}: {run.state.message}"
        assert time.monotonic() < deadline, f"it is still {run.state.name}"
        await asyncio.sleep(POLL_SECONDS)


@pytest.mark.slow
async def test_runs_a_cycle_from_its_deployment(
    stage: Stage, prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    config = replace(await stage.load_config(), created_at=stage.now)
    request = build_request(build_pair_spec(config))
    deployment_id = await prefect_client.create_deployment(
        await prefect_client.create_flow_from_name("trading-cycle"),
        **{**request, "work_pool_name": pool, "work_queue_name": "default", "schedules": []},
    )
    run = await prefect_client.create_flow_run_from_deployment(deployment_id)
    worker = start_worker()

    run = await await_state(prefect_client, run.id, "Completed", "Skipped")

    assert run.name.startswith(f"u{stage.user_id} {PAIR}")
    assert f":{worker.pid}:" in str(run.infrastructure_pid)
    record = await stage.load_record()
    assert record.outcome in {CycleOutcome.HELD, CycleOutcome.ENTERED}, record.reason
    assert record.decisions
    found = await prefect_client.read_deployment(deployment_id)
    assert found.global_concurrency_limit is not None
    assert found.global_concurrency_limit.active_slots == 0


@pytest.mark.slow
async def test_each_run_ends_as_what_it_was_and_a_stop_waits_for_the_rest(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    client = prefect_client
    wrong = await run_flow(client, WRONG, pool)
    long = await run_flow(client, WAIT, pool, seconds=300)
    worker = start_worker()
    await await_state(client, wrong, "Failed")
    await await_state(client, long, "Running")

    await client.set_flow_run_state(long, Cancelling())
    canceling_since = time.monotonic()
    await await_state(client, long, "Cancelled")
    assert time.monotonic() - canceling_since < 15

    short = await run_flow(client, WAIT, pool, seconds=4)
    await await_state(client, short, "Running")
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == 0
    await await_state(client, short, "Completed")


@pytest.mark.slow
async def test_what_outlives_the_drain_is_reported_as_crashed(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    run_id = await run_flow(prefect_client, WAIT, pool, seconds=300)
    worker = start_worker(**{DRAIN_VARIABLE: "0.5"})
    await await_state(prefect_client, run_id, "Running")

    worker.send_signal(signal.SIGTERM)

    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == 0
    await await_state(prefect_client, run_id, "Crashed")


@pytest.mark.slow
async def test_worker_that_a_run_holds_up_says_so_and_ends(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    run_id = await run_flow(prefect_client, HOLD_UP, pool, seconds=300)
    worker = start_worker(**{HUNG_VARIABLE: "2", "PREFECT_WORKER_HEARTBEAT_SECONDS": "3"})

    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == HUNG_STATUS

    run = await await_state(prefect_client, run_id, "Crashed")
    assert run.state is not None
    assert str(run.state.message).startswith("A run held up its worker")


def test_a_scheduled_run_is_stale_once_its_successor_is_due() -> None:
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def make(late: timedelta, *, scheduled: bool = True) -> FlowRun:
        return FlowRun(
            flow_id=uuid4(),
            auto_scheduled=scheduled,
            next_scheduled_start_time=DateTime.instance(now - late),
        )

    fresh, late = make(timedelta(minutes=29)), make(CYCLE_INTERVAL)
    asked_for = make(timedelta(hours=3), scheduled=False)
    assert find_stale([fresh, late, asked_for], now=now) == {late.id}
