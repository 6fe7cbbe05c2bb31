"""The soak: cycles for a long time, and whether what each process holds grows with them.

users -> runs at an even pace -> memory and open files, sampled -> slope for each 1,000 cycles

Each cycle has a user of its own, so that none is a repetition; they take turns in a few hundred
deployments, which a run may do by naming its user. Reaper, reconcile and watchdog run as they do
for people. The first part of a run fills caches, so the slope of its second half is told besides.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.campaigns.capacity.books import judge, read_books, read_seen
from tests.campaigns.capacity.campaign import (
    LEAD_SECONDS,
    PATIENCE_SECONDS,
    SETTLE_SECONDS,
    Note,
    await_worker,
    create_run,
    warm_up,
)
from tests.campaigns.capacity.meter import Meter, Sample
from tests.campaigns.capacity.stage import (
    PAIRS,
    Engine,
    Stage,
    open_doubles,
    open_engine,
    open_stage,
)
from tests.campaigns.capacity.trend import fit_trend
from trading.domain.accounts import PairConfig

DEPLOYMENTS = 200
SAMPLE_SECONDS = 5.0
THOUSAND = 1000.0
NOTE_EVERY = 100

type Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """A cycle for each user, over so many seconds, each run in the next deployment's name."""

    configs: Sequence[PairConfig]
    deployments: Sequence[UUID]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What was sampled; `done` has the cycles that were closed at each sample."""

    samples: list[Sample]
    done: list[int]
    seconds: float
    judged: Figures


async def run_soak(*, cycles: int, seconds: float, folder: Path, note: Note) -> Figures:
    """The figures of that many cycles at an even pace over so many seconds."""
    async with AsyncExitStack() as parts:
        doubles = await parts.enter_async_context(open_doubles())
        stage = await parts.enter_async_context(open_stage(folder, doubles))
        engine = await parts.enter_async_context(open_engine(stage, "ours"))
        await engine.deploy_system()
        note(f"{cycles} users")
        configs = await stage.add_users(cycles, prefix="s")
        deployed = await engine.deploy(configs[: DEPLOYMENTS - DEPLOYMENTS % len(PAIRS)])
        await await_worker(engine.client, engine.start_worker())
        await warm_up(stage, engine)
        turns = Turns(configs=configs, deployments=list(deployed.values()), seconds=seconds)
        soaked = await _soak(stage, engine, turns, note=note)
    return build_figures(soaked)


async def _soak(stage: Stage, engine: Engine, turns: Turns, *, note: Note) -> Soaked:
    meter = Meter(
        roots=engine.list_roots(stage),
        count_runs=stage.count_open_cycles,
    )
    done: list[int] = []
    began = time.monotonic()

    async def keep_sampling() -> None:
        while True:
            meter.samples.append(meter.take_sample())
            done.append(_count_closed(stage))
            await asyncio.sleep(SAMPLE_SECONDS)

    async with asyncio.TaskGroup() as group:
        sampling = group.create_task(keep_sampling())
        ids = await _make_runs(engine, turns, note=note)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while _count_closed(stage) < len(turns.configs) and time.monotonic() < deadline:  # noqa: ASYNC110 - polled: another process closes them
            await asyncio.sleep(1)
        await asyncio.sleep(SETTLE_SECONDS)
        sampling.cancel()
    with engine.open_books() as books:
        seen = read_seen(books, ids)
    judged = judge(seen, asked=len(turns.configs), books=read_books(stage, turns.configs))
    return Soaked(
        samples=meter.samples, done=done, seconds=time.monotonic() - began, judged=judged
    )


async def _make_runs(engine: Engine, turns: Turns, *, note: Note) -> list[UUID]:
    configs, deployments = turns.configs, turns.deployments
    gap = turns.seconds / len(configs)
    begin = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS)
    ids = []
    for number, config in enumerate(configs):
        due = begin + timedelta(seconds=number * gap)
        early = (due - datetime.now(UTC)).total_seconds() - LEAD_SECONDS
        await asyncio.sleep(max(early, 0))
        deployment = deployments[number % len(deployments)]
        parameters = {"user_id": int(config.user_id), "pair": str(config.pair)}
        ids.append(await create_run(engine.client, deployment, due=due, parameters=parameters))
        if number % NOTE_EVERY == 0:
            note(f"{number} of {len(configs)} runs made")
    return ids


def _count_closed(stage: Stage) -> int:
    return int(stage.ask("SELECT count(*) FROM cycles WHERE outcome IS NOT NULL")[0][0])


def build_figures(soaked: Soaked) -> Figures:
    """Everything by the name that the bench prints; the samples for the picture besides."""
    cycles = [float(count) for count in soaked.done]
    figures: Figures = {
        "seconds": round(soaked.seconds, 1),
        "samples": len(cycles),
        **{name: soaked.judged[name] for name in ("asked", "completed", "executed_twice")},
        "prefect": soaked.judged["prefect"],
    }
    series: dict[str, list[float]] = {}
    for name in soaked.samples[0].own_mb:
        series[f"{name}_mb"] = [sample.own_mb[name] for sample in soaked.samples]
        series[f"{name}_files"] = [float(sample.files[name]) for sample in soaked.samples]
    series["children_mb"] = [sum(sample.children_mb) for sample in soaked.samples]
    half = len(cycles) // 2
    for name, values in series.items():
        whole, later = fit_trend(cycles, values), fit_trend(cycles[half:], values[half:])
        figures[name] = {
            "first": round(values[0], 1),
            "last": round(values[-1], 1),
            "per_1000_cycles": whole.scaled(THOUSAND) if whole else None,
            "per_1000_cycles_second_half": later.scaled(THOUSAND) if later else None,
        }
    return figures | {"series": {"cycles": cycles, **series}}
