"""Pressure: the stack under a burst while something of it is killed, gone or doubled.

users -> due cycles -> the disturbance -> until all have ended -> both books -> figures

One PostgreSQL, one server and the doubles for all scenarios, users of their own and a fresh worker
for each; reaper, reconcile and watchdog run on their schedules as they do for people. Who watches
reads Prefect's tables and ours, so that the look costs nobody a request.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from cli.stack.processes import Child, stop_child
from tests.campaigns.capacity.books import Seen, is_settled, judge, read_books, read_seen
from tests.campaigns.capacity.campaign import LEAD_SECONDS, Note, await_worker, create_run, warm_up
from tests.campaigns.capacity.stage import (
    GRACE_SECONDS,
    Engine,
    Stage,
    kill_child,
    open_doubles,
    open_engine,
    open_stage,
)
from trading.cycle import CYCLE_GRACE
from trading.domain.accounts import PairConfig
from trading.domain.units import CYCLE_INTERVAL

LOOK_SECONDS = 2.0
CREATION_SECONDS = 0.15
"""Of one run, on busy cores: the burst is due when its last run has been made."""
PATIENCE_SECONDS = 480.0
SECONDS_PER_CYCLE = 3.0
BOOKS_SECONDS = 60.0
"""A run is final before its hooks are through: for so long we wait for receipts and stops."""
SERVER_DOWN_SECONDS = 5.0
DATABASE_DOWN_SECONDS = 30.0
IN_HAND = frozenset({"PENDING", "RUNNING"})
IN_FLIGHT = 50
"""As many as a worker takes."""
UNDER_WAY = 0.2
"""Of the cycles have ended when the disturbance comes."""

type Figures = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Scene:
    """A scenario while it is played; `seen` is the newest look."""

    stage: Stage
    engine: Engine
    note: Note
    configs: Sequence[PairConfig]
    ids: list[UUID] = field(default_factory=list)
    seen: dict[UUID, Seen] = field(default_factory=dict)
    stuck: set[UUID] = field(default_factory=set)
    disturbed_at: float = 0.0
    told: Figures = field(default_factory=dict)

    def look(self) -> None:
        """Take a new look; while the database is away there is none."""
        try:
            with self.engine.open_books() as books:
                self.seen = read_seen(books, self.ids)
        except psycopg.OperationalError:
            return
        now = time.time()
        self.stuck |= {run_id for run_id, run in self.seen.items() if run.is_stuck(now=now)}

    def count_ended(self) -> int:
        """Runs that are final."""
        return sum(run.is_final for run in self.seen.values())

    def count_in_flight(self) -> int:
        """Runs that a worker has taken and that have not ended."""
        return sum(run.kind in IN_HAND for run in self.seen.values())

    def worker(self) -> Child:
        """The first one of this scenario that lives."""
        return next(child for child in self.engine.workers if child.is_alive)


type Act = Callable[[Scene], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    What is asked of the stack.

    Attributes:
        share: of the cycles that are asked for.
        lateness: by how much the runs of each part are late when they are made.
    """

    act: Act
    share: float = 1.0
    workers: int = 1
    lateness: tuple[timedelta, ...] = (timedelta(0),)

    @property
    def is_full(self) -> bool:
        """Whether the queue is full before a worker is there to take from it."""
        return len(self.lateness) > 1


async def run_pressure(
    names: Sequence[str], *, cycles: int, folder: Path, note: Note
) -> dict[str, Figures]:
    """The figures of each scenario by its name."""
    found: dict[str, Figures] = {}
    async with AsyncExitStack() as parts:
        doubles = await parts.enter_async_context(open_doubles())
        stage = await parts.enter_async_context(open_stage(folder, doubles))
        engine = await parts.enter_async_context(open_engine(stage, "ours"))
        await engine.deploy_system()
        for name in names:
            note(f"{name}: begins")
            found[name] = await _play(name, stage=stage, engine=engine, cycles=cycles, note=note)
            note(f"{name}: {found[name]}")
    return found


async def _play(name: str, *, stage: Stage, engine: Engine, cycles: int, note: Note) -> Figures:
    scenario = SCENARIOS[name]
    began = time.monotonic()
    configs = await stage.add_users(max(round(cycles * scenario.share), 2), prefix=f"{name}-")
    deployed = await engine.deploy(configs)
    scene = Scene(stage=stage, engine=engine, note=note, configs=configs)
    deployments = [deployed[c.user_id] for c in configs]
    if scenario.is_full:
        due = await _make_runs(scene, scenario, deployments=deployments)
        await _start_workers(engine, scenario.workers)
    else:
        await _start_workers(engine, scenario.workers)
        await warm_up(stage, engine)
        due = await _make_runs(scene, scenario, deployments=deployments)
    async with asyncio.TaskGroup() as group:
        group.create_task(scenario.act(scene))
        watching = group.create_task(_watch(scene, due=due))
    clear_after = watching.result()
    await _await(lambda: is_settled(read_books(stage, configs)), seconds=BOOKS_SECONDS)
    settled_after = round(time.time() - due.timestamp(), 1)
    books = read_books(stage, configs)
    for worker in engine.workers:
        await stop_child(worker, grace_seconds=GRACE_SECONDS)
    engine.workers.clear()
    return {
        **judge(scene.seen, asked=len(configs), books=books),
        "running_over_5_min": len(scene.stuck),
        "backlog_clear_seconds": clear_after,
        "books_settled_seconds": settled_after,
        **scene.told,
        "seconds": round(time.monotonic() - began, 1),
    }


