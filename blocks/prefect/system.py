"""The system's objects in Prefect: work pool, queues and the deployments of prefect.yaml.

read_system -> SystemState;  prefect.yaml -> restore_system -> missing objects created

A missing pool is only reported: every worker, `quorum up` and `quorum prepare` create the pool
with type and template, and the next restore brings queues and deployments back. A pause is a
decision of a person and is never lifted here.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import ensure_queue, translate_errors
from blocks.prefect.drift import build_request, has_drifted, is_stopped
from blocks.prefect.specs import WORK_POOL, DeploymentSpec, list_queues, load_specs

SPECS = Path(__file__).resolve().parents[2] / "prefect.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemState:
    """
    State of the system's objects.

    Attributes:
        has_pool: False when the work pool is gone: no run starts.
        is_pool_paused: the pool is also in `paused`.
        paused: names of a paused pool, of paused queues and of paused deployments.
        missing: names of queues and deployments that are missing or changed.
        restored: names of deployments that `restore_system` wrote.
    """

    has_pool: bool = True
    is_pool_paused: bool = False
    paused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every object is in place and nothing is paused."""
        return self.has_pool and not self.paused and not self.missing


async def read_system(client: PrefectClient, *, shards: int) -> SystemState:
    """Read the state and write nothing. Raises as the gateway does."""
    with translate_errors():
        try:
            pool = await client.read_work_pool(WORK_POOL)
        except ObjectNotFound:
            return SystemState(has_pool=False)
        paused = [f"work pool {WORK_POOL}"] if pool.is_paused else []
        queues = {one.name: one for one in await client.read_work_queues(work_pool_name=WORK_POOL)}
        wanted = list_queues(shards)
        paused += [f"queue {name}" for name in wanted if name in queues and queues[name].is_paused]
        missing = [f"queue {name}" for name in wanted if name not in queues]
        for spec in load_specs(SPECS):
            found = await _find(client, spec)
            if found is not None and is_stopped(found) and not _is_meant_to_stop(spec):
                paused.append(f"deployment {spec.full_name}")
            elif found is None or has_drifted(found, spec):
                missing.append(f"deployment {spec.full_name}")
    return SystemState(is_pool_paused=pool.is_paused, paused=tuple(paused), missing=tuple(missing))


async def restore_system(client: PrefectClient, *, shards: int) -> SystemState:
    """Create missing queues and deployments; report pauses. Raises as the gateway does."""
    state = await read_system(client, shards=shards)
    if not state.has_pool:
        return state
    restored = []
    with translate_errors():
        for name, priority in list_queues(shards).items():
            await ensure_queue(client, name=name, priority=priority)
        for spec in load_specs(SPECS):
            if f"deployment {spec.full_name}" in state.missing:
                flow_id = await client.create_flow_from_name(spec.flow)
                await client.create_deployment(flow_id, **build_request(spec))
                restored.append(spec.full_name)
    return replace(state, missing=(), restored=tuple(restored))


def _is_meant_to_stop(spec: DeploymentSpec) -> bool:
    return spec.is_paused or (spec.schedule is not None and not spec.schedule.is_active)


async def _find(client: PrefectClient, spec: DeploymentSpec) -> DeploymentResponse | None:
    try:
        return await client.read_deployment_by_name(spec.full_name)
    except ObjectNotFound:
        return None
