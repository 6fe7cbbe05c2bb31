"""The gateway to the Prefect API: makes Prefect match the database.

PairConfig -> DeploymentSpec -> Deployments -> Prefect API

No flow is imported: a deployment names the flow by a dotted path; the parameters are known here.

Behavior of Prefect 3.8 behind the design: an upsert clears missing fields, so every write is the
full spec. Pausing a deployment removes the scheduled runs at once, and resuming restores the runs
within seconds; pausing only the schedule does neither, so the gateway pauses deployments. Every
write drops the scheduled runs, so `sync` writes differences only. A create costs about 0.3 s of
server CPU, so at most `CONCURRENT_WRITES` run at the same time.

A tag distinguishes our pauses from pauses made in the Prefect UI; `sync` hands the latter to the
database.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import (
    limit_answer_time,
    list_pair_deployments,
    open_client,
    translate_errors,
)
from blocks.prefect.drift import (
    Drift,
    PairBooks,
    SyncReport,
    build_request,
    compare_all,
    find_ui_switches,
    has_drifted,
)
from blocks.prefect.specs import (
    CYCLE_FLOW,
    INTERACTIVE_QUEUE,
    PAUSED_TAG,
    DeploymentSpec,
    build_pair_name,
    build_pair_spec,
)
from blocks.prefect.system import SystemState, read_system, restore_system
from blocks.settings import PoolSettings
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, TransientError
from trading.domain.messages import message
from trading.domain.units import Pair, UserId

CONCURRENT_WRITES = 4
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """Final state of a run; `message` comes from the flow."""

    is_completed: bool
    message: str


class Deployments:
    """
    Deployments of one server.

    Every method raises TransientError without an answer of the API and PermanentError for a
    refusal; the database stays the source of truth, and a later `sync` repairs both.

    Args:
        shards: number of queues for the pairs; from the settings when None.
        answer_seconds: time limit of a request for a waiting person; `sync` has no limit.
    """

    def __init__(
        self, client: PrefectClient, *, shards: int | None = None, answer_seconds: float = 20.0
    ) -> None:
        self._client = client
        self._answer_seconds = answer_seconds
        self._shards = PoolSettings().shards if shards is None else shards

    async def ensure(self, spec: DeploymentSpec) -> UUID:
        """Create or update the deployment by the whole spec; nothing is written without drift."""
        async with limit_answer_time(self._answer_seconds):
            current = await self._find(spec.full_name)
            if current is not None and not has_drifted(current, spec):
                return current.id
            return await self._write(spec)

    async def ensure_pair(self, config: PairConfig, *, paused: bool | None = None) -> UUID:
        """The deployment of one user's pair, paused as the config says unless told otherwise."""
        return await self.ensure(build_pair_spec(config, is_paused=paused, shards=self._shards))

    async def pause_pair(self, user_id: UserId, pair: Pair) -> bool:
        """Remove the scheduled runs; a running cycle goes on. False without a deployment."""
        return await self._set_paused(user_id, pair=pair, is_paused=True)

    async def resume_pair(self, user_id: UserId, pair: Pair) -> bool:
        """Schedule the pair again, in about 5 s. False without a deployment (`ensure_pair`)."""
        return await self._set_paused(user_id, pair=pair, is_paused=False)

    async def remove_pair(self, user_id: UserId, pair: Pair) -> bool:
        """
        Delete the deployment with the scheduled runs; False without a deployment.

        During a cycle the deployment is only paused, and a later `sync` deletes the deployment:
        the run could not report the final state without the deployment (Prefect 3.8 answers 500).
        """
        async with limit_answer_time(self._answer_seconds):
            current = await self._find(_full_name(user_id, pair))
            if current is None:
                return False
            await self._remove(current)
            return True

    async def run_pair_now(self, user_id: UserId, pair: Pair) -> UUID:
        """Start a cycle beside the schedule; the id of the run. Raises as `run_now`."""
        return await self.run_now(_full_name(user_id, pair))

    async def run_now(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None
    ) -> UUID:
        """
        Start a deployment before all scheduled runs; the id of the new run.

        Prefect would silently cancel a second run of a deployment, so a second run is refused.

        Raises:
            BadInput: the deployment has a current run or does not exist.
        """
        async with limit_answer_time(self._answer_seconds):
            current = await self._find(full_name)
            if current is None:
                raise BadInput(message("run-not-deployed", name=full_name))
            limit = current.global_concurrency_limit
            if limit is not None and limit.active_slots >= limit.limit:
                raise BadInput(message("run-going-on", name=full_name))
            run = await self._client.create_flow_run_from_deployment(
                current.id,
                parameters=dict(parameters or {}),
                work_queue_name=INTERACTIVE_QUEUE,
                tags=["now"],
            )
            return run.id

    async def run_to_end(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None, seconds: float
    ) -> RunResult:
        """
        Start a deployment and wait for the end of the run.

        Raises:
            BadInput: as `run_now`.
            TransientError: when the run has not ended after `seconds`; the run goes on.
        """
        run_id = await self.run_now(full_name, parameters=parameters)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            async with limit_answer_time(self._answer_seconds):
                run = await self._client.read_flow_run(run_id)
            if run.state is not None and run.state.is_final():
                is_completed = run.state.is_completed()
                return RunResult(is_completed=is_completed, message=run.state.message or "")
            await asyncio.sleep(POLL_SECONDS)
        raise TransientError(f"{full_name} has not ended within {seconds:.0f} s.")

    async def sync(
        self, configs: Iterable[PairConfig], *, books: PairBooks | None = None
    ) -> SyncReport:
        """
        Make the pairs' deployments match the database: create, change and delete.

        Pauses made in the Prefect UI are written into `books` first and then stay. Safe to repeat
        and to interrupt; a correct deployment is not written. The first failure is raised after
        all other deployments are done.

        Args:
            configs: the pairs.
            books: reads the pairs again before any deletion, because a pair added in the meantime
                has a deployment and is missing in `configs`; without books a pause made in the
                UI is undone.
        """
        drift = await self._find_drift(configs, books=books)
        with translate_errors():
            await self._apply([*drift.missing, *drift.drifted], gone=drift.gone)
        return drift.report

    async def restore_system(self) -> SystemState:
        """Create missing queues and system deployments; report pauses and a missing pool."""
        return await restore_system(self._client, shards=self._shards)

    async def read_system(self) -> SystemState:
        """The state of pool, queues and system deployments; nothing is written."""
        async with limit_answer_time(self._answer_seconds):
            return await read_system(self._client, shards=self._shards)

    async def compare(self, configs: Iterable[PairConfig]) -> SyncReport:
        """Changes a `sync` would make; nothing is written."""
        return (await self._find_drift(configs, books=None)).report

    async def _find_drift(
        self, configs: Iterable[PairConfig], *, books: PairBooks | None
    ) -> Drift:
        specs = {spec.name: spec for spec in self._build_specs(configs)}
        with translate_errors():
            current = await list_pair_deployments(self._client)
        if books is not None and (switches := find_ui_switches(specs, current=current)):
            await books.adopt_switches(switches)
            specs = {spec.name: spec for spec in self._build_specs(await books.load_pairs())}
        drift = compare_all(specs, current=current)
        if not drift.gone or books is None:
            return drift
        again = {spec.name for spec in self._build_specs(await books.load_pairs())}
        return replace(drift, gone=[found for found in drift.gone if found.name not in again])

    def _build_specs(self, configs: Iterable[PairConfig]) -> Iterator[DeploymentSpec]:
        return (build_pair_spec(config, shards=self._shards) for config in configs)

    async def _apply(self, specs: list[DeploymentSpec], *, gone: list[DeploymentResponse]) -> None:
        room = asyncio.Semaphore(CONCURRENT_WRITES)

        async def write(spec: DeploymentSpec) -> None:
            async with room:
                await self._write(spec)

        async def remove(found: DeploymentResponse) -> None:
            async with room:
                await self._remove(found)

        changes = (*map(write, specs), *map(remove, gone))
        for outcome in await asyncio.gather(*changes, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _remove(self, found: DeploymentResponse) -> None:
        await self._switch(found, is_paused=True)  # first: nothing new may start meanwhile
        limit = (await self._client.read_deployment(found.id)).global_concurrency_limit
        if limit is None or not limit.active_slots:
            await self._client.delete_deployment(found.id)

    async def _write(self, spec: DeploymentSpec) -> UUID:
        flow_id = await self._client.create_flow_from_name(spec.flow)
        return await self._client.create_deployment(flow_id, **build_request(spec))

    async def _set_paused(self, user_id: UserId, *, pair: Pair, is_paused: bool) -> bool:
        async with limit_answer_time(self._answer_seconds):
            current = await self._find(_full_name(user_id, pair))
            if current is None:
                return False
            await self._switch(current, is_paused=is_paused)
            return True

    async def _switch(self, found: DeploymentResponse, *, is_paused: bool) -> None:
        """Pause or resume a deployment and write the tag, in a single request."""
        tags = [tag for tag in found.tags if tag != PAUSED_TAG]
        change = DeploymentUpdate(
            paused=is_paused, tags=[*tags, PAUSED_TAG] if is_paused else tags
        )
        await self._client.update_deployment(found.id, change)

    async def _find(self, full_name: str) -> DeploymentResponse | None:
        try:
            return await self._client.read_deployment_by_name(full_name)
        except ObjectNotFound:
            return None


@asynccontextmanager
async def open_deployments(
    api_url: str | None = None, *, auth_string: str | None = None
) -> AsyncIterator[Deployments]:
    """The gateway to the API at `api_url`, by default the API of this process's settings."""
    async with open_client(api_url, auth_string=auth_string) as client:
        yield Deployments(client)


def _full_name(user_id: UserId, pair: Pair) -> str:
    return f"{CYCLE_FLOW}/{build_pair_name(user_id, pair)}"
