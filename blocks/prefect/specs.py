"""Specifications of the deployments, from the database and from prefect.yaml.

PairConfig or prefect.yaml -> DeploymentSpec -> gateway (`blocks.prefect.gateway`) -> Prefect

Pure values: no client, no flow import. Scheduled deployments run once at a time and cancel a
second run (CANCEL_NEW): a late cycle is worthless. Deployments for requests of people have no
limit, or a user's panic would wait for another user's panic. Both are orchestration, not safety:
only the lease in our database permits an order.

Prefect has no jitter, so the anchor of the schedule spreads the starts: pairs over the whole
interval, the users of a pair over a few minutes only, because the users share a market snapshot
and the votes, and both must still be fresh for the last user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml

from trading.domain.accounts import PairConfig
from trading.domain.errors import PermanentError
from trading.domain.units import CYCLE_INTERVAL, Pair, UserId

WORK_POOL = "quorum"
SYSTEM_QUEUE = "system"
INTERACTIVE_QUEUE = "interactive"
SHARD_QUEUE = "shard-0"
SHARD_PRIORITY = 10
QUEUE_PRIORITIES: Mapping[str, int] = {
    SYSTEM_QUEUE: 1,
    INTERACTIVE_QUEUE: 2,
    SHARD_QUEUE: SHARD_PRIORITY,
}
"""Queues of a pool with one shard; the lower number goes first."""

CYCLE_FLOW = "trading-cycle"
CYCLE_ENTRYPOINT = "flows.trading_cycle.trading_cycle"
CYCLE_SLUG = "cycle"
TRADING_TAG = "trading"
PAUSED_TAG = "paused"
"""Tag of a pair's deployment that Quorum has paused. A deployment whose tag and pause differ was
paused or resumed by a person in the Prefect UI."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""A multiple of every interval we use; anchors count from it."""
USER_SPREAD = timedelta(minutes=2)
"""A look is shared for three minutes, and risk denies one that is older than five."""
START_GRACE_SECONDS = 120
"""A slot that was taken is given back if its run has not started by then."""
ENTRYPOINTS = frozenset(
    {
        CYCLE_ENTRYPOINT,
        "flows.reconcile.reconcile",
        "flows.watchdog.watchdog",
        "flows.reaper.reaper",
        "flows.close_positions.close_positions",
        "flows.verify_account.verify_account",
        "flows.look_up_pair.look_up_pair",
        "flows.council.ask_council",
        "flows.council.list_seats",
    }
)
"""The closed table of flows: a worker executes no other, whatever the server says."""
SINGLE_RUN: Mapping[str, Any] = {
    "limit": 1,
    "collision_strategy": "CANCEL_NEW",
    "grace_period_seconds": START_GRACE_SECONDS,
}
"""The one concurrency limit that we use, as prefect.yaml spells it."""


_USER: Mapping[str, Any] = {"type": "integer", "minimum": 1}
_TEXT: Mapping[str, Any] = {"type": "string"}
_INSTANT: Mapping[str, Any] = {"type": "string", "format": "date-time"}
_NULL: Mapping[str, Any] = {"type": "null"}


def _optional(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"anyOf": [schema, _NULL], "default": None}


FLOW_PARAMETERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    CYCLE_FLOW: {"user_id": _USER, "pair": _TEXT, "cycle_time": _optional(_INSTANT)},
    "reconcile": {"user_id": _optional({"type": "integer"})},
    "watchdog": {},
    "reaper": {},
    "close-positions": {"user_id": _USER, "pair": _optional(_TEXT)},
    "verify-account": {"user_id": _USER, "venue": _TEXT},
    "look-up-pair": {"venue": _TEXT, "pair": _TEXT},
    "ask-council": {"user_id": _USER, "venue": _TEXT, "pair": _TEXT},
    "list-seats": {},
}
"""What each flow takes, as JSON schema; without a default it is required. A test holds it to the
flows' own signatures: reading those here would import the flows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Every `interval` from `anchor` (aware UTC); `slug` is unique within a deployment."""

    interval: timedelta
    anchor: datetime
    slug: str
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSpec:
    """
    All fields of a deployment. Prefect clears a field missing here.

    Attributes:
        entrypoint: dotted, to run the installed package and not a copy of a file.
        parameters: ids only, never a secret: Prefect stores them in clear.
        schedule: None for a deployment started by name only.
        is_single: runs once at a time; a second run is canceled.
    """

    flow: str
    name: str
    entrypoint: str
    queue: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    schedule: Schedule | None = None
    is_single: bool = True
    is_paused: bool = False
    description: str = ""

    @property
    def full_name(self) -> str:
        """flow/deployment, the lookup name in Prefect."""
        return f"{self.flow}/{self.name}"


