"""The warm worker: a Prefect worker type that runs flows inside its own process.

pool -> poll -> drop what is stale -> engine room (one warm thread) -> Prefect's own flow engine

    prefect worker start --pool quorum --type warm

Prefect finds the type through the entry point `prefect.collections` (pyproject.toml). The server
loads that too, so the flows and their libraries are imported when a worker is set up.
The stock process worker runs the same deployments: only the pool's type differs. The job variable
`mode` says whether a run is a task of this process or a child forked from a warm one.

Decisions:
- a run that is a whole interval late is canceled here, with a receipt: its successor is due. What
  is less late runs, and the flow writes a receipt that says it was skipped. What a person asked
  for is not dropped: somebody may have wanted out of a position;
- no labels stamped on runs and no state "Submitting": each is a request per run, and the first
  makes SQLite answer "busy" for up to half a minute;
- a canceled run is interrupted at its next await, then said to be Cancelled; Prefect's own
  worker cancels only what has not begun;
- a run that never awaits holds up all others. When the engine room has not answered at a heartbeat
  for `QUORUM_WORKER_HUNG_SECONDS`, its runs are said to have crashed and the process ends: who
  started it starts it again;
- it begins with what a killed predecessor left: its runs are said to have crashed, and a guard
  (`tasks.recovery.position_guard`) protects what is bare, then and ever after;
- an end that the server can't be told is told later (`flows.worker.deferred_states`);
- a run that takes more than `QUORUM_WORKER_RUN_SECONDS` is interrupted, which shows as Crashed;
- a stop drains: no polls, the runs go on for `QUORUM_WORKER_DRAIN_SECONDS`, what is left then is
  interrupted and shows as Crashed;
- a process that has served long enough (`flows.worker.recycling`) polls no more, waits for its
last run and   stops itself; who started it starts the next one;
- the deployments of a poll are read in one request, not twice for each run, and no events say that
  a worker took and ended a run: the run's own states say it.
"""

import asyncio
import os
import signal
import socket
import time
from importlib import import_module
from pathlib import Path
from typing import Any, cast, override
from uuid import UUID

from anyio.abc import TaskStatus
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import InfrastructureNotAvailable, InfrastructureNotFound
from prefect.states import Cancelled, Crashed
from prefect.workers.base import BaseJobConfiguration, BaseWorker

from flows.worker.background import drop_late, keep_beside
from flows.worker.configuration import (
    FORK,
    WarmConfiguration,
    WarmResult,
    WarmVariables,
    read_status,
)
from flows.worker.deferred_states import OwedEnds
from flows.worker.executor import EngineRoom
from flows.worker.flow_loader import LoadedFlows
from flows.worker.forks import Forks
from flows.worker.prefetching_client import RememberingClient, list_cancelling
from flows.worker.preload import WARM_ENTRYPOINTS, WARM_MODULES, freeze_heap
from flows.worker.recycling import Wear
from flows.worker.settings import WorkerSettings

WORKER_TYPE = "warm"
HUNG_STATUS = 3
POLL_SECONDS = 0.1
CANCEL_LOOK_SECONDS = 5.0
ROOT = Path(__file__).resolve().parents[2]
HELD_UP = "A run held up its worker, which was ended for it."


