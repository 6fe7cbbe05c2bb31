"""The system's pool, queues and deployments on a real server: repaired, and pauses reported."""

from collections.abc import AsyncIterator

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate

from blocks.prefect.specs import WORK_POOL
from blocks.prefect.system import restore_system

CLOSE = "close-positions/close-positions"
RECONCILE = "reconcile/reconcile"


@pytest.fixture
async def client(prefect_client: PrefectClient) -> AsyncIterator[PrefectClient]:
    """A server with everything of the system, and resumed again afterwards."""
    await restore_system(prefect_client, shards=1)
    yield prefect_client
    await prefect_client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=False))
    for name in (CLOSE, RECONCILE):
        found = await prefect_client.read_deployment_by_name(name)
        await prefect_client.resume_deployment(found.id)


async def test_a_deleted_system_deployment_comes_back(client: PrefectClient) -> None:
    found = await client.read_deployment_by_name(CLOSE)
    await client.delete_deployment(found.id)

    assert (await restore_system(client, shards=1)).restored == (CLOSE,)

    again = await client.read_deployment_by_name(CLOSE)
    assert again.entrypoint == found.entrypoint
    assert (await restore_system(client, shards=1)).restored == ()


async def test_pauses_are_reported_and_stay(client: PrefectClient) -> None:
    found = await client.read_deployment_by_name(RECONCILE)
    await client.pause_deployment(found.id)
    await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    queue = await client.read_work_queue_by_name("system", work_pool_name=WORK_POOL)
    await client.update_work_queue(queue.id, is_paused=True)
    try:
        for _ in range(2):
            state = await restore_system(client, shards=1)
            assert state.paused == (
                f"work pool {WORK_POOL}",
                "queue system",
                f"deployment {RECONCILE}",
            )
    finally:
        await client.update_work_queue(queue.id, is_paused=False)
