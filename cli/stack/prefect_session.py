"""Session of the stack with Prefect: register, run deployments to the end, drain.

client -> registration;  deployment -> run -> final state;  pause the pool -> wait

A stopped worker interrupts running runs. So the pool is paused first: no run starts, running runs
may end, and only then the worker stops.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from blocks.prefect.client import drain_pool, open_client, translate_errors
from blocks.prefect.gateway import Deployments
from cli.base.home import Home
from cli.base.prefect_settings import build_api_url, ensure_auth_string
from cli.stack.registration import Registration, ensure_pool, register_everything
from commands.deployments.sync import DatabaseBooks, sync_pairs, tend_system
from commands.people.users import list_all_pairs
from db.session import Database
from flows.reaper import list_active_runs
from reports.texts.catalog import tell
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, QuorumError, TransientError

COMPLETED = "completed"
CANCELED = "canceled"
RUN_SECONDS = 180.0
"""A run of the first minute may wait for an interpreter to start on busy cores."""
POLL_SECONDS = 0.3
RETRY_SECONDS = 3.0
logger = logging.getLogger(__name__)


class PrefectLink:
    """Requests of `quorum up` to the Prefect server."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._gateway = Deployments(client)

    async def register(self, database: Database, *, now: datetime) -> Registration:
        """Synchronize the server with prefect.yaml and the database; see `registration`."""
        return await register_everything(
            self._client,
            configs=await list_all_pairs(database),
            books=DatabaseBooks(database, now=now),
            now=now,
        )

    async def keep_synced(self, database: Database, *, now: datetime) -> None:
        """Make Prefect match the database, adopt pauses of the UI; a failure is only logged."""
        try:
            state = await tend_system(database, self._gateway, now=now)
            if not state.has_pool:
                await ensure_pool(self._client)
            await sync_pairs(database, self._gateway, now=now)
        except QuorumError as error:
            logger.warning("Prefect does not match the database yet: %s", tell(error))

    async def run_to_end(self, deployment: str) -> str:
        """
        Run a deployment now; return the outcome in a word or sentence.

        A scheduled run of the deployment may hold the only slot: then the new run waits.
        """
        return await self._run_patiently(lambda: self._gateway.run_now(deployment))

    async def run_pairs_to_end(self, configs: Iterable[PairConfig]) -> list[str]:
        """Run a cycle of each pair now, all at once; how each ended."""
        starts = [
            partial(self._gateway.run_pair_now, config.user_id, config.pair) for config in configs
        ]
        return await asyncio.gather(*map(self._run_patiently, starts))

    async def _run_patiently(self, start: Callable[[], Awaitable[UUID]]) -> str:
        deadline = time.monotonic() + RUN_SECONDS
        while True:
            is_taken = False
            try:
                end = await self._await_end(await start())
            except BadInput as error:
                end, is_taken = tell(error), True
            if not (is_taken or end == CANCELED) or time.monotonic() >= deadline:
                return end
            await asyncio.sleep(RETRY_SECONDS)

    async def drain(self, *, seconds: float, is_hurried: Callable[[], bool]) -> int:
        """
        Stop taking runs and wait for the active runs.

        Returns:
            The number of runs still active after `seconds` or when hurried; 0 for a lost server,
            when the number is unknown.
        """
        deadline = time.monotonic() + seconds
        try:
            with translate_errors():
                await drain_pool(self._client)
                while True:
                    runs = await list_active_runs(self._client)
                    if not runs or is_hurried() or time.monotonic() >= deadline:
                        return len(runs)
                    await asyncio.sleep(POLL_SECONDS)
        except TransientError:
            return 0

    async def _await_end(self, run_id: UUID) -> str:
        with translate_errors():
            run = await self._poll_run(run_id)
        if run is None or run.state is None:
            return f"still running after {RUN_SECONDS:.0f} s"
        if run.state.is_completed():
            return COMPLETED
        if run.state.is_cancelled():
            return CANCELED
        return f"{str(run.state.name).lower()}, see its log in the UI"

    async def _poll_run(self, run_id: UUID) -> FlowRun | None:
        """The run once ended, None after `RUN_SECONDS`."""
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            run = await self._client.read_flow_run(run_id)
            if run.state is not None and run.state.is_final():
                return run
            await asyncio.sleep(POLL_SECONDS)
        return None


@asynccontextmanager
async def open_prefect(home: Home, *, port: int) -> AsyncIterator[PrefectLink]:
    """Talk to the server of this home."""
    async with open_client(build_api_url(port), auth_string=ensure_auth_string(home)) as client:
        yield PrefectLink(client)