async def _start_workers(engine: Engine, count: int) -> None:
    for _ in range(count):
        await await_worker(engine.client, engine.start_worker())


async def _make_runs(scene: Scene, scenario: Scenario, *, deployments: Sequence[UUID]) -> datetime:
    """The runs, due at one instant but for what is late by then; when that is."""
    lead = timedelta(seconds=LEAD_SECONDS + CREATION_SECONDS * len(deployments))
    due = datetime.now(UTC) + lead
    for number, deployment in enumerate(deployments):
        late = scenario.lateness[number % len(scenario.lateness)]
        run_id = await create_run(scene.engine.client, deployment, due=due - late)
        scene.ids.append(run_id)
    if scenario.is_full:
        _mark_as_scheduled(scene.engine, scene.ids)
    scene.note(f"{len(deployments)} runs are due at {due:%H:%M:%S}")
    return due


def _mark_as_scheduled(engine: Engine, ids: Sequence[UUID]) -> None:
    """As if Prefect's scheduler had made them: only that may be dropped for being late."""
    with engine.open_books() as books:
        books.execute("UPDATE flow_run SET auto_scheduled = true WHERE id = ANY(%s)", (list(ids),))


async def _watch(scene: Scene, *, due: datetime) -> float | None:
    """Seconds from due until every run has ended; None when some have not."""
    patience = PATIENCE_SECONDS + SECONDS_PER_CYCLE * len(scene.ids)
    while time.time() - due.timestamp() < patience:
        await asyncio.sleep(LOOK_SECONDS)
        scene.look()
        if scene.seen and scene.count_ended() == len(scene.ids):
            return round(time.time() - due.timestamp(), 1)
    return None


async def _await(is_so: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Until it is so; a scenario whose time never comes shows in its figures."""
    deadline = time.monotonic() + seconds
    while not is_so() and time.monotonic() < deadline:  # noqa: ASYNC110 - polled: other processes do it
        await asyncio.sleep(0.2)


async def _be_under_way(scene: Scene) -> None:
    least = max(round(len(scene.ids) * UNDER_WAY), 1)
    await _await(lambda: scene.count_ended() >= least)
    scene.disturbed_at = time.time()


async def _do_nothing(scene: Scene) -> None:
    await _be_under_way(scene)


async def _restart_server(scene: Scene) -> None:
    await _be_under_way(scene)
    scene.note(f"the server is killed with {scene.count_in_flight()} runs in flight")
    await scene.engine.restart_server(down_seconds=SERVER_DOWN_SECONDS)
    scene.told["server_gone_seconds"] = round(time.time() - scene.disturbed_at, 1)


async def _take_database(scene: Scene) -> None:
    await _be_under_way(scene)
    scene.note(f"PostgreSQL goes with {scene.count_in_flight()} runs in flight")
    scene.stage.hang_up()
    await asyncio.to_thread(scene.stage.server.stop)
    await asyncio.sleep(DATABASE_DOWN_SECONDS)
    await asyncio.to_thread(scene.stage.server.start)
    scene.told["database_gone_seconds"] = round(time.time() - scene.disturbed_at, 1)


async def _kill_worker(scene: Scene) -> None:
    most = min(IN_FLIGHT, max(len(scene.ids) // 2, 1))
    await _await(lambda: scene.count_in_flight() >= most)
    scene.disturbed_at = time.time()
    scene.look()
    lost = {run_id for run_id, run in scene.seen.items() if run.kind in IN_HAND}
    scene.note(f"the worker is killed with {len(lost)} runs in flight")
    await kill_child(scene.worker())
    scene.engine.start_worker()
    await _await(lambda: all(scene.seen[run_id].is_final for run_id in lost))
    ends = [scene.seen[run_id].since - scene.disturbed_at for run_id in lost]
    scene.told |= {
        "in_flight": len(lost),
        "crashed_after_seconds_max": round(max(ends, default=0.0), 1),
    }


SCENARIOS: dict[str, Scenario] = {
    "burst": Scenario(act=_do_nothing),
    "server": Scenario(act=_restart_server),
    "database": Scenario(act=_take_database, share=0.5),
    "kill": Scenario(act=_kill_worker, share=0.5),
    "workers": Scenario(act=_do_nothing, workers=2),
    "slot": Scenario(
        act=_do_nothing,
        share=0.5,
        lateness=(
            timedelta(0),
            CYCLE_GRACE - timedelta(seconds=30),
            CYCLE_GRACE + timedelta(minutes=1),
            CYCLE_INTERVAL + timedelta(minutes=1),
        ),
    ),
}
