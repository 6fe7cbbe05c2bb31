"""The campaign: due cycles, what each of them cost, and the same of the stock process worker.

users -> runs that are due one after the other -> ends -> accounts -> figures

The worker is warm and idle when the accounts are opened. Creating the runs is in them, though a
scheduler does that for less; the users and their deployments are not.
"""

import asyncio
import logging
import math
import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import AsyncExitStack
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.filters import FlowRunFilterId
from prefect.client.schemas.filters import LogFilter
from prefect.client.schemas.filters import LogFilterLevel
from prefect.client.schemas.filters import WorkPoolFilter
from prefect.client.schemas.filters import WorkPoolFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Scheduled

from blocks.deployment_specs import SHARD_QUEUE
from blocks.deployment_specs import WORK_POOL
from cli.processes import Child
from tests.capacity.meter import Meter
from tests.capacity.meter import Sample
from tests.capacity.stage import ORDER_SECONDS
from tests.capacity.stage import WARM_UP_PAIR
from tests.capacity.stage import Engine
from tests.capacity.stage import Kind
from tests.capacity.stage import Stage
from tests.capacity.stage import open_doubles
from tests.capacity.stage import open_engine
from tests.capacity.stage import open_stage
from trading.accounts import PairConfig
from trading.errors import PermanentError

HALF_HOUR = 1800.0
CORES = 2
READY_SECONDS = 120.0
PATIENCE_SECONDS = 300.0
LEAD_SECONDS = 12.0
POLL_SECONDS = 0.5
SETTLE_SECONDS = 4.0
"""The server records in batches; what it owes is paid before the accounts are closed."""
WARM_UP_CYCLES = 3
PAGE = 200
SHOWN_ERRORS = 3
STOCK_GAP_SECONDS = 9.0

type Note = Callable[[str], None]
type Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What to run.

    Attributes:
        cycles: of distinct users.
        per_half_hour: the rate at which they come due; 0 makes them all due at once.
        stock_cycles: so many through the stock process worker besides; 0 for none.
        choices: environment over what `quorum up` sets, to measure a choice.
    """

    cycles: int
    per_half_hour: float
    stock_cycles: int
    choices: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a part of the campaign came to, seconds and bytes in total."""

    cpu: dict[str, float]
    samples: list[Sample]
    idle: Sample
    runs: list[FlowRun]
    outcomes: Counter[str]
    bytes_app: Counter[str]
    bytes_prefect: int
    seconds: float


async def run_campaign(plan: Plan, *, folder: Path, note: Note) -> Figures:
    """The figures, by the names that the bench prints."""
    async with AsyncExitStack() as parts:
        doubles = await parts.enter_async_context(open_doubles())
        stage = await parts.enter_async_context(open_stage(folder, doubles))
        note(f"{plan.cycles + plan.stock_cycles} users with a pair each")
        ours = await stage.add_users(plan.cycles, prefix="u")
        theirs = await stage.add_users(plan.stock_cycles, prefix="s")
        gap = HALF_HOUR / plan.per_half_hour if plan.per_half_hour else 0.0
        warm = await _run_part(stage, "ours", ours, gap=gap, plan=plan, note=note)
        stock = None
        if theirs:
            stock = await _run_part(
                stage, "stock", theirs, gap=STOCK_GAP_SECONDS, plan=plan, note=note
            )
        journal = await doubles.end()
        orders = _count_orders(stage, ours)
    return build_figures(warm, stock=stock, journal=journal, orders=orders, configs=ours)


