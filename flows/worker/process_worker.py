"""The worker type `process`: an interpreter for each run, with the closed table of flows.

run -> check_run -> fixed engine command, entrypoint from the table -> child process

Prefect's own worker of this type executes a command from a job variable, the pull steps of a
deployment and any file named as entrypoint, all of them readable and writable with the password of
the Prefect UI. The subclass takes over the name of the type, so `--type process` never starts
Prefect's worker in an installation of Quorum; the bench registers Prefect's worker again for
comparisons (`tests.campaigns.capacity.stock_worker`).

Decisions:
- the child gets the checked entrypoint in its environment and does not ask the server for the
  entrypoint again: a change of the deployment after the check has no effect;
- hooks of crashed and canceled runs are loaded by the same entrypoint, in the worker's process;
- the worker's own process runs the guards in a thread, see `keep_guards`;
- job variables set neither command, environment nor folder of the child.
"""

import asyncio
import sys
import tempfile
from typing import Any, override

import anyio
from anyio.abc import TaskStatus
from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.runner._flow_run_executor import FlowRunExecutionResult, FlowRunExecutorContext
from prefect.runner._process_manager import ProcessHandle
from prefect.runner._starter_engine import EngineCommandStarter
from prefect.utilities.dispatch import get_registry_for_type
from prefect.utilities.processutils import command_to_string
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult
from pydantic import PrivateAttr

from flows.worker.admission import RunRefused, alert_refusal, check_run
from flows.worker.background import keep_guards
from flows.worker.executor import FlowRunExecutor
from flows.worker.flow_loader import FlowLoader

PROCESS_TYPE = "process"
ENGINE = command_to_string([sys.executable, "-m", "prefect.engine"])


class GuardedJobConfiguration(ProcessJobConfiguration):
    """The configuration of one run: only the entrypoint comes from the server."""

    _entrypoint: str = PrivateAttr(default="")

    @property
    def entrypoint(self) -> str:
        """Name of the flow in the run's deployment; empty without a deployment."""
        return self._entrypoint

    @override
    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        *args: Any,
        **more: Any,
    ) -> None:
        self.command, self.env, self.working_dir = ENGINE, {}, None
        super().prepare_for_flow_run(flow_run, deployment, *args, **more)
        self._entrypoint = (deployment.entrypoint if deployment else None) or ""


# Prefect warns when a type replaces another of the same name; here the replacement is intended.
(get_registry_for_type(BaseWorker) or {}).pop(PROCESS_TYPE, None)


class GuardedProcessWorker(ProcessWorker):
    """Worker type `process`; see the decisions of the module."""

    type = PROCESS_TYPE
    job_configuration = GuardedJobConfiguration
    _description = "Run each flow of Quorum in its own interpreter."
    _guard: FlowRunExecutor | None = None

    @override
    async def setup(self) -> None:
        self._guard = FlowRunExecutor(background=keep_guards)
        await asyncio.to_thread(self._guard.open)
        await super().setup()

    @override
    async def teardown(self, *exc_info: Any) -> None:
        if self._guard is not None:
            await asyncio.to_thread(self._guard.close)
        await super().teardown(*exc_info)

    @override
    async def run(
        self,
        flow_run: FlowRun,
        configuration: ProcessJobConfiguration,
        task_status: TaskStatus[int] | None = None,
    ) -> ProcessWorkerResult:
        assert isinstance(configuration, GuardedJobConfiguration)
        entrypoint = configuration.entrypoint
        try:
            check_run(flow_run, entrypoint=entrypoint)
        except RunRefused as error:
            await alert_refusal(error)
            raise
        return await self._execute(flow_run, configuration, task_status)

    async def _execute(
        self,
        flow_run: FlowRun,
        configuration: GuardedJobConfiguration,
        task_status: TaskStatus[int] | None,
    ) -> ProcessWorkerResult:
        results: list[FlowRunExecutionResult | None] = []

        async def resolve_flow(_: FlowRun) -> Flow[..., Any]:
            return await FlowLoader().load(configuration.entrypoint)

        async def execute(*, task_status: TaskStatus[ProcessHandle]) -> None:
            results.append(await executor.submit(task_status=task_status))

        with tempfile.TemporaryDirectory(suffix="prefect") as folder:
            async with FlowRunExecutorContext() as context:
                starter = EngineCommandStarter(
                    command=configuration.command,
                    entrypoint=configuration.entrypoint,
                    cwd=folder,
                    env=configuration.env,
                    stream_output=configuration.stream_output,
                    control_channel=context.control_channel,
                )
                executor = context.create_executor(
                    flow_run, starter, resolve_flow=resolve_flow, propose_submitting=False
                )
                async with anyio.create_task_group() as group:
                    handle = await group.start(execute)
                    if task_status is not None:
                        task_status.started(handle.pid)
        if not results or results[0] is None or results[0].status_code is None:
            raise RuntimeError("The process of the flow run did not start.")
        return ProcessWorkerResult(status_code=results[0].status_code, identifier=str(handle.pid))
