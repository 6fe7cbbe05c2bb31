"""What the warm worker knows of a run, and what a deployment may say about how it is executed.

pool's template < deployment's job variables < run's -> WarmConfiguration -> the worker
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, override
from uuid import UUID

from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import Abort, Pause
from prefect.logging import get_logger
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorkerResult
from pydantic import Field, PrivateAttr

from trading.domain.units import CYCLE_INTERVAL

type Mode = Literal["inprocess", "fork"]

logger = get_logger(__name__)

FORK = "fork"
_MODE_HELP = (
    "inprocess: a task of the worker's own process. fork: a child of a process that has imported "
    "everything, slower and larger, but alone."
)


class WarmConfiguration(BaseJobConfiguration):
    """What the worker knows of a run."""

    mode: Mode = Field(default="inprocess", description=_MODE_HELP)
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
        """Nothing: no process is started, and writing all settings out takes 20 ms a run."""
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


class WarmVariables(BaseVariables):
    """What the pool's page in the UI offers."""

    mode: Mode = Field(default="inprocess", description=_MODE_HELP)


class WarmResult(BaseWorkerResult):
    """How a run's infrastructure ended: 0 when the engine has recorded the run's own end."""


def read_status(ended: "asyncio.Future[int] | asyncio.Future[None]") -> int:
    """0 when the engine has recorded the run's end; else the worker has to say that it crashed."""
    if ended.cancelled():
        return 1
    error = ended.exception()
    if error is None:
        status = ended.result() or 0
        return 128 - status if status < 0 else status  # a signal, as a shell tells it
    if isinstance(error, Abort | Pause):
        return 0
    logger.error("A run ended without its engine: %r", error)
    return 1


def find_stale(runs: Sequence[FlowRun], *, now: datetime) -> frozenset[UUID]:
    """Scheduled runs that should have begun a whole interval before `now`, or earlier."""
    return frozenset(
        run.id
        for run in runs
        if run.auto_scheduled
        and run.next_scheduled_start_time is not None
        and now - run.next_scheduled_start_time >= CYCLE_INTERVAL
    )
