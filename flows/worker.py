"""The warm worker: a Prefect worker type that runs flows inside its own process.

pool -> poll -> drop what is stale -> engine room (one warm thread) -> Prefect's own flow engine

    prefect worker start --pool quorum --type warm

Prefect finds the type through the entry point `prefect.collections` (pyproject.toml). The server
loads that too, so the flows and their libraries are imported when a worker is set up.
The stock process worker runs the same deployments: only the pool's type differs.

Decisions:
- a run that is a whole interval late is canceled here: its successor is due. What is less late
  runs, and the flow writes a receipt that says it was skipped. What a person asked for is not
  dropped: somebody may have wanted out of a position;
- no labels stamped on runs and no state "Submitting": each is a request per run, and the first
  makes SQLite answer "busy" for up to half a minute;
- a canceled run is interrupted at its next await, reported by the engine, then said to be
  Cancelled. Prefect's base worker cancels only runs that have not begun;
- a run that never awaits holds up all others. When the engine room has not answered at a heartbeat
  for `QUORUM_WORKER_HUNG_SECONDS`, its runs are said to have crashed and the process ends: who
  started it starts it again;
- beside its runs it keeps a guard (`tasks.guard`): what a killed worker left bare, this one's
  predecessor too, is protected before anything else;
- a stop drains: no polls, the runs go on for `QUORUM_WORKER_DRAIN_SECONDS`, what is left then is
  interrupted and shows as Crashed.
"""

import asyncio
import os
import socket
import time
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import Any
from typing import override
from uuid import UUID

from anyio.abc import TaskStatus
from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import Abort
from prefect.exceptions import InfrastructureNotAvailable
from prefect.exceptions import InfrastructureNotFound
from prefect.exceptions import Pause
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Cancelled
from prefect.states import Crashed
from prefect.workers.base import BaseJobConfiguration
from prefect.workers.base import BaseVariables
from prefect.workers.base import BaseWorker
from prefect.workers.base import BaseWorkerResult
from pydantic import PrivateAttr

from flows.engine_room import EngineRoom
from tasks.guard import keep_guard
from trading.units import CYCLE_INTERVAL

WORKER_TYPE = "warm"
DRAIN_VARIABLE = "QUORUM_WORKER_DRAIN_SECONDS"
DRAIN_SECONDS = 60.0
HUNG_VARIABLE = "QUORUM_WORKER_HUNG_SECONDS"
HUNG_SECONDS = 60.0
HUNG_STATUS = 3
POLL_SECONDS = 0.1
WARM_ENTRYPOINTS = ("flows.trading_cycle.trading_cycle", "flows.reconcile.reconcile")
"""Loaded before the first poll: the libraries behind them take seconds to import."""

WARM_MODULES = ("great_expectations", "pandas_ta")
"""What a cycle imports only when it gets there: in here that would hold up all other runs."""


class WarmConfiguration(BaseJobConfiguration):
    """What the worker knows of a run; nothing of it can be set per run."""

    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def entrypoint(self) -> str:
        """Dotted name of the flow. Raises ValueError when the run has no deployment."""
        if self._entrypoint is None:
            raise ValueError("The run's deployment names no flow, so this worker can't run it.")
        return self._entrypoint

    @override
    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        *args: Any,
        **more: Any,
    ) -> None:
        super().prepare_for_flow_run(flow_run, deployment, *args, **more)
        self._entrypoint = deployment.entrypoint if deployment else None


class WarmVariables(BaseVariables):
    """What the pool's page in the UI offers."""


class WarmResult(BaseWorkerResult):
    """How a run's infrastructure ended: 0 when the engine has recorded the run's own end."""


