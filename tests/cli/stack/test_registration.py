"""Prefect made to match: dead and late runs, the pool, block types, prefect.yaml, the pairs."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.states import Pending, Running, Scheduled

from blocks.prefect.client import drain_pool
from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import load_specs
from cli.stack.registration import SPECS, register_everything
from flows.reaper import list_active_runs
from tests.blocks.prefect.test_gateway import RememberedBooks
from tests.prefect_server import PrefectServer
from trading.domain.accounts import PairConfig
from trading.domain.units import Mode, Pair, UserId, VenueName

NOW = datetime.now(UTC)
CONFIG = PairConfig(
    user_id=UserId(31),
    pair=Pair("BTC", "USDT"),
    venue=VenueName.BINANCE,
    mode=Mode.PAPER,
    capital=Decimal(1000),
    is_paused=True,
    created_at=NOW,
)
CYCLE = "trading-cycle/u31-BTC-USDT"


@pytest.fixture
async def client(
    prefect_client: PrefectClient, deployments: Deployments
) -> AsyncIterator[PrefectClient]:
    """A server on which everything is registered, with one paused pair."""
    await register_everything(prefect_client, configs=[CONFIG], now=datetime.now(UTC))
    yield prefect_client
    await deployments.sync([])


async def start_run(
    client: PrefectClient,
    *,
    scheduled_at: datetime | None = None,
    name: str = CYCLE,
    parameters: dict[str, int] | None = None,
) -> UUID:
    deployment = await client.read_deployment_by_name(name)
    run = await client.create_flow_run_from_deployment(
        deployment.id, state=Scheduled(scheduled_time=scheduled_at), parameters=parameters
    )
    return run.id


async def read_state(client: PrefectClient, run_id: UUID) -> tuple[str | None, str | None]:
    state = (await client.read_flow_run(run_id)).state
    assert state is not None
    return state.name, state.message


async def test_second_registration_finds_nothing_to_do(client: PrefectClient) -> None:
    again = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert str(again) == "1 pairs unchanged"


async def test_pair_that_came_while_prefect_was_read_keeps_its_deployment(
    client: PrefectClient,
) -> None:
    books = RememberedBooks(CONFIG)
    await register_everything(client, configs=[], books=books, now=datetime.now(UTC))

    assert (await client.read_deployment_by_name(CYCLE)).name


@pytest.mark.parametrize("before", ["warm", "process"])
async def test_pool_of_the_other_type_is_made_anew_with_all_that_hangs_on_it(
    client: PrefectClient, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    after = "process" if before == "warm" else "warm"
    monkeypatch.setenv("QUORUM_WORKER_TYPE", before)
    await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))
    monkeypatch.setenv("QUORUM_WORKER_TYPE", after)

    await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert (await client.read_work_pool("quorum")).type == after
    for name in (CYCLE, *(spec.full_name for spec in load_specs(SPECS))):
        found = await client.read_deployment_by_name(name)
        assert found.work_pool_name == "quorum"
        assert found.work_queue_name in {"system", "interactive", "shard-0"}
    again = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))
    assert str(again) == "1 pairs unchanged"


async def test_paused_pool_of_a_drained_stack_works_again(client: PrefectClient) -> None:
    await drain_pool(client)
    assert (await client.read_work_pool("quorum")).is_paused

    await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert not (await client.read_work_pool("quorum")).is_paused


async def test_pool_that_an_earlier_version_has_drained_works_again(client: PrefectClient) -> None:
    """Versions before the description paused the pool at their shutdown without a mark."""
    await client.update_work_pool("quorum", WorkPoolUpdate(is_paused=True, description=""))

    await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert not (await client.read_work_pool("quorum")).is_paused


@pytest.mark.parametrize("drains", [False, True])
async def test_pool_that_a_person_has_paused_stays_paused(
    client: PrefectClient, monkeypatch: pytest.MonkeyPatch, drains: bool
) -> None:
    await client.update_work_pool("quorum", WorkPoolUpdate(is_paused=True))
    if drains:
        await drain_pool(client)
    try:
        for kind in ("warm", "process", "warm"):
            monkeypatch.setenv("QUORUM_WORKER_TYPE", kind)
            done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))
            assert (await client.read_work_pool("quorum")).is_paused
            assert done.system.is_pool_paused
    finally:
        await client.update_work_pool("quorum", WorkPoolUpdate(is_paused=False))


async def test_system_deployment_that_a_person_has_paused_stays_paused(
    client: PrefectClient,
) -> None:
    found = await client.read_deployment_by_name("reconcile/reconcile")
    await client.pause_deployment(found.id)
    try:
        done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))
        assert (await client.read_deployment(found.id)).paused
        assert done.system.paused == ("deployment reconcile/reconcile",)
    finally:
        await client.resume_deployment(found.id)


async def test_queues_go_in_their_order(client: PrefectClient) -> None:
    queues = await client.read_work_queues(work_pool_name="quorum")

    order = [queue.name for queue in sorted(queues, key=lambda queue: queue.priority or 0)]
    assert [name for name in order if name != "default"] == ["system", "interactive", "shard-0"]


async def test_our_block_type_is_registered(client: PrefectClient) -> None:
    known = {block.slug: block.name for block in await client.read_block_types()}

    assert known["quorum-model"] == "Quorum Model"


async def test_run_whose_process_died_is_said_to_be_dead_and_frees_its_slot(
    client: PrefectClient,
) -> None:
    run_id = await start_run(client)
    await client.set_flow_run_state(run_id, Pending())
    await client.set_flow_run_state(run_id, Running())
    assert await count_slots(client) == 1

    done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert done.reaped == 1
    assert await read_state(client, run_id) == (
        "Crashed",
        "Its process died with the last stack.",
    )
    assert await count_slots(client) == 0


async def test_dead_run_whose_deployment_is_gone_does_not_stop_the_start(
    client: PrefectClient,
) -> None:
    """Prefect 3.8 answers every end of such a run with 500: its slot is gone."""
    run_id = await start_run(client)
    await client.set_flow_run_state(run_id, Pending())
    await client.set_flow_run_state(run_id, Running())
    await client.delete_deployment((await client.read_deployment_by_name(CYCLE)).id)

    done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert done.reaped == 1
    assert await list_active_runs(client) == []


async def count_slots(client: PrefectClient) -> int:
    limit = (await client.read_deployment_by_name(CYCLE)).global_concurrency_limit
    assert limit is not None
    return limit.active_slots


async def test_run_that_is_too_late_is_dropped_and_a_fresh_one_stays(
    client: PrefectClient,
) -> None:
    late = await start_run(client, scheduled_at=datetime.now(UTC) - timedelta(minutes=20))
    fresh = await start_run(client, scheduled_at=datetime.now(UTC) - timedelta(minutes=2))

    done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert done.dropped == 1
    assert (await read_state(client, late))[0] == "Cancelled"
    assert (await read_state(client, fresh))[0] in {"Scheduled", "Late"}


async def test_what_a_person_asked_for_while_the_stack_was_down_is_still_done(
    client: PrefectClient,
) -> None:
    asked = await start_run(
        client,
        scheduled_at=datetime.now(UTC) - timedelta(minutes=20),
        name="close-positions/close-positions",
        parameters={"user_id": 31},
    )

    done = await register_everything(client, configs=[CONFIG], now=datetime.now(UTC))

    assert done.dropped == 0
    assert (await read_state(client, asked))[0] in {"Scheduled", "Late"}
    await client.delete_flow_run(asked)


@pytest.mark.slow
async def test_prefect_deploy_accepts_the_file_and_makes_the_same(
    client: PrefectClient, prefect_server: PrefectServer
) -> None:
    names = [spec.full_name for spec in load_specs(SPECS)]
    ours = {name: describe(await client.read_deployment_by_name(name)) for name in names}

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=Path(SPECS).parent,
        env=dict(prefect_server.environment),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    theirs = {name: describe(await client.read_deployment_by_name(name)) for name in names}
    assert theirs == ours


def describe(found: DeploymentResponse) -> dict[str, object]:
    limit = found.global_concurrency_limit
    return {
        "entrypoint": found.entrypoint,
        "pull_steps": found.pull_steps,
        "parameters": found.parameters,
        "pool": (found.work_pool_name, found.work_queue_name),
        "tags": sorted(found.tags),
        "schedules": [
            (s.slug, s.active, s.schedule.model_dump(exclude={"timezone"}))
            for s in found.schedules
        ],
        "limit": limit.limit if limit else None,
        "options": found.concurrency_options,
        "enforced": found.enforce_parameter_schema,
        "required": (found.parameter_openapi_schema or {}).get("required", []),
        "paused": found.paused,
    }
