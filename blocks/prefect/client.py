"""The connection to a Prefect API: the client, translated errors, the work pool.

address and auth string -> PrefectClient -> our errors

Messages of the API are not passed on, because a message may quote parameters. Queues are made with
the pool, because creating a queue as a side effect of concurrent deployments fails with 409.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
)
from prefect.client.schemas.objects import WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError

from blocks.prefect.specs import CYCLE_FLOW, TRADING_TAG, WORK_POOL, list_queues
from blocks.settings import PoolSettings
from trading.domain.errors import PermanentError, TransientError

REFUSED = frozenset({401, 403})
RUNNING = "The trading cycles of Quorum."
DRAINING = "Paused by Quorum for a shutdown; the next start resumes it."
"""Descriptions of the pool. A pause beside `RUNNING` was made by a person; versions before this
description paused the pool at their shutdown without a mark."""
PAGE = 200
"""Most deployments that the API hands out at once."""
_SILENT = "The Prefect API does not answer: what you set is stored, and is applied when it does."


@asynccontextmanager
async def open_client(
    api_url: str | None = None, *, auth_string: str | None = None
) -> AsyncIterator[PrefectClient]:
    """A client of the API at `api_url`, by default the API of this process's settings."""
    client = PrefectClient(api_url, auth_string=auth_string) if api_url else get_client()
    async with AsyncExitStack() as stack:
        with translate_errors():
            await stack.enter_async_context(client)
        yield client


@contextmanager
def translate_errors() -> Iterator[None]:
    """
    Translate exceptions of the API client into our errors.

    Raises:
        TransientError: no answer, or a failure of the server.
        PermanentError: the server refused.
    """
    try:
        yield
    except ObjectNotFound as error:
        raise PermanentError("Prefect no longer knows what was asked for.") from error
    except PrefectHTTPStatusError as error:
        raise _translate_status(error.response.status_code) from error
    except httpx.TransportError as error:
        raise TransientError(_SILENT) from error


@asynccontextmanager
async def limit_answer_time(seconds: float) -> AsyncIterator[None]:
    """
    As `translate_errors`, with a time limit of `seconds` for requests of a waiting person.

    Prefect's client alone would wait for a minute, six times over.
    """
    try:
        async with asyncio.timeout(seconds):
            with translate_errors():
                yield
    except TimeoutError as error:
        raise TransientError(_SILENT) from error


def _translate_status(status: int) -> TransientError | PermanentError:
    if status in REFUSED:
        return PermanentError("The Prefect API refuses our password: check its auth string.")
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TransientError(f"The Prefect API is in trouble (HTTP {status}): try again later.")
    return PermanentError(f"The Prefect API refused the request (HTTP {status}).")


async def prepare_pool(
    client: PrefectClient,
    *,
    pool_type: str,
    template: dict[str, Any] | None = None,
) -> None:
    """
    Create or update the work pool and the queues; end a pause of `drain_pool`.

    A pause made by a person stays, also when the pool is created again; the pause of an earlier
    version's shutdown ends.

    Prefect can't change a pool's type: a pool of another type is created again. The deployments
    lose the queue, a drift for the gateway to repair; scheduled runs of the old pool are lost.

    Args:
        client: of the server with the pool.
        pool_type: worker type, "warm" or "process".
        template: job template of the worker type; None for a type of Prefect.
    """
    with translate_errors():
        template = template or await _load_template(client, pool_type=pool_type)
        pool = await _read_pool(client)
        is_paused = pool is not None and pool.is_paused and pool.description == RUNNING
        if pool is not None and pool.type != pool_type:
            await client.delete_work_pool(WORK_POOL)
        try:
            await client.create_work_pool(
                WorkPoolCreate(
                    name=WORK_POOL,
                    description=RUNNING,
                    type=pool_type,
                    base_job_template=template,
                    is_paused=is_paused,
                )
            )
        except ObjectAlreadyExists:
            await client.update_work_pool(
                WORK_POOL,
                WorkPoolUpdate(
                    base_job_template=template, is_paused=is_paused, description=RUNNING
                ),
            )
        for name, priority in list_queues(PoolSettings().shards).items():
            await ensure_queue(client, name=name, priority=priority)


async def drain_pool(client: PrefectClient) -> None:
    """Pause the pool until the next `prepare_pool`; a pause made by a person stays as it is."""
    with translate_errors():
        pool = await _read_pool(client)
        if pool is not None and not pool.is_paused:
            change = WorkPoolUpdate(is_paused=True, description=DRAINING)
            await client.update_work_pool(WORK_POOL, change)


async def _read_pool(client: PrefectClient) -> WorkPool | None:
    try:
        return await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        return None


async def _load_template(client: PrefectClient, *, pool_type: str) -> dict[str, Any]:
    """The worker type's own template."""
    known = await client.read_worker_metadata()
    kinds = {kind: worker for collection in known.values() for kind, worker in collection.items()}
    template: dict[str, Any] = kinds[pool_type]["default_base_job_configuration"]
    return template


async def ensure_queue(client: PrefectClient, *, name: str, priority: int) -> None:
    """Create a queue of the pool, or set the priority of an existing queue."""
    try:
        await client.create_work_queue(name=name, work_pool_name=WORK_POOL, priority=priority)
    except ObjectAlreadyExists:
        queue = await client.read_work_queue_by_name(name, work_pool_name=WORK_POOL)
        if queue.priority != priority:
            await client.update_work_queue(queue.id, priority=priority)


async def list_pair_deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """The deployments of every pair."""
    found: list[DeploymentResponse] = []
    while True:
        page = await client.read_deployments(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[CYCLE_FLOW])),
            deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TRADING_TAG])),
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found
