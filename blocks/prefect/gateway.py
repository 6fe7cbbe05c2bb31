"""The gateway to the Prefect API: makes Prefect match what the database says.

PairConfig -> DeploymentSpec -> Deployments -> Prefect API

No flow is imported: a deployment names its flow by a dotted path, whose parameters are known here.

Habits of Prefect 3.8 that shaped it: an upsert wipes whatever it leaves out, so every write is the
full spec; pausing the deployment takes its scheduled runs away at once and resuming brings them
back in seconds, pausing the schedule does not; every write drops the scheduled runs, so `sync`
writes only what differs. A create costs about 0.3 s of server CPU: few at once.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowFilter,
    FlowFilterName,
)
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import answered, open_client, translated
from blocks.prefect.drift import Drift, SyncReport, build_request, compare_all, has_drifted
from blocks.prefect.specs import (
    CYCLE_FLOW,
    INTERACTIVE_QUEUE,
    TRADING_TAG,
    WORK_POOL,
    DeploymentSpec,
    build_pair_name,
    build_pair_spec,
)
from blocks.settings import PoolSettings
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, TransientError
from trading.domain.units import Pair, UserId

type Reload = Callable[[], Awaitable[Iterable[PairConfig]]]

PAGE = 200
"""Most deployments that the API hands out at once."""
CONCURRENT_WRITES = 4
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended; `message` is what its flow said."""

    is_completed: bool
    message: str