async def _run_part(
    stage: Stage, kind: Kind, configs: Sequence[PairConfig], *, gap: float, plan: Plan, note: Note
) -> Outcome:
    choices = plan.choices if kind == "ours" else {}
    async with open_engine(stage, kind, **choices) as engine:
        note(f"{kind}: {len(configs)} deployments")
        deployed = await engine.deploy(list(configs))
        worker = engine.start_worker()
        await await_worker(engine.client, worker)
        if kind == "ours":
            await _warm_up(stage, engine)
        meter = Meter(
            roots={
                "server": engine.server.process.pid,
                "worker": worker.process.pid,
                "postgres": stage.postgres,
            },
            count_runs=stage.count_open_cycles,
        )
        idle = meter.take_sample()
        before, bytes_app = meter.read_cpu(), stage.measure_tables()
        bytes_prefect, began = measure_sqlite(engine.sqlite), time.monotonic()
        async with asyncio.TaskGroup() as group:
            sampling = group.create_task(meter.keep_sampling())
            ids = await create_runs(engine.client, [deployed[c.user_id] for c in configs], gap=gap)
            note(f"{kind}: {len(ids)} runs made")
            runs = await _await_ends(stage, engine.client, ids, configs=configs, gap=gap)
            await asyncio.sleep(SETTLE_SECONDS)
            sampling.cancel()
        after = meter.read_cpu()
        outcome = Outcome(
            cpu={name: after[name] - before[name] for name in after},
            samples=meter.samples,
            idle=idle,
            runs=runs,
            outcomes=_count_outcomes(stage, configs),
            bytes_app=stage.measure_tables() - bytes_app,
            bytes_prefect=measure_sqlite(engine.sqlite) - bytes_prefect,
            seconds=time.monotonic() - began,
        )
        note(f"{kind}: {dict(outcome.outcomes)} in {outcome.seconds:.0f} s")
        for reason, times in _explain_failures(stage, configs):
            note(f"{kind}: {times} x {reason}")
        for error in await _list_errors(engine.client):
            note(error)
        return outcome


async def _warm_up(stage: Stage, engine: Engine) -> None:
    """Cycles of another pair, so that nothing that a worker does once is in the accounts."""
    configs = await stage.add_users(WARM_UP_CYCLES, prefix="w", pairs=(WARM_UP_PAIR,))
    deployed = await engine.deploy(configs)
    ids = await create_runs(engine.client, list(deployed.values()), gap=0, lead=0)
    await _await_ends(stage, engine.client, ids, configs=configs, gap=0)
    await asyncio.sleep(SETTLE_SECONDS)


async def await_worker(client: PrefectClient, worker: Child) -> None:
    """Until the pool's worker has said that it is there."""
    deadline = time.monotonic() + READY_SECONDS
    while not await client.read_workers_for_work_pool(WORK_POOL):
        if time.monotonic() > deadline or not worker.is_alive:
            raise PermanentError(f"The worker does not come up:\n{worker.tail_log(lines=20)}")
        await asyncio.sleep(POLL_SECONDS)


async def create_runs(
    client: PrefectClient, deployments: Sequence[UUID], *, gap: float, lead: float = LEAD_SECONDS
) -> list[UUID]:
    """One run of each deployment, due one `gap` after the other from `lead` seconds on."""
    begin = datetime.now(UTC) + timedelta(seconds=lead)
    ids = []
    for number, deployment in enumerate(deployments):
        due = begin + timedelta(seconds=number * gap)
        ids.append(await _create(client, deployment, due=due))
    return ids


async def _create(client: PrefectClient, deployment: UUID, *, due: datetime) -> UUID:
    """Patiently: a busy SQLite refuses now and then."""
    for wait in (1, 2, 4, 8, 0):
        try:
            run = await client.create_flow_run_from_deployment(
                deployment,
                state=Scheduled(scheduled_time=due),
                work_queue_name=SHARD_QUEUE,
            )
        except PrefectHTTPStatusError as error:
            if wait == 0 or not error.response.is_server_error:
                raise
            await asyncio.sleep(wait)
        else:
            return run.id
    raise AssertionError("the last wait is 0")


