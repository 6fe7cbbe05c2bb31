"""A Prefect client that reads ahead: what a poll's runs need, in one request instead of four each.

poll -> read_ahead (all its deployments at once) -> read_deployment, read_flow without a request

A deployment is as fresh as the poll that brought its run, and has no schedules here; one that was
not read ahead, because it is gone or was asked for otherwise, is asked of the server. A flow has
only its name in it.
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
KEPT = 1000


class RememberingClient:
    """Everything else is the client's own."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._deployments: dict[UUID, DeploymentResponse] = {}
        self._flows: dict[UUID, Flow] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def read_ahead(self, ids: Iterable[UUID]) -> None:
        """Read these deployments anew."""
        wanted = list(ids)
        if len(self._deployments) > KEPT:
            self._deployments.clear()
        for start in range(0, len(wanted), PAGE):
            some = DeploymentFilter(id=DeploymentFilterId(any_=wanted[start : start + PAGE]))
            body = {"deployments": some.model_dump(mode="json"), "limit": PAGE}
            answer = await self._client.request("POST", "/deployments/filter", json=body)
            for found in answer.json():
                # Prefect lists all time zones of the machine to check that a schedule's is one.
                deployment = DeploymentResponse.model_validate({**found, "schedules": []})
                self._deployments[deployment.id] = deployment

    async def read_deployment(self, deployment_id: UUID) -> DeploymentResponse:
        """The one that was read ahead, else the server's. Raises ObjectNotFound."""
        if (known := self._deployments.get(deployment_id)) is not None:
            return known
        return await self._client.read_deployment(deployment_id)

    async def read_flow(self, flow_id: UUID) -> Flow:
        """Asked once."""
        if flow_id not in self._flows:
            self._flows[flow_id] = await self._client.read_flow(flow_id)
        return self._flows[flow_id]


async def list_cancelling(client: PrefectClient, ids: Iterable[UUID]) -> list[UUID]:
    """Those of the runs that somebody wants to end."""
    kind = FlowRunFilterStateType(any_=[StateType.CANCELLING])
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(ids)), state=FlowRunFilterState(type=kind))
    return [run.id for run in await client.read_flow_runs(flow_run_filter=wanted, limit=PAGE)]
