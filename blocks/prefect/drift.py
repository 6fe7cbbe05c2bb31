"""Comparison of our deployment specs with the deployments in Prefect.

DeploymentSpec -> request of `create_deployment`
DeploymentResponse, DeploymentSpec -> has_drifted
specs and deployments by name -> Drift -> SyncReport
specs and deployments by name -> pauses and resumes made in the Prefect UI (UiSwitch)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule

from blocks.prefect.specs import (
    PAUSED_TAG,
    SINGLE_RUN,
    WORK_POOL,
    DeploymentSpec,
    Schedule,
    build_parameter_schema,
)
from trading.domain.accounts import PairConfig
from trading.domain.units import Pair, UserId

_OPTIONS = ConcurrencyOptions(
    collision_strategy=ConcurrencyLimitStrategy(SINGLE_RUN["collision_strategy"]),
    grace_period_seconds=SINGLE_RUN["grace_period_seconds"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UiSwitch:
    """A pause, or the end of a pause, of a pair's deployment or schedule in the Prefect UI."""

    user_id: UserId
    pair: Pair
    is_paused: bool


class PairBooks(Protocol):
    """The pairs in the database, as far as a `sync` needs the database."""

    async def load_pairs(self) -> tuple[PairConfig, ...]: ...

    async def adopt_switches(self, switches: Iterable[UiSwitch]) -> None:
        """Write pauses and resumes of the Prefect UI into the database."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """
    Changes of a sync, by deployment name; all empty without drift.

    Attributes:
        removed: deleted, or paused during a last cycle and deleted by a later sync.
    """

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Differences: missing, changed and orphaned deployments."""

    missing: list[DeploymentSpec]
    drifted: list[DeploymentSpec]
    gone: list[DeploymentResponse]
    count: int

    @property
    def report(self) -> SyncReport:
        """The same by name."""
        return SyncReport(
            created=tuple(sorted(spec.name for spec in self.missing)),
            updated=tuple(sorted(spec.name for spec in self.drifted)),
            removed=tuple(sorted(found.name for found in self.gone)),
            unchanged=self.count - len(self.missing) - len(self.drifted),
        )


def compare_all(
    specs: Mapping[str, DeploymentSpec], *, current: Iterable[DeploymentResponse]
) -> Drift:
    """Compare deployments with specs, by deployment name."""
    stands = {found.name: found for found in current}
    known = specs.keys() & stands.keys()
    return Drift(
        missing=[spec for name, spec in specs.items() if name not in stands],
        drifted=[specs[name] for name in known if has_drifted(stands[name], specs[name])],
        gone=[found for name, found in stands.items() if name not in specs],
        count=len(specs),
    )


def find_ui_switches(
    specs: Mapping[str, DeploymentSpec], *, current: Iterable[DeploymentResponse]
) -> tuple[UiSwitch, ...]:
    """Pairs whose deployment was paused or resumed since Quorum wrote `PAUSED_TAG`."""
    return tuple(
        UiSwitch(
            user_id=UserId(specs[found.name].parameters["user_id"]),
            pair=Pair.parse(specs[found.name].parameters["pair"]),
            is_paused=is_stopped(found),
        )
        for found in current
        if found.name in specs and is_stopped(found) != (PAUSED_TAG in found.tags)
    )


def is_stopped(found: DeploymentResponse) -> bool:
    """Whether no scheduled run starts: the deployment or a schedule is paused."""
    return found.paused or any(not schedule.active for schedule in found.schedules)


def build_request(spec: DeploymentSpec) -> dict[str, Any]:
    """Every field but the flow's id; an upsert clears a missing field."""
    return {
        "name": spec.name,
        "entrypoint": spec.entrypoint,
        "description": spec.description,
        "work_pool_name": WORK_POOL,
        "work_queue_name": spec.queue,
        "parameters": dict(spec.parameters),
        "parameter_openapi_schema": build_parameter_schema(spec.flow),
        "enforce_parameter_schema": True,
        "tags": list(spec.tags),
        "schedules": [_build_schedule(spec.schedule)] if spec.schedule else [],
        "concurrency_limit": SINGLE_RUN["limit"] if spec.is_single else None,
        "concurrency_options": _OPTIONS if spec.is_single else None,
        "job_variables": {},
        "pull_steps": [],
        "paused": spec.is_paused,
    }


def has_drifted(current: DeploymentResponse, spec: DeploymentSpec) -> bool:
    """Whether any field of the spec differs in Prefect."""
    limit = current.global_concurrency_limit
    return (
        current.entrypoint != spec.entrypoint
        or current.paused != spec.is_paused
        or current.work_pool_name != WORK_POOL
        or current.work_queue_name != spec.queue
        or current.parameters != dict(spec.parameters)
        or set(current.tags) != set(spec.tags)
        or (current.description or "") != spec.description
        or current.parameter_openapi_schema != build_parameter_schema(spec.flow)
        or not current.enforce_parameter_schema
        or current.pull_steps != []
        or current.job_variables != {}
        or (limit.limit if limit and limit.active else None)
        != (SINGLE_RUN["limit"] if spec.is_single else None)
        or current.concurrency_options != (_OPTIONS if spec.is_single else None)
        or _list_schedules(current) != ([spec.schedule] if spec.schedule else [])
    )


def _build_schedule(schedule: Schedule) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(
        schedule=IntervalSchedule(
            interval=schedule.interval, anchor_date=schedule.anchor, timezone="UTC"
        ),
        active=schedule.is_active,
        slug=schedule.slug,
    )


def _list_schedules(current: DeploymentResponse) -> list[Schedule | None]:
    """The schedules in Prefect; None for a schedule of a foreign kind."""
    return [
        Schedule(
            interval=found.schedule.interval,
            anchor=found.schedule.anchor_date,
            slug=found.slug or "",
            is_active=found.active,
        )
        if isinstance(found.schedule, IntervalSchedule)
        else None
        for found in current.schedules
    ]