async def _await_ends(
    stage: Stage,
    client: PrefectClient,
    ids: Sequence[UUID],
    *,
    configs: Sequence[PairConfig],
    gap: float,
) -> list[FlowRun]:
    """The runs once their cycles are closed and Prefect knows; asks the database, it is cheap."""
    deadline = time.monotonic() + len(ids) * gap + PATIENCE_SECONDS
    users = _list(configs)
    closed = f"SELECT count(*) FROM cycles WHERE outcome IS NOT NULL AND user_id IN ({users})"
    while stage.ask(closed)[0][0] < len(ids) and time.monotonic() < deadline:  # noqa: ASYNC110 - polled: another process closes them
        await asyncio.sleep(POLL_SECONDS)
    while True:
        runs = await read_runs(client, ids)
        if all(run.state and run.state.is_final() for run in runs) or time.monotonic() > deadline:
            return runs
        await asyncio.sleep(2)


async def read_runs(client: PrefectClient, ids: Sequence[UUID]) -> list[FlowRun]:
    """The runs of those ids."""
    found: list[FlowRun] = []
    for start in range(0, len(ids), PAGE):
        wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(ids[start : start + PAGE])))
        pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[WORK_POOL]))
        found += await client.read_flow_runs(
            flow_run_filter=wanted, work_pool_filter=pool, limit=PAGE
        )
    return found


