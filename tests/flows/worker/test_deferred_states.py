"""What a worker can't tell the server it tells later; what is late is dropped with a receipt."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Completed, Crashed, Running
from prefect.types import DateTime

from blocks.prefect.client import open_client
from blocks.prefect.specs import TRADING_TAG
from flows.worker.background import TOO_LATE, cancel_late_runs
from flows.worker.deferred_states import DeferredStates
from tests.cli.answering_server import answering
from tests.prefect_server import find_free_port
from tests.stage import PAIR, Stage
from trading.cycle import CycleOutcome
from trading.domain.units import CYCLE_INTERVAL

GONE: State[None] = Crashed(message="Its child is gone.")


async def make_run(client: PrefectClient) -> UUID:
    deployment_id = await client.create_deployment(
        await client.create_flow_from_name("nobody-s"), name=uuid4().hex
    )
    run = await client.create_flow_run_from_deployment(deployment_id)
    await client.set_flow_run_state(run.id, Running(), force=True)
    return run.id


async def read_name(client: PrefectClient, run_id: UUID) -> str | None:
    return (await client.read_flow_run(run_id)).state_name


async def test_an_end_that_the_server_does_not_hear_is_told_when_it_is_back(
    prefect_client: PrefectClient,
) -> None:
    run_id, states = await make_run(prefect_client), DeferredStates()
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
        async with open_client(f"http://127.0.0.1:{find_free_port()}/api") as nobody:
            await states.report(nobody, run_id, state=GONE)
            await states.retry(nobody)
    assert len(states) == 1
    assert await read_name(prefect_client, run_id) == "Running"

    await states.retry(prefect_client)

    assert len(states) == 0
    assert await read_name(prefect_client, run_id) == "Crashed"


async def test_a_server_without_its_database_hears_the_end_later(
    prefect_client: PrefectClient,
) -> None:
    run_id, states = await make_run(prefect_client), DeferredStates()
    async with answering(500, body="{}") as address, open_client(f"{address}/api") as ill:
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            await states.report(ill, run_id, state=GONE)
        await states.retry(ill)
    assert len(states) == 1

    await states.retry(prefect_client)

    assert len(states) == 0
    assert await read_name(prefect_client, run_id) == "Crashed"


@pytest.mark.parametrize(("overwrite", "name"), [(False, "Completed"), (True, "Crashed")])
async def test_only_the_last_word_holds_against_the_engine_s(
    prefect_client: PrefectClient, overwrite: bool, name: str
) -> None:
    run_id, states = await make_run(prefect_client), DeferredStates()
    await prefect_client.set_flow_run_state(run_id, Completed(), force=True)

    await states.report(prefect_client, run_id, state=GONE, overwrite=overwrite)

    assert await read_name(prefect_client, run_id) == name


async def test_the_end_of_a_run_that_was_deleted_is_nobody_s_business(
    prefect_client: PrefectClient,
) -> None:
    run_id, states = await make_run(prefect_client), DeferredStates()
    await prefect_client.delete_flow_run(run_id)

    await states.report(prefect_client, run_id, state=GONE, overwrite=False)

    assert len(states) == 0


async def test_a_cycle_that_is_an_interval_late_is_dropped_with_a_receipt(
    stage: Stage, prefect_client: PrefectClient
) -> None:
    due = datetime.now(UTC) - CYCLE_INTERVAL - timedelta(minutes=1)
    run = FlowRun(
        id=await make_run(prefect_client),
        flow_id=uuid4(),
        auto_scheduled=True,
        tags=[TRADING_TAG],
        parameters={"user_id": int(stage.user_id), "pair": str(PAIR)},
        next_scheduled_start_time=DateTime.instance(due),
        expected_start_time=DateTime.instance(due),
    )
    receipts: list[Coroutine[Any, Any, object]] = []

    late = await cancel_late_runs(
        [run], client=prefect_client, states=DeferredStates(), spawn=receipts.append
    )
    with stage.in_use():
        await asyncio.gather(*receipts)

    assert late == {run.id}
    assert await read_name(prefect_client, run.id) == "Cancelled"
    record = await stage.load_record()
    assert (record.outcome, record.reason) == (CycleOutcome.SKIPPED, TOO_LATE)
