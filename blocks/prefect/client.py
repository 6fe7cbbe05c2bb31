"""The connection to a Prefect API: a client, its errors as ours, the work pool.

address and auth string -> PrefectClient -> our errors

Messages of the API are not passed on: they may quote parameters. Queues are made with the pool,
because creating one as a side effect of concurrent deployments fails with 409.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError

from blocks.prefect.specs import WORK_POOL, list_queues
from blocks.settings import PoolSettings
from trading.domain.errors import PermanentError, TransientError

REFUSED = frozenset({401, 403})
_SILENT = "The Prefect API does not answer: what you set is stored, and is applied when it does."


@asynccontextmanager
async def open_client(
    api_url: str | None = None, *, auth_string: str | None = None
) -> AsyncIterator[PrefectClient]:
    """A client of the API at `api_url`, or of the one that this process's settings name."""
    client = PrefectClient(api_url, auth_string=auth_string) if api_url else get_client()
    async with AsyncExitStack() as stack:
        with translated():
            await stack.enter_async_context(client)
        yield client


@contextmanager
def translated() -> Iterator[None]:
    """
    Turn what the API client raises into our errors.

    Raises:
        TransientError: nobody answered, or the server could not.
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
async def answered(seconds: float) -> AsyncIterator[None]:
    """
    As `translated`, for what a person waits for: over `seconds` the API counts as silent.

    Prefect's client alone would wait for a minute, six times over.
    """
    try:
        async with asyncio.timeout(seconds):
            with translated():
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
    defaults: Mapping[str, Any],
    template: dict[str, Any] | None = None,
) -> None:
    """
    Make the work pool and its queues, or bring them to what is asked for; unpause it.

    Prefect can't change a pool's type: one of another type is made anew. Deployments lose their
    queue by that, which is a drift that the gateway mends; runs already made for it are lost.

    Args:
        client: of the server that gets the pool.
        pool_type: worker type, "process" for Prefect's own.
        defaults: job variables of every run that does not say otherwise.
        template: the worker type's own; None when Prefect ships the type.
    """
    with translated():
        template = template or await _load_template(client, pool_type=pool_type)
        for name, value in defaults.items():
            template["variables"]["properties"][name]["default"] = value
        await _delete_other_type(client, pool_type=pool_type)
        try:
            await client.create_work_pool(
                WorkPoolCreate(name=WORK_POOL, type=pool_type, base_job_template=template)
            )
        except ObjectAlreadyExists:
            await client.update_work_pool(
                WORK_POOL, WorkPoolUpdate(base_job_template=template, is_paused=False)
            )
        for name, priority in list_queues(PoolSettings().shards).items():
            await _ensure_queue(client, name=name, priority=priority)


async def _delete_other_type(client: PrefectClient, *, pool_type: str) -> None:
    try:
        pool = await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        return
    if pool.type != pool_type:
        await client.delete_work_pool(WORK_POOL)


async def _load_template(client: PrefectClient, *, pool_type: str) -> dict[str, Any]:
    """The worker type's own template."""
    known = await client.read_worker_metadata()
    kinds = {kind: worker for collection in known.values() for kind, worker in collection.items()}
    template: dict[str, Any] = kinds[pool_type]["default_base_job_configuration"]
    return template


async def _ensure_queue(client: PrefectClient, *, name: str, priority: int) -> None:
    try:
        await client.create_work_queue(name=name, work_pool_name=WORK_POOL, priority=priority)
    except ObjectAlreadyExists:
        queue = await client.read_work_queue_by_name(name, work_pool_name=WORK_POOL)
        if queue.priority != priority:
            await client.update_work_queue(queue.id, priority=priority)
