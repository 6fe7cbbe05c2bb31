"""The warm worker: a Prefect worker type that runs flows in its own, preloaded process.

pool -> poll -> cancel late runs -> executor (a single thread) -> Prefect's own flow engine

    prefect worker start --pool quorum --type warm

Prefect finds the type through the entry point `prefect.collections` (pyproject.toml). The Prefect
server imports this module too and needs no flow, so only `setup` imports the flows.
The type `process` (`flows.worker.process_worker`) runs the same deployments: only the pool's type
differs.

Decisions:
- a run late by a whole interval is canceled, with a receipt: the next run is due. A run late by
  less starts, and the flow writes a receipt for the skip. A run requested by a person is never
  dropped: the person may have wanted to close a position;
- a run with an entrypoint outside `ENTRYPOINTS` is refused and alerted (`flows.worker.admission`);
- runs get no worker labels and no state "Submitting": each costs a request per run, and on SQLite
  the label writes cause "busy" errors for up to half a minute;
- a canceled run is interrupted at the next await, then reported as Cancelled; Prefect's own
  worker cancels only runs before their start;
- a run without awaits blocks all others. If the executor has not answered a heartbeat for
  `QUORUM_WORKER_HUNG_SECONDS`, the worker reports all runs as crashed and exits; the supervisor
  starts the next worker;
- a start reports the runs of a killed predecessor as crashed, and a guard
  (`tasks.recovery.position_guard`) protects unprotected positions from then on;
- a final state that the server does not take is sent again (`flows.worker.deferred_states`);
- a run longer than `QUORUM_WORKER_RUN_SECONDS` is interrupted and shows as Crashed;
- a stop drains: no polls, the runs continue for `QUORUM_WORKER_DRAIN_SECONDS`, then the remaining
  runs are interrupted and show as Crashed;
- a process with too many runs, hours or megabytes, or with old code (`flows.worker.recycling`)
  stops polling, waits for the last run and exits; the supervisor starts the next process;
- a poll reads all deployments in a single request, instead of two requests a run, and emits no
  events for starts and ends: the states of the run report both.
"""

import asyncio
import os
import signal
import socket
import time
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, cast, override
from uuid import UUID

from anyio.abc import TaskStatus
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from prefect.states import Cancelled, Crashed
from prefect.workers.base import BaseJobConfiguration, BaseWorker

from blocks.prefect.specs import ENTRYPOINTS
from flows.worker.admission import RunRefused, alert_refusal, check_run
from flows.worker.background import cancel_late_runs, run_background_services
from flows.worker.configuration import (
    WarmJobConfiguration,
    WarmJobVariables,
    WarmWorkerResult,
    read_status,
)
from flows.worker.deferred_states import DeferredStates
from flows.worker.executor import FlowRunExecutor
from flows.worker.flow_loader import FlowLoader
from flows.worker.prefetching_client import PrefetchingClient, list_cancelling
from flows.worker.preload import PRELOADED_ENTRYPOINTS, PRELOADED_MODULES, freeze_heap
from flows.worker.process_worker import GuardedProcessWorker  # noqa: F401 - registers the type
from flows.worker.recycling import RecyclingPolicy
from flows.worker.settings import WorkerSettings

WORKER_TYPE = "warm"
HUNG_STATUS = 3
POLL_SECONDS = 0.1
CANCEL_CHECK_SECONDS = 5.0
ROOT = Path(__file__).resolve().parents[2]
HUNG_MESSAGE = "A run held up its worker, which was ended for it."


