"""What a worker owes the server: ends of runs that could not be told while it was away.

run has ended -> tell -> no answer, or an error of its own -> kept -> settle, at each poll

Prefect's own worker tries for a minute and forgets: the run then stays RUNNING, and its process
lives, so that nobody finds anything wrong with it for as long as a run may last. A server whose
database is away answers everything with 500.
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

LAST_WORDS_SECONDS = 20.0

logger = get_logger(__name__)


class OwedEnds:
    """Of one worker, by flow run. No method raises for a server that is away or refuses."""

    def __init__(self) -> None:
        self._owed: dict[UUID, tuple[State[Any], bool]] = {}

    def __len__(self) -> int:
        return len(self._owed)

    async def tell(
        self, client: PrefectClient, run_id: UUID, *, state: State[Any], is_last_word: bool = True
    ) -> None:
        """
        Say how a run ended, now or as soon as the server answers.

        Args:
            client: of the server.
            run_id: of the run.
            state: a final one.
            is_last_word: it holds against what the engine has said; else that stands.
        """
        self._owed[run_id] = (state, is_last_word)
        await self._tell(client, run_id)

    async def tell_all(
        self, client: PrefectClient, runs: Iterable[UUID], *, state: State[Any]
    ) -> None:
        """The same of all of them, but not for long: a successor finds what is left."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                for run_id in list(runs):
                    await self.tell(client, run_id, state=state)

    async def settle(self, client: PrefectClient) -> None:
        """Say what is owed; once each, because a poll waits for it and there is another one."""
        if not self._owed:
            return  # nearly always, and other settings take 20 ms of each poll to make
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            for run_id in list(self._owed):
                await self._tell(client, run_id)

    async def _tell(self, client: PrefectClient, run_id: UUID) -> None:
        state, is_last_word = self._owed[run_id]
        try:
            if is_last_word or not await _has_ended(client, run_id):
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
        self._owed.pop(run_id, None)


async def _has_ended(client: PrefectClient, run_id: UUID) -> bool:
    state = (await client.read_flow_run(run_id)).state
    return state is not None and state.is_final()
