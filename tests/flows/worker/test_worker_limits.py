"""The warm worker's limits: long runs, recycling, cancellation before a run begins."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.states import Cancelling

from tests.flows.worker.worker_stage import (
    PATIENCE_SECONDS,
    POLL_SECONDS,
    WAIT,
    StartWorker,
    await_state,
    hold_to,
    run_flow,
)

pytestmark = [pytest.mark.timeout(500), pytest.mark.slow]


async def test_a_run_that_takes_too_long_is_said_to_have_crashed(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    greedy = await run_flow(prefect_client, WAIT, pool, seconds=300)
    short = await run_flow(prefect_client, WAIT, pool, seconds=1)
    start_worker(QUORUM_WORKER_RUN_SECONDS="4")

    await await_state(prefect_client, greedy, "Crashed")
    await await_state(prefect_client, short, "Completed")
    # The engine says that it was interrupted, then the worker says why.
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await read_message(prefect_client, greedy) != "It took more than 4 s.":  # noqa: ASYNC110 - polled: it is another process's
            await asyncio.sleep(POLL_SECONDS)


async def read_message(client: PrefectClient, run_id: UUID) -> str | None:
    state = (await client.read_flow_run(run_id)).state
    assert state is not None
    return state.message


async def test_a_worn_out_worker_ends_once_its_runs_have(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    run_id = await run_flow(prefect_client, WAIT, pool, seconds=6)
    worker = start_worker(QUORUM_WORKER_MAX_RUNS="1", PREFECT_WORKER_HEARTBEAT_SECONDS="1")

    assert await asyncio.to_thread(worker.wait, PATIENCE_SECONDS) == 0

    await await_state(prefect_client, run_id, "Completed")


async def test_a_run_that_is_canceled_before_it_began_never_begins(
    prefect_client: PrefectClient, pool: str, start_worker: StartWorker
) -> None:
    client = prefect_client
    due = datetime.now(UTC) + timedelta(minutes=10)
    pending = await run_flow(client, WAIT, pool, due=due, seconds=300)
    start_worker(PREFECT_WORKER_PREFETCH_SECONDS="900")
    await await_state(client, pending, "Pending")

    await client.set_flow_run_state(pending, Cancelling())
    canceled_at = time.monotonic()
    run = await await_state(client, pending, "Cancelled", by_way_of="Crashed")

    hold_to(15, since=canceled_at, what="a run that waited")
    assert run.run_count == 0