class WarmWorker(BaseWorker[WarmJobConfiguration, WarmJobVariables, WarmWorkerResult]):
    """Worker type `warm`; see the decisions of the module."""

    type = WORKER_TYPE
    job_configuration = WarmJobConfiguration
    job_configuration_variables = WarmJobVariables
    _description = "Run flows inside one warm process."
    _display_name = "Warm"

    entrypoints: ClassVar[frozenset[str]] = ENTRYPOINTS
    _executor: FlowRunExecutor | None = None
    _recycle_reason: str | None = None
    _cancel_checked_at = 0.0

    @property
    @override
    def client(self) -> PrefectClient:
        return cast("PrefectClient", self._prefetching())

    @override
    async def setup(self) -> None:
        self._flows = FlowLoader()
        self._runs: set[UUID] = set()
        self._canceled: set[UUID] = set()
        self._cached_client: PrefetchingClient | None = None
        self._settings = WorkerSettings()
        self._recycling = RecyclingPolicy(limits=self._settings, root=ROOT)
        self._states = DeferredStates()
        self._executor = FlowRunExecutor(background=run_background_services)
        await asyncio.to_thread(self._executor.open)
        for name in PRELOADED_MODULES:
            await asyncio.to_thread(import_module, name)
        for entrypoint in PRELOADED_ENTRYPOINTS:
            await self._flows.load(entrypoint)
        freeze_heap()
        await super().setup()

    @override
    async def teardown(self, *exc_info: Any) -> None:
        await self._drain()
        if self._executor is not None:
            await asyncio.to_thread(self._executor.close)
        await super().teardown(*exc_info)

    @override
    async def run(
        self,
        flow_run: FlowRun,
        configuration: WarmJobConfiguration,
        task_status: TaskStatus[Any] | None = None,
    ) -> WarmWorkerResult:
        identifier = f"{socket.gethostname()}:{os.getpid()}:{flow_run.id}"
        self._runs.add(flow_run.id)
        self._recycling.runs += 1
        try:
            running = await self._start(flow_run, configuration)
            if task_status is not None:
                task_status.started(identifier)
            limit = self._settings.run_seconds
            _, too_long = await asyncio.wait([running], timeout=limit)
            if too_long:
                self._stop_run(flow_run.id)
                await asyncio.wait([running])
        finally:
            self._forget(flow_run.id)
        if flow_run.id in self._canceled:
            self._canceled.discard(flow_run.id)
            await self._report(flow_run.id, Cancelled(message="Canceled while it ran."))
        elif too_long:
            await self._report(flow_run.id, Crashed(message=f"It took more than {limit:g} s."))
        else:
            return WarmWorkerResult(status_code=read_status(running), identifier=identifier)
        return WarmWorkerResult(status_code=0, identifier=identifier)

    @override
    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: WarmJobConfiguration, grace_seconds: int = 30
    ) -> None:
        host, _, rest = infrastructure_pid.partition(":")
        process, _, run_id = rest.partition(":")
        if host != socket.gethostname():
            raise InfrastructureNotAvailable(f"The run is another machine's, {host}.")
        if process != str(os.getpid()) or UUID(run_id) not in self._runs:
            raise InfrastructureNotFound("The run does not go on here.")
        self._interrupt(UUID(run_id))

    @override
    async def sync_with_backend(self) -> None:
        await super().sync_with_backend()
        limit = self._settings.hung_seconds
        if self._executor is not None and not await self._executor.is_responsive(seconds=limit):
            self._logger.critical("A run has held up this worker for %s s: it ends.", limit)
            crashed: State[None] = Crashed(message=HUNG_MESSAGE)
            await self._states.report_all(self.client, self._runs, state=crashed)
            os._exit(HUNG_STATUS)  # no other way ends a hanging thread
        if self._recycle_reason is None and (reason := self._recycling.find_reason()) is not None:
            self._recycle_reason = reason
            self._logger.warning("This worker takes no new runs and ends: %s.", reason)

    @override
    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        await self._states.retry(self.client)
        await self._find_canceled()
        if self._recycle_reason is None:
            return await super().get_and_submit_flow_runs()
        if not self._submitting_flow_run_ids and not self._runs:
            os.kill(os.getpid(), signal.SIGTERM)
        return []

    @override
    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        assert self._executor is not None
        runs = [entry.flow_run for entry in flow_run_response]
        late = await cancel_late_runs(
            runs, client=self.client, states=self._states, spawn=self._executor.spawn
        )
        # A slow poll may return runs started meanwhile; Prefect would raise for a second start.
        holders = self._limiter.statistics().borrowers if self._limiter else ()
        gone = late.union(holders, self._submitting_flow_run_ids, self._runs)
        fresh = [entry for entry in flow_run_response if entry.flow_run.id not in gone]
        ids = {entry.flow_run.deployment_id for entry in fresh}
        await self._prefetching().prefetch_deployments(found for found in ids if found)
        return await super()._submit_scheduled_flow_runs(fresh)

    @override
    async def _submit_run(self, flow_run: FlowRun) -> None:
        await super()._submit_run(flow_run)
        # Prefect stops observing a started run; keep observing. No await in between.
        if flow_run.id in self._runs and self._cancelling_observer is not None:
            self._cancelling_observer.add_in_flight_flow_run_id(flow_run.id)

    @override
    async def _cancel_run(self, flow_run_id: UUID) -> None:
        if flow_run_id in self._runs:
            self._interrupt(flow_run_id)
        else:
            await super()._cancel_run(flow_run_id)

    @override
    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        """Write no labels: a request per run, and "busy" errors on SQLite."""

    @override
    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """Propose no state "Submitting": a request per run."""

    @override
    async def _propose_crashed_state(
        self, flow_run: FlowRun, message: str, client: PrefectClient | None = None
    ) -> None:
        state: State[None] = Crashed(message=message)
        await self._states.report(self.client, flow_run.id, state=state, overwrite=False)

    @override
    def _emit_flow_run_submitted_event(self, configuration: BaseJobConfiguration) -> None:
        """Emit no event: the states of the run report the start."""

    def _prefetching(self) -> PrefetchingClient:
        if self._cached_client is None:
            self._cached_client = PrefetchingClient(super().client)
        return self._cached_client

    async def _start(
        self, flow_run: FlowRun, configuration: WarmJobConfiguration
    ) -> "asyncio.Future[None]":
        assert self._executor is not None
        entrypoint = configuration.entrypoint
        try:
            check_run(flow_run, entrypoint=entrypoint, known=self.entrypoints)
        except RunRefused as error:
            self._executor.spawn(alert_refusal(error))
            raise
        flow = await self._flows.load(entrypoint)
        return asyncio.wrap_future(self._executor.submit(flow, flow_run))

    async def _find_canceled(self) -> None:
        """Ask the server for canceled runs and interrupt the runs: a cancel event may be lost."""
        if not self._runs or time.monotonic() - self._cancel_checked_at < CANCEL_CHECK_SECONDS:
            return
        self._cancel_checked_at = time.monotonic()
        for flow_run_id in await list_cancelling(self.client, self._runs):
            self._interrupt(flow_run_id)

    def _interrupt(self, flow_run_id: UUID) -> None:
        self._canceled.add(flow_run_id)
        self._stop_run(flow_run_id)

    def _stop_run(self, flow_run_id: UUID) -> None:
        assert self._executor is not None
        self._executor.cancel(flow_run_id)

    async def _report(self, flow_run_id: UUID, state: State[None]) -> None:
        await self._states.report(self.client, flow_run_id, state=state)

    def _forget(self, flow_run_id: UUID) -> None:
        self._runs.discard(flow_run_id)
        if self._cancelling_observer is not None:
            self._cancelling_observer.remove_in_flight_flow_run_id(flow_run_id)

    async def _drain(self) -> None:
        deadline = time.monotonic() + self._settings.drain_seconds
        while (self._submitting_flow_run_ids or self._runs) and time.monotonic() < deadline:  # noqa: ASYNC110 - Prefect's set has no event
            await asyncio.sleep(POLL_SECONDS)