class WarmWorker(BaseWorker[WarmConfiguration, WarmVariables, WarmResult]):
    """See the module."""

    type = WORKER_TYPE
    job_configuration = WarmConfiguration
    job_configuration_variables = WarmVariables
    _description = "Run flows inside one warm process."
    _display_name = "Warm"

    _room: EngineRoom | None = None

    @override
    async def setup(self) -> None:
        self._flows: dict[str, Flow[..., Any]] = {}
        self._loading = asyncio.Lock()
        self._runs: set[UUID] = set()
        self._canceled: set[UUID] = set()
        self._room = EngineRoom(beside=keep_guard)
        await asyncio.to_thread(self._room.open)
        for name in WARM_MODULES:
            await asyncio.to_thread(import_module, name)
        for entrypoint in WARM_ENTRYPOINTS:
            await self._load_flow(entrypoint)
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
        flow = await self._load_flow(configuration.entrypoint)
        identifier = f"{socket.gethostname()}:{os.getpid()}:{flow_run.id}"
        assert self._room is not None
        self._runs.add(flow_run.id)
        try:
            running = asyncio.wrap_future(self._room.start(flow, flow_run))
            if task_status is not None:
                task_status.started(identifier)
            await asyncio.wait([running])
        finally:
            self._forget(flow_run.id)
        if flow_run.id in self._canceled:
            self._canceled.discard(flow_run.id)
            await self._report_canceled(flow_run.id)
            return WarmResult(status_code=0, identifier=identifier)
        return WarmResult(status_code=self._read_status(running), identifier=identifier)

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
        limit = float(os.environ.get(HUNG_VARIABLE, HUNG_SECONDS))
        if self._room is not None and not await self._room.measure_pulse(seconds=limit):
            self._logger.critical("A run has held up this worker for %s s: it ends.", limit)
            await self._report_lost()
            os._exit(HUNG_STATUS)  # the thread that hangs can't be ended otherwise

    @override
    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        stale = find_stale([entry.flow_run for entry in flow_run_response], now=read_clock())
        for run_id in stale:
            state: State[None] = Cancelled(message="Too late: the next one is due.")
            await self.client.set_flow_run_state(run_id, state)
        fresh = [entry for entry in flow_run_response if entry.flow_run.id not in stale]
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

    def _interrupt(self, flow_run_id: UUID) -> None:
        assert self._room is not None
        self._canceled.add(flow_run_id)
        self._room.cancel(flow_run_id)

    async def _report_canceled(self, flow_run_id: UUID) -> None:
        state: State[None] = Cancelled(message="Canceled while it ran.")
        await self.client.set_flow_run_state(flow_run_id, state, force=True)

    async def _report_lost(self) -> None:
        state: State[None] = Crashed(message="A run held up its worker, which was ended for it.")
        for run_id in list(self._runs):
            await self.client.set_flow_run_state(run_id, state, force=True)

    def _forget(self, flow_run_id: UUID) -> None:
        self._runs.discard(flow_run_id)
        if self._cancelling_observer is not None:
            self._cancelling_observer.remove_in_flight_flow_run_id(flow_run_id)

    def _read_status(self, running: asyncio.Future[None]) -> int:
        """0 when the engine recorded the end; else the worker has to say that it crashed."""
        if running.cancelled():
            return 1
        error = running.exception()
        if error is None or isinstance(error, Abort | Pause):
            return 0
        self._logger.error("A run ended without its engine: %r", error)
        return 1

    async def _load_flow(self, entrypoint: str) -> Flow[..., Any]:
        async with self._loading:
            if entrypoint not in self._flows:
                load = partial(load_flow_from_entrypoint, use_placeholder_flow=False)
                self._flows[entrypoint] = await asyncio.to_thread(load, entrypoint)
        return self._flows[entrypoint]

    async def _drain(self) -> None:
        deadline = time.monotonic() + float(os.environ.get(DRAIN_VARIABLE, DRAIN_SECONDS))
        while (self._submitting_flow_run_ids or self._runs) and time.monotonic() < deadline:  # noqa: ASYNC110 - Prefect's set tells nobody
            await asyncio.sleep(POLL_SECONDS)


def find_stale(runs: Sequence[FlowRun], *, now: datetime) -> frozenset[UUID]:
    """Scheduled runs that should have begun a whole interval before `now`, or earlier."""
    return frozenset(
        run.id
        for run in runs
        if run.auto_scheduled
        and run.next_scheduled_start_time is not None
        and now - run.next_scheduled_start_time >= CYCLE_INTERVAL
    )


def read_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)