def measure_sqlite(path: Path) -> int:
    """Bytes of the pages in use."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    return int((pages - free) * size)


def _count_outcomes(stage: Stage, configs: Sequence[PairConfig]) -> Counter[str]:
    rows = stage.ask(
        "SELECT coalesce(outcome::text, 'open'), count(*) FROM cycles "
        f"WHERE user_id IN ({_list(configs)}) GROUP BY 1"
    )
    return Counter({str(outcome): int(count) for outcome, count in rows})


def _explain_failures(stage: Stage, configs: Sequence[PairConfig]) -> list[tuple[Any, ...]]:
    return stage.ask(
        f"SELECT reason, count(*) FROM cycles WHERE user_id IN ({_list(configs)}) "
        "AND outcome IN ('failed', 'interrupted', 'skipped') GROUP BY 1"
    )


async def _list_errors(client: PrefectClient) -> list[str]:
    """What the flows and tasks logged as an error, a few of each."""
    wanted = LogFilter(level=LogFilterLevel(ge_=logging.ERROR))
    return [log.message for log in await client.read_logs(wanted, limit=SHOWN_ERRORS)]


def _count_orders(stage: Stage, configs: Sequence[PairConfig]) -> dict[int, int]:
    """Orders that were placed, by user."""
    rows = stage.ask(
        f"SELECT user_id, count(*) FROM orders WHERE user_id IN ({_list(configs)}) GROUP BY 1"
    )
    return {int(user): int(count) for user, count in rows}


def _list(configs: Sequence[PairConfig]) -> str:
    return ", ".join(str(int(config.user_id)) for config in configs)


def build_figures(
    warm: Outcome,
    *,
    stock: Outcome | None,
    journal: dict[str, Any],
    orders: dict[int, int],
    configs: Sequence[PairConfig],
) -> Figures:
    """Everything by the name that the bench prints."""
    count = len(configs)
    per_cycle = sum(warm.cpu.values()) / count
    walls, paths = _measure_walls(warm, journal=journal, orders=orders, configs=configs)
    ratios = [wall / path for wall, path in zip(walls, paths, strict=True) if path > 0]
    delays = [_delay(run) for run in warm.runs]
    memory = [
        (sample.own_mb["worker"] - warm.idle.own_mb["worker"]) / sample.runs
        for sample in warm.samples
        if sample.runs
    ]
    figures: Figures = {
        "benchmark": "capacity",
        "cycles": count,
        "cpu_seconds_per_cycle": round(per_cycle, 3),
        **{f"cpu_{name}": round(seconds / count, 3) for name, seconds in warm.cpu.items()},
        "cycles_per_30min_two_cores": int(CORES * HALF_HOUR / per_cycle),
        "private_mb_per_run_p95": round(compute_quantile(memory, 0.95), 1),
        "parent_mb": round(warm.idle.own_mb["worker"], 1),
        "runs_at_once_max": max(sample.runs for sample in warm.samples),
        "wall_seconds_p50": round(compute_quantile(walls, 0.5), 2),
        "wall_seconds_p99": round(compute_quantile(walls, 0.99), 2),
        "start_delay_seconds_p50": round(compute_quantile(delays, 0.5), 2),
        "start_delay_seconds_p99": round(compute_quantile(delays, 0.99), 2),
        "critical_path_seconds": round(compute_quantile(paths, 0.5), 2),
        "overhead_ratio": round(compute_quantile(ratios, 0.5), 3),
        "overhead_ratio_p99": round(compute_quantile(ratios, 0.99), 3),
        "db_bytes_per_cycle_app": warm.bytes_app.total() // count,
        "db_bytes_app_largest": {n: b // count for n, b in warm.bytes_app.most_common(5)},
        "db_bytes_per_cycle_prefect": warm.bytes_prefect // count,
        "network_bytes_per_cycle": journal["bytes"] // (count + (len(stock.runs) if stock else 0)),
        "failed": _count_failed(warm, count),
        "outcomes": dict(warm.outcomes),
        "seconds": round(warm.seconds, 1),
    }
    if stock is not None:
        theirs = sum(stock.cpu.values()) / len(stock.runs)
        children = [mb for sample in stock.samples for mb in sample.children_mb]
        figures |= {
            "ratio_to_process_worker": round(theirs / per_cycle, 2),
            "process_cycles": len(stock.runs),
            "process_cpu_seconds_per_cycle": round(theirs, 3),
            **{
                f"process_cpu_{name}": round(seconds / len(stock.runs), 3)
                for name, seconds in stock.cpu.items()
            },
            "process_private_mb_per_run_p95": round(compute_quantile(children, 0.95), 1),
            "process_failed": _count_failed(stock, len(stock.runs)),
        }
    return figures


def _count_failed(part: Outcome, count: int) -> int:
    """Cycles that did not come to an end of their own."""
    ended = sum(bool(run.state and run.state.is_completed()) for run in part.runs)
    bad = sum(part.outcomes[name] for name in ("skipped", "failed", "interrupted", "open"))
    return max(count - ended, count - sum(part.outcomes.values()), bad)


def _measure_walls(
    part: Outcome,
    *,
    journal: dict[str, Any],
    orders: dict[int, int],
    configs: Sequence[PairConfig],
) -> tuple[list[float], list[float]]:
    """
    Seconds from due to end, and those of them that the doubles took, run by run.

    A cycle waits for its pair's look and votes whoever asked for them, so its critical path is
    the time within its own that somebody's question about its pair was out, and its orders.
    """
    symbols = {int(c.user_id): f"{c.pair.base}{c.pair.quote}" for c in configs}
    walls, paths = [], []
    for run in part.runs:
        if run.end_time is None:
            continue
        user = int(run.parameters["user_id"])
        begin, end = _due(run), run.end_time.timestamp()
        waits = [
            (max(since, begin), min(until, end))
            for symbol, since, until in (*journal["fetches"], *journal["asks"])
            if symbol == symbols[user] and since < end and until > begin
        ]
        walls.append(end - begin)
        paths.append(min(cover(waits) + orders.get(user, 0) * ORDER_SECONDS, end - begin))
    return walls, paths


def cover(spans: list[tuple[float, float]]) -> float:
    """Seconds that at least one of the spans covers."""
    covered, reached = 0.0, -math.inf
    for since, until in sorted(spans):
        covered += max(until - max(since, reached), 0.0)
        reached = max(reached, until)
    return covered


def _due(run: FlowRun) -> float:
    assert run.expected_start_time is not None
    return run.expected_start_time.timestamp()


def _delay(run: FlowRun) -> float:
    """Seconds from due to Running; infinite when it never ran."""
    return math.inf if run.start_time is None else run.start_time.timestamp() - _due(run)


def compute_quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; 0 without any."""
    if len(values) < 2:
        return float(values[0]) if values else 0.0
    with suppress(ValueError):
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        return float(cuts[min(max(round(share * 100) - 1, 0), 98)])
    return 0.0