class WarmWorker(BaseWorker[WarmConfiguration, WarmVariables, WarmResult]):
    """See the module."""

    type = WORKER_TYPE
    job_configuration = WarmConfiguration
    job_configuration_variables = WarmVariables
    _description = "Run flows inside one warm process."
    _display_name = "Warm"

    _room: EngineRoom | None = None
    _worn_out: str | None = None
    _looked_at = 0.0

    @property
    @override
    def client(self) -> PrefectClient:
        return cast("PrefectClient", self._remember())

    @override
    async def setup(self) -> None:
        self._flows = LoadedFlows()
        self._runs: set[UUID] = set()
        self._canceled: set[UUID] = set()
        self._remembering: RememberingClient | None = None
        self._forks = Forks()
        self._settings = WorkerSettings()
        self._wear = Wear(limits=self._settings, root=ROOT)
        self._owed = OwedEnds()
        self._room = EngineRoom(beside=keep_beside)
        await asyncio.to_thread(self._room.open)
        for name in WARM_MODULES:
            await asyncio.to_thread(import_module, name)
        for entrypoint in WARM_ENTRYPOINTS:
            await self._flows.load(entrypoint)
        freeze_heap()
        await super().setup()

    @override
    async def teardown(self, *exc_info: Any) -> None:
        await self._drain()
        if self._room is not None:
            await asyncio.to_thread(self._room.close)
        await super().teardown(*exc_info)

    @override
    async def run(
        self,
        flow_run: FlowRun,
        configuration: WarmConfiguration,
        task_status: TaskStatus[Any] | None = None,
    ) -> WarmResult:
        identifier = f"{socket.gethostname()}:{os.getpid()}:{flow_run.id}"
        self._runs.add(flow_run.id)
        self._wear.runs += 1
        try:
            running = await self._begin(flow_run, configuration)
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
            await self._tell(flow_run.id, Cancelled(message="Canceled while it ran."))
        elif too_long:
            await self._tell(flow_run.id, Crashed(message=f"It took more than {limit:g} s."))
        else:
            return WarmResult(status_code=read_status(running), identifier=identifier)
        return WarmResult(status_code=0, identifier=identifier)

    @override
    async def kill_infrastructure(
        self, infrastructure_pid: str, configuration: WarmConfiguration, grace_seconds: int = 30
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
        if self._room is not None and not await self._room.measure_pulse(seconds=limit):
            self._logger.critical("A run has held up this worker for %s s: it ends.", limit)
            crashed: State[None] = Crashed(message=HELD_UP)
            await self._owed.tell_all(self.client, self._runs, state=crashed)
            os._exit(HUNG_STATUS)  # the thread that hangs can't be ended otherwise
        if self._worn_out is None and (reason := self._wear.find_reason()) is not None:
            self._worn_out = reason
            self._logger.warning("This worker takes no new runs and ends: %s.", reason)

    @override
    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        await self._owed.settle(self.client)
        await self._look_for_canceled()
        if self._worn_out is None:
            return await super().get_and_submit_flow_runs()
        if not self._submitting_flow_run_ids and not self._runs:
            os.kill(os.getpid(), signal.SIGTERM)
        return []

    @override
    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        assert self._room is not None
        runs = [entry.flow_run for entry in flow_run_response]
        stale = await drop_late(runs, client=self.client, owed=self._owed, do=self._room.do)
        # A poll that was slow may bring what has begun meanwhile; Prefect would stumble over it.
        holders = self._limiter.statistics().borrowers if self._limiter else ()
        gone = stale.union(holders, self._submitting_flow_run_ids, self._runs)
        fresh = [entry for entry in flow_run_response if entry.flow_run.id not in gone]
        ids = {entry.flow_run.deployment_id for entry in fresh}
        await self._remember().read_ahead(found for found in ids if found)
        return await super()._submit_scheduled_flow_runs(fresh)

    @override
    async def _submit_run(self, flow_run: FlowRun) -> None:
        await super()._submit_run(flow_run)
        # It forgets a run that has begun; we go on listening. No await in between.
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
        """Left out: see the module."""

    @override
    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """Left out: see the module."""

    @override
    async def _propose_crashed_state(
        self, flow_run: FlowRun, message: str, client: PrefectClient | None = None
    ) -> None:
        state: State[None] = Crashed(message=message)
        await self._owed.tell(self.client, flow_run.id, state=state, is_last_word=False)

    @override
    def _emit_flow_run_submitted_event(self, configuration: BaseJobConfiguration) -> None:
        """Left out: see the module."""

    def _remember(self) -> RememberingClient:
        if self._remembering is None:
            self._remembering = RememberingClient(super().client)
        return self._remembering

    async def _begin(
        self, flow_run: FlowRun, configuration: WarmConfiguration
    ) -> "asyncio.Future[int] | asyncio.Future[None]":
        """Ends with the run: with an exit status when that is a child's."""
        if configuration.mode == FORK:
            await self._forks.start(flow_run, entrypoint=configuration.entrypoint)
            return asyncio.ensure_future(self._forks.wait(flow_run.id))
        assert self._room is not None
        flow = await self._flows.load(configuration.entrypoint)
        return asyncio.wrap_future(self._room.start(flow, flow_run))

    async def _look_for_canceled(self) -> None:
        """What an event did not bring about: it may be lost, or come before a run can hear it."""
        if not self._runs or time.monotonic() - self._looked_at < CANCEL_LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        for flow_run_id in await list_cancelling(self.client, self._runs):
            self._interrupt(flow_run_id)

    def _interrupt(self, flow_run_id: UUID) -> None:
        self._canceled.add(flow_run_id)
        self._stop_run(flow_run_id)

    def _stop_run(self, flow_run_id: UUID) -> None:
        assert self._room is not None
        assert self._runs_task_group is not None
        self._room.cancel(flow_run_id)
        self._runs_task_group.start_soon(self._forks.stop, flow_run_id)

    async def _tell(self, flow_run_id: UUID, state: State[None]) -> None:
        await self._owed.tell(self.client, flow_run_id, state=state)

    def _forget(self, flow_run_id: UUID) -> None:
        self._runs.discard(flow_run_id)
        if self._cancelling_observer is not None:
            self._cancelling_observer.remove_in_flight_flow_run_id(flow_run_id)

    async def _drain(self) -> None:
        deadline = time.monotonic() + self._settings.drain_seconds
        while (self._submitting_flow_run_ids or self._runs) and time.monotonic() < deadline:  # noqa: ASYNC110 - Prefect's set tells nobody
            await asyncio.sleep(POLL_SECONDS)
