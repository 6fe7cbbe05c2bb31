"""A Prefect client with a cache: a single request reads all deployments of a poll.

poll -> prefetch_deployments (all at once) -> read_deployment, read_flow without a request

A cached deployment is as fresh as the poll that brought its run, and has no schedules. The server
is asked for any other deployment. A cached flow holds only a name.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import Flow, StateType
from prefect.client.schemas.responses import DeploymentResponse

PAGE = 200
MAX_CACHED = 1000


class PrefetchingClient:
    """Wraps a Prefect client; every method not defined by this class is the client's own."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._deployments: dict[UUID, DeploymentResponse] = {}
        self._flows: dict[UUID, Flow] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def prefetch_deployments(self, ids: Iterable[UUID]) -> None:
        """Read the deployments again and cache the answers."""
        wanted = list(ids)
        if len(self._deployments) > MAX_CACHED:
            self._deployments.clear()
        for start in range(0, len(wanted), PAGE):
            some = DeploymentFilter(id=DeploymentFilterId(any_=wanted[start : start + PAGE]))
            body = {"deployments": some.model_dump(mode="json"), "limit": PAGE}
            answer = await self._client.request("POST", "/deployments/filter", json=body)
            for found in answer.json():
                # Prefect lists all time zones of the machine to validate the zone of a schedule.
                deployment = DeploymentResponse.model_validate({**found, "schedules": []})
                self._deployments[deployment.id] = deployment

    async def read_deployment(self, deployment_id: UUID) -> DeploymentResponse:
        """Return the cached deployment, else ask the server. Raises ObjectNotFound."""
        if (known := self._deployments.get(deployment_id)) is not None:
            return known
        return await self._client.read_deployment(deployment_id)

    async def read_flow(self, flow_id: UUID) -> Flow:
        """Return the flow; the server is asked once for each flow."""
        if flow_id not in self._flows:
            self._flows[flow_id] = await self._client.read_flow(flow_id)
        return self._flows[flow_id]


async def list_cancelling(client: PrefectClient, ids: Iterable[UUID]) -> list[UUID]:
    """The runs among `ids` in state CANCELLING."""
    kind = FlowRunFilterStateType(any_=[StateType.CANCELLING])
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(ids)), state=FlowRunFilterState(type=kind))
    return [run.id for run in await client.read_flow_runs(flow_run_filter=wanted, limit=PAGE)]
