"""The warm worker: deployments run inside it, and end as what they were."""

import asyncio
import signal
import time
from dataclasses import replace

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.states import Cancelling

from blocks.prefect.drift import build_request
from blocks.prefect.specs import build_pair_spec
from flows.worker.worker import HUNG_STATUS
from tests.flows.worker.worker_stage import (
    HEAP,
    HOLD_UP,
    PATIENCE_SECONDS,
    WAIT,
    WRONG,
    StartWorker,
    await_state,
    hold_to,
    run_flow,
)
from tests.stage import PAIR, Stage
from trading.cycle import CycleOutcome

pytestmark = pytest.mark.timeout(500)


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
    decided = {CycleOutcome.HELD, CycleOutcome.DENIED, CycleOutcome.ENTERED}
    assert record.outcome in decided, record.reason
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
    lean = await run_flow(client, HEAP, pool)
    long = await run_flow(client, WAIT, pool, seconds=300)
    worker = start_worker()
    await await_state(client, wrong, "Failed")
    await await_state(client, lean, "Completed")
    await await_state(client, long, "Running")

    await client.set_flow_run_state(long, Cancelling())
    canceling_since = time.monotonic()
    await await_state(client, long, "Cancelled", by_way_of="Crashed")
    hold_to(15, since=canceling_since, what="a canceled run")

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
    worker = start_worker(QUORUM_WORKER_DRAIN_SECONDS="0.5")
    await await_state(prefect_client, run_id, "Running")

    worker.send_signal(signal.SIGTERM)

    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == 0
    await await_state(prefect_client, run_id, "Crashed")


@pytest.mark.slow
async def test_worker_that_a_run_holds_up_says_so_and_ends(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    run_id = await run_flow(prefect_client, HOLD_UP, pool, seconds=300)
    worker = start_worker(QUORUM_WORKER_HUNG_SECONDS="2", PREFECT_WORKER_HEARTBEAT_SECONDS="3")

    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == HUNG_STATUS

    run = await await_state(prefect_client, run_id, "Crashed")
    assert run.state is not None
    assert str(run.state.message).startswith("A run held up its worker")
