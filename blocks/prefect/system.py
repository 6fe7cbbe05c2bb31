"""The system's objects in Prefect: work pool, queues and the deployments of prefect.yaml.

prefect.yaml -> restore_system -> missing queues and deployments created -> SystemState

A missing pool is only reported: `quorum up` and `quorum prepare` create the pool with type and
template. A pause is a decision of a person and is never lifted here.
"""

from dataclasses import dataclass
from pathlib import Path

from prefect.client.orchestration import PrefectClient
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import ensure_queue, translate_errors
from blocks.prefect.drift import build_request, has_drifted
from blocks.prefect.specs import WORK_POOL, DeploymentSpec, list_queues, load_specs

SPECS = Path(__file__).resolve().parents[2] / "prefect.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemState:
    """
    State after the repair.

    Attributes:
        has_pool: False when the work pool is gone: no run starts.
        paused: names of a paused pool, of paused queues and of paused deployments.
        restored: names of deployments that were missing or changed.
    """

    has_pool: bool = True
    paused: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()


async def restore_system(client: PrefectClient, *, shards: int) -> SystemState:
    """Create missing queues and deployments; report pauses. Raises as the gateway does."""
    with translate_errors():
        try:
            pool = await client.read_work_pool(WORK_POOL)
        except ObjectNotFound:
            return SystemState(has_pool=False)
        paused = [f"work pool {WORK_POOL}"] if pool.is_paused else []
        for name, priority in list_queues(shards).items():
            await ensure_queue(client, name=name, priority=priority)
            queue = await client.read_work_queue_by_name(name, work_pool_name=WORK_POOL)
            if queue.is_paused:
                paused.append(f"queue {name}")
        restored = []
        for spec in load_specs(SPECS):
            if await _is_paused(client, spec):
                paused.append(f"deployment {spec.full_name}")
            elif await _restore(client, spec):
                restored.append(spec.full_name)
    return SystemState(paused=tuple(paused), restored=tuple(restored))


async def describe_pool(client: PrefectClient) -> str:
    """Why no run can start: the work pool "is gone" or "is paused"; "" for a working pool."""
    with translate_errors():
        try:
            pool = await client.read_work_pool(WORK_POOL)
        except ObjectNotFound:
            return "is gone"
    return "is paused" if pool.is_paused else ""


async def _is_paused(client: PrefectClient, spec: DeploymentSpec) -> bool:
    try:
        found = await client.read_deployment_by_name(spec.full_name)
    except ObjectNotFound:
        return False
    return found.paused and not spec.is_paused


async def _restore(client: PrefectClient, spec: DeploymentSpec) -> bool:
    """Write a missing or changed deployment; False when nothing had to be written."""
    try:
        found = await client.read_deployment_by_name(spec.full_name)
    except ObjectNotFound:
        found = None
    if found is not None and not has_drifted(found, spec):
        return False
    flow_id = await client.create_flow_from_name(spec.flow)
    await client.create_deployment(flow_id, **build_request(spec))
    return True