def list_queues(shards: int) -> dict[str, int]:
    """The priority of each queue of a pool, by name."""
    return {**QUEUE_PRIORITIES, **{f"shard-{n}": SHARD_PRIORITY for n in range(shards)}}


def find_shard(user_id: UserId, pair: Pair, *, shards: int) -> str:
    """
    The queue of a user's pair.

    Stable over restarts and machines. The hash differs from the hash of `compute_offset`: with
    equal hashes a shard would get all pairs with the same start at once.
    """
    digest = blake2s(f"{user_id}:{pair}".encode(), digest_size=4).digest()
    return f"shard-{int.from_bytes(digest) % shards}"


def build_pair_spec(
    config: PairConfig, *, is_paused: bool | None = None, shards: int = 1
) -> DeploymentSpec:
    """The deployment of a user's pair; `is_paused` from the config when None."""
    is_paused = config.is_paused if is_paused is None else is_paused
    tags = (TRADING_TAG, f"user:{config.user_id}", f"pair:{config.pair}")
    return DeploymentSpec(
        flow=CYCLE_FLOW,
        name=build_pair_name(config.user_id, config.pair),
        entrypoint=CYCLE_ENTRYPOINT,
        queue=find_shard(config.user_id, config.pair, shards=shards),
        parameters={"user_id": int(config.user_id), "pair": str(config.pair)},
        tags=(*tags, PAUSED_TAG) if is_paused else tags,
        schedule=Schedule(
            interval=CYCLE_INTERVAL,
            anchor=EPOCH + compute_offset(config.user_id, config.pair),
            slug=CYCLE_SLUG,
        ),
        is_paused=is_paused,
        description=f"Cycles of user {config.user_id} on {config.pair}, {config.mode}.",
    )


def build_pair_name(user_id: UserId, pair: Pair) -> str:
    """u1-BTC-USDT: unique, because neither part of a pair can hold a dash."""
    return f"u{user_id}-{pair.slug}"


def compute_offset(user_id: UserId, pair: Pair) -> timedelta:
    """
    How long after the slot's begin this pair of this user starts, in [0, interval).

    The same after any restart and on any machine (crc32, not hash).
    """
    spread = USER_SPREAD // timedelta(seconds=1)
    room = CYCLE_INTERVAL // timedelta(seconds=1) - spread
    seconds = crc32(str(pair).encode()) % room + crc32(f"{user_id}:{pair}".encode()) % spread
    return timedelta(seconds=seconds)


def build_parameter_schema(flow: str) -> dict[str, Any]:
    """The schema of a run's parameters, for Prefect's validation and UI."""
    parameters = FLOW_PARAMETERS.get(flow, {})
    return {
        "title": "Parameters",
        "type": "object",
        "properties": {
            name: {"title": name, "position": position, **schema}
            for position, (name, schema) in enumerate(parameters.items())
        },
        "required": [name for name, schema in parameters.items() if "default" not in schema],
        "definitions": {},
    }


def load_specs(path: Path) -> tuple[DeploymentSpec, ...]:
    """
    Read the deployments of a prefect.yaml.

    Raises:
        PermanentError: for a missing file or an incomplete deployment.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return tuple(_parse_deployment(entry) for entry in document["deployments"])
    except OSError as error:
        raise PermanentError(f"{path} can't be read: {error.strerror}.") from error
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise PermanentError(f"{path.name} is not a list of deployments: {error}.") from error


def _parse_deployment(entry: Mapping[str, Any]) -> DeploymentSpec:
    schedules = entry.get("schedules") or []
    if len(schedules) > 1:
        raise ValueError(f"{entry['name']} has {len(schedules)} schedules, we read one")
    if entry["work_pool"]["name"] != WORK_POOL:
        raise ValueError(f"{entry['name']} asks for the pool {entry['work_pool']['name']}")
    limit = entry.get("concurrency_limit")
    if limit not in (None, SINGLE_RUN):
        raise ValueError(f"{entry['name']} has a concurrency limit other than {SINGLE_RUN}")
    return DeploymentSpec(
        flow=entry["flow_name"],
        name=entry["name"],
        entrypoint=entry["entrypoint"],
        queue=entry["work_pool"]["work_queue_name"],
        parameters=entry.get("parameters") or {},
        tags=tuple(entry.get("tags") or ()),
        schedule=_parse_schedule(schedules[0]) if schedules else None,
        is_single=limit is not None,
        is_paused=bool(entry.get("paused", False)),
        description=entry.get("description") or "",
    )


def _parse_schedule(entry: Mapping[str, Any]) -> Schedule:
    return Schedule(
        interval=timedelta(seconds=entry["interval"]),
        anchor=datetime.fromisoformat(str(entry["anchor_date"])),
        slug=entry["slug"],
        is_active=bool(entry.get("active", True)),
    )