class Deployments:
    """
    Deployments of one server.

    Every method raises TransientError when the API does not answer and PermanentError when it
    refuses; the database stays the truth, and a later `sync` makes up for both.

    Args:
        shards: queues that the pairs are spread over; those of the settings when None.
        answer_seconds: after which the API counts as silent for whoever asked; `sync` waits on.
    """

    def __init__(
        self, client: PrefectClient, *, shards: int | None = None, answer_seconds: float = 20.0
    ) -> None:
        self._client = client
        self._answer_seconds = answer_seconds
        self._shards = PoolSettings().shards if shards is None else shards

    async def ensure(self, spec: DeploymentSpec) -> UUID:
        """Create the deployment or make it the spec, whole; what is right is not written."""
        async with answered(self._answer_seconds):
            current = await self._find(spec.full_name)
            if current is not None and not has_drifted(current, spec):
                return current.id
            return await self._write(spec)

    async def ensure_pair(self, config: PairConfig, *, paused: bool | None = None) -> UUID:
        """The deployment of one user's pair, paused as the config says unless told otherwise."""
        return await self.ensure(build_pair_spec(config, is_paused=paused, shards=self._shards))

    async def pause_pair(self, user_id: UserId, pair: Pair) -> bool:
        """Take its scheduled runs away; a running cycle goes on. False when there is none."""
        return await self._set_paused(user_id, pair=pair, is_paused=True)

    async def resume_pair(self, user_id: UserId, pair: Pair) -> bool:
        """Schedule it again, in about 5 s. False when there is none: `ensure_pair` makes it."""
        return await self._set_paused(user_id, pair=pair, is_paused=False)

    async def remove_pair(self, user_id: UserId, pair: Pair) -> bool:
        """
        Delete it with its scheduled runs; False when there is none.

        While a cycle runs it is only paused, and a later `sync` deletes it: without its deployment
        that run could not report its end (Prefect 3.8 answers 500, its slot being gone).
        """
        async with answered(self._answer_seconds):
            current = await self._find(_full_name(user_id, pair))
            if current is None:
                return False
            await self._remove(current)
            return True

    async def run_pair_now(self, user_id: UserId, pair: Pair) -> UUID:
        """Start one cycle beside the schedule; the id of its run. Raises as `run_now`."""
        return await self.run_now(_full_name(user_id, pair))

    async def run_now(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None
    ) -> UUID:
        """
        Start a deployment before everything that is scheduled; the id of its run.

        Prefect would silently cancel a second run of the same deployment, so we say no instead.

        Raises:
            BadInput: a run of it is going on, or nothing of that name is deployed.
        """
        async with answered(self._answer_seconds):
            current = await self._find(full_name)
            if current is None:
                raise BadInput(f"{full_name} is not deployed.")
            limit = current.global_concurrency_limit
            if limit is not None and limit.active_slots >= limit.limit:
                raise BadInput(f"{full_name} is running already: wait for it to end.")
            run = await self._client.create_flow_run_from_deployment(
                current.id,
                parameters=dict(parameters or {}),
                work_queue_name=INTERACTIVE_QUEUE,
                tags=["now"],
            )
            return run.id

    async def run_to_end(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None, seconds: float
    ) -> RunEnd:
        """
        Start a deployment and wait for its end.

        Raises:
            BadInput: as `run_now`.
            TransientError: when it has not ended after `seconds`; it may still end.
        """
        run_id = await self.run_now(full_name, parameters=parameters)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            async with answered(self._answer_seconds):
                run = await self._client.read_flow_run(run_id)
            if run.state is not None and run.state.is_final():
                is_completed = run.state.is_completed()
                return RunEnd(is_completed=is_completed, message=run.state.message or "")
            await asyncio.sleep(POLL_SECONDS)
        raise TransientError(f"{full_name} has not ended within {seconds:.0f} s.")

    async def ping(self) -> None:
        """Raises when the API does not answer."""
        async with answered(self._answer_seconds):
            await self._client.read_work_pool(WORK_POOL)

    async def sync(
        self, configs: Iterable[PairConfig], *, reload: Reload | None = None
    ) -> SyncReport:
        """
        Make the pairs' deployments match the database: create, change, and delete what is gone.

        Safe to repeat and to interrupt; what is right already is not touched, and all that can be
        made right is, before the first failure is raised.

        Args:
            configs: the pairs.
            reload: asks for them once more before anything is deleted: a pair that came while
                Prefect was being read has a deployment and was not among `configs`.
        """
        drift = await self._find_drift(configs, reload=reload)
        with translated():
            await self._apply([*drift.missing, *drift.drifted], gone=drift.gone)
        return drift.report

    async def compare(self, configs: Iterable[PairConfig]) -> SyncReport:
        """What `sync` would change; nothing is written."""
        return (await self._find_drift(configs, reload=None)).report

    async def _find_drift(self, configs: Iterable[PairConfig], *, reload: Reload | None) -> Drift:
        specs = {spec.name: spec for spec in self._build_specs(configs)}
        with translated():
            drift = compare_all(specs, current=await self._list_pairs())
        if not drift.gone or reload is None:
            return drift
        again = {spec.name for spec in self._build_specs(await reload())}
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
        await self._client.pause_deployment(found.id)  # first: nothing new may start meanwhile
        limit = (await self._client.read_deployment(found.id)).global_concurrency_limit
        if limit is None or not limit.active_slots:
            await self._client.delete_deployment(found.id)

    async def _write(self, spec: DeploymentSpec) -> UUID:
        flow_id = await self._client.create_flow_from_name(spec.flow)
        return await self._client.create_deployment(flow_id, **build_request(spec))

    async def _set_paused(self, user_id: UserId, *, pair: Pair, is_paused: bool) -> bool:
        async with answered(self._answer_seconds):
            current = await self._find(_full_name(user_id, pair))
            if current is None:
                return False
            client = self._client
            await (client.pause_deployment if is_paused else client.resume_deployment)(current.id)
            return True

    async def _find(self, full_name: str) -> DeploymentResponse | None:
        try:
            return await self._client.read_deployment_by_name(full_name)
        except ObjectNotFound:
            return None

    async def _list_pairs(self) -> list[DeploymentResponse]:
        found: list[DeploymentResponse] = []
        while True:
            page = await self._client.read_deployments(
                flow_filter=FlowFilter(name=FlowFilterName(any_=[CYCLE_FLOW])),
                deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TRADING_TAG])),
                limit=PAGE,
                offset=len(found),
            )
            found += page
            if len(page) < PAGE:
                return found


@asynccontextmanager
async def open_deployments(
    api_url: str | None = None, *, auth_string: str | None = None
) -> AsyncIterator[Deployments]:
    """The gateway to the API at `api_url`, or to the one that this process's settings name."""
    async with open_client(api_url, auth_string=auth_string) as client:
        yield Deployments(client)


def _full_name(user_id: UserId, pair: Pair) -> str:
    return f"{CYCLE_FLOW}/{build_pair_name(user_id, pair)}"
