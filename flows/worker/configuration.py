"""Job configuration and job variables of the warm worker, and the exit status of a run.

pool's template < deployment's job variables < run's -> WarmJobConfiguration -> the worker
"""

import asyncio
from typing import Any, override

from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import Abort, Pause
from prefect.logging import get_logger
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorkerResult
from pydantic import PrivateAttr

logger = get_logger(__name__)


class WarmJobConfiguration(BaseJobConfiguration):
    """The configuration of one run."""

    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def entrypoint(self) -> str:
        """Dotted name of the flow. Raises ValueError when the run has no deployment."""
        if self._entrypoint is None:
            raise ValueError("The run's deployment names no flow, so this worker can't run it.")
        return self._entrypoint

    @classmethod
    @override
    def _base_environment(cls) -> dict[str, str]:
        """Empty: no process is started, and serializing all settings takes 20 ms a run."""
        return {}

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
        self.command, self.env = None, {}  # a job variable can't carry a command into the worker


class WarmJobVariables(BaseVariables):
    """The job variables shown on the pool's page in the UI."""


class WarmWorkerResult(BaseWorkerResult):
    """The exit status of a run: 0 when the flow engine has recorded the final state."""


def read_status(finished: "asyncio.Future[None]") -> int:
    """0 when the engine has recorded the final state, else 1: the worker reports a crash."""
    if finished.cancelled():
        return 1
    error = finished.exception()
    if error is None or isinstance(error, Abort | Pause):
        return 0
    logger.error("A run ended without its engine: %r", error)
    return 1
