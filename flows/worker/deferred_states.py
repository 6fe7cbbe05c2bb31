"""Deferred states: final run states to report once the Prefect server is reachable.

run ends -> report -> no answer, or a server error -> kept -> retry, at each poll

Prefect's own worker retries for a minute and then gives up: the run stays RUNNING while the
process lives, so the reaper finds nothing wrong until the longest time of a run has passed. A
server without a database answers every request with 500.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

SHUTDOWN_SECONDS = 20.0

logger = get_logger(__name__)


class DeferredStates:
    """Final states of a worker's runs, by run. No method raises when the server fails."""

    def __init__(self) -> None:
        self._pending: dict[UUID, tuple[State[Any], bool]] = {}

    def __len__(self) -> int:
        return len(self._pending)

    async def report(
        self, client: PrefectClient, run_id: UUID, *, state: State[Any], overwrite: bool = True
    ) -> None:
        """
        Report how a run ended, now or as soon as the server answers.

        Args:
            client: of the server.
            run_id: of the run.
            state: a final state.
            overwrite: replace a final state reported by the engine; else the engine's stands.
        """
        self._pending[run_id] = (state, overwrite)
        await self._report(client, run_id)

    async def report_all(
        self, client: PrefectClient, runs: Iterable[UUID], *, state: State[Any]
    ) -> None:
        """Report the same state for all runs, within 20 s: the next worker reaps the rest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                for run_id in list(runs):
                    await self.report(client, run_id, state=state)

    async def retry(self, client: PrefectClient) -> None:
        """Try each pending report once; the next poll tries again."""
        if not self._pending:
            return  # the usual case; temporary settings take 20 ms to build
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            for run_id in list(self._pending):
                await self._report(client, run_id)

    async def _report(self, client: PrefectClient, run_id: UUID) -> None:
        state, overwrite = self._pending[run_id]
        try:
            if overwrite or not await _has_ended(client, run_id):
                await client.set_flow_run_state(run_id, state, force=True)
        except httpx.TransportError as error:
            logger.warning("The end of run %s is told later: %r", run_id, error)
            return
        except httpx.HTTPStatusError as error:
            if error.response.is_server_error:
                logger.warning("The end of run %s is told later: %r", run_id, error)
                return
            logger.warning("The server does not take the end of run %s: %s", run_id, error)
        except ObjectNotFound:
            logger.debug("Run %s was deleted before its end.", run_id)
        self._pending.pop(run_id, None)


async def _has_ended(client: PrefectClient, run_id: UUID) -> bool:
    state = (await client.read_flow_run(run_id)).state
    return state is not None and state.is_final()
