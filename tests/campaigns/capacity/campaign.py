"""The campaign: due cycles, what each of them cost, and the same of the stock process worker.

users -> runs that are due one after the other -> ends -> accounts -> figures

The worker is warm and idle when the accounts are opened. Creating the runs is in them, each some
seconds before it is due, though a scheduler does that for less; the users and their deployments
are not. With a share of the capacity for a pace, cycles of other users find that first.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterLevel,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Scheduled

from blocks.prefect.specs import SHARD_QUEUE, WORK_POOL
from cli.stack.processes import Child
from tests.campaigns.capacity.figures import HALF_HOUR, Figures, Outcome, build_figures
from tests.campaigns.capacity.meter import Meter
from tests.campaigns.capacity.stage import (
    WARM_UP_PAIR,
    Engine,
    Kind,
    Stage,
    open_doubles,
    open_engine,
    open_stage,
)
from trading.domain.accounts import PairConfig
from trading.domain.errors import PermanentError

READY_SECONDS = 120.0
PATIENCE_SECONDS = 300.0
LEAD_SECONDS = 30.0
"""A scheduler makes them earlier yet; what a busy server refuses is tried again in time."""
CREATION_WAITS = (0.1, 0.2, 0.4, 0.8, 2, 4, 8, 0)
POLL_SECONDS = 0.5
SETTLE_SECONDS = 4.0
"""The server records in batches; what it owes is paid before the accounts are closed."""
WARM_UP_CYCLES = 3
WARM_UP_GAP_SECONDS = 4.0
PAGE = 200
SHOWN_ERRORS = 3
STOCK_RATE = 200.0
PROBE_CYCLES = 60
PROBE_RATE = 2000.0

type Note = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    What to run.

    Attributes:
        cycles: of distinct users.
        pace: how many come due in 30 minutes; 0 makes them all due at once, None is half of the
            capacity, which is measured first.
        workers: of ours; one fills one core.
        stock_cycles: so many through the stock process worker besides; 0 for none.
        choices: environment over what `quorum up` sets, to measure a choice.
    """

    cycles: int
    pace: float | None
    workers: int = 1
    stock_cycles: int = 0
    choices: dict[str, str] = field(default_factory=dict)


async def run_campaign(plan: Plan, *, folder: Path, note: Note) -> Figures:
    """The figures, by the names that the bench prints."""
    async with AsyncExitStack() as parts:
        doubles = await parts.enter_async_context(open_doubles())
        stage = await parts.enter_async_context(open_stage(folder, doubles))
        note(f"{plan.cycles + plan.stock_cycles} users with a pair each")
        ours = await stage.add_users(plan.cycles, prefix="u")
        theirs = await stage.add_users(plan.stock_cycles, prefix="s")
        async with _open_part(stage, "ours", plan=plan, note=note) as engine:
            rate = plan.pace
            if rate is None:
                rate = await _find_capacity(stage, engine, note=note) / 2
            warm = await _run_part(stage, engine, ours, rate=rate, note=note)
        stock = None
        if theirs:
            async with _open_part(stage, "stock", plan=plan, note=note) as engine:
                stock = await _run_part(stage, engine, theirs, rate=STOCK_RATE, note=note)
        journal = await doubles.end()
        orders = _count_orders(stage, ours)
    return build_figures(warm, stock=stock, journal=journal, orders=orders, configs=ours)


@asynccontextmanager
async def _open_part(stage: Stage, kind: Kind, *, plan: Plan, note: Note) -> AsyncIterator[Engine]:
    """A server and one worker that is there, and warm when it is ours."""
    choices = plan.choices if kind == "ours" else {}
    async with open_engine(stage, kind, **choices) as engine:
        count = plan.workers if kind == "ours" else 1
        note(f"{kind}: workers: {count}")
        for _ in range(count):
            await await_worker(engine.client, engine.start_worker())
        if kind == "ours":
            await warm_up(stage, engine)
        yield engine


async def _find_capacity(stage: Stage, engine: Engine, *, note: Note) -> int:
    """Cycles in half an hour, from some at about the pace that is expected."""
    configs = await stage.add_users(PROBE_CYCLES, prefix="p")
    found = await _run_part(stage, engine, configs, rate=PROBE_RATE, note=note)
    note(f"{engine.kind}: capacity {found.capacity} in half an hour")
    return found.capacity


async def _run_part(
    stage: Stage, engine: Engine, configs: list[PairConfig], *, rate: float, note: Note
) -> Outcome:
    kind, gap = engine.kind, HALF_HOUR / rate if rate else 0.0
    note(f"{kind}: {len(configs)} deployments")
    deployed = await engine.deploy(configs)
    meter = Meter(
        roots=engine.list_roots(stage),
        count_runs=stage.count_open_cycles,
    )
    idle = meter.take_sample()
    before, bytes_app = meter.read_cpu(), stage.measure_tables()
    bytes_prefect, began = engine.measure_books(), time.monotonic()
    note(f"{kind}: {len(configs)} runs in {gap * len(configs):.0f} s")
    async with asyncio.TaskGroup() as group:
        sampling = group.create_task(meter.keep_sampling())
        ids = await create_runs(engine.client, [deployed[c.user_id] for c in configs], gap=gap)
        runs = await _await_ends(stage, engine.client, ids, configs=configs)
        await asyncio.sleep(SETTLE_SECONDS)
        sampling.cancel()
    after = meter.read_cpu()
    outcome = Outcome(
        rate=rate or len(configs) * HALF_HOUR / (time.monotonic() - began),
        cpu={name: after[name] - before[name] for name in after},
        samples=meter.samples,
        idle=idle,
        runs=runs,
        workers=len(engine.workers),
        outcomes=_count_outcomes(stage, configs),
        bytes_app=stage.measure_tables() - bytes_app,
        bytes_prefect=engine.measure_books() - bytes_prefect,
        seconds=time.monotonic() - began,
    )
    note(f"{kind}: {dict(outcome.outcomes)} in {outcome.seconds:.0f} s")
    for reason, times in _explain_failures(stage, configs):
        note(f"{kind}: {times} x {reason}")
    for error in await _list_errors(engine.client):
        note(error)
    return outcome


async def warm_up(stage: Stage, engine: Engine) -> None:
    """Cycles of another pair, so that nothing that a worker does once is in the accounts."""
    count = len(engine.workers)
    prefix = f"w{engine.started}-"
    configs = await stage.add_users(WARM_UP_CYCLES * count, prefix=prefix, pairs=(WARM_UP_PAIR,))
    deployed = await engine.deploy(configs)
    # Several take turns when they ask: what comes at once would all be the first one's.
    gap = WARM_UP_GAP_SECONDS if count > 1 else 0
    ids = await create_runs(engine.client, list(deployed.values()), gap=gap, lead=0)
    await _await_ends(stage, engine.client, ids, configs=configs)
    await asyncio.sleep(SETTLE_SECONDS)


async def await_worker(client: PrefectClient, worker: Child) -> None:
    """Until the worker has said that it is there."""
    deadline = time.monotonic() + READY_SECONDS
    while worker.name not in {w.name for w in await client.read_workers_for_work_pool(WORK_POOL)}:
        if time.monotonic() > deadline or not worker.is_alive:
            raise PermanentError(f"The worker does not come up:\n{worker.tail_log(lines=20)}")
        await asyncio.sleep(POLL_SECONDS)


async def create_runs(
    client: PrefectClient, deployments: Sequence[UUID], *, gap: float, lead: float = LEAD_SECONDS
) -> list[UUID]:
    """One run of each deployment, due `gap` after the other, made `lead` seconds before."""
    begin = datetime.now(UTC) + timedelta(seconds=lead)
    ids = []
    with _asking_once():
        for number, deployment in enumerate(deployments):
            due = begin + timedelta(seconds=number * gap)
            early = (due - datetime.now(UTC)).total_seconds() - lead
            await asyncio.sleep(max(early, 0))
            ids.append(await create_run(client, deployment, due=due))
    return ids


def _asking_once() -> AbstractContextManager[object]:
    """Prefect's client without its own retries; other settings take 20 ms to make."""
    if PREFECT_CLIENT_MAX_RETRIES.value() == 0:
        return nullcontext()
    return temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0})


async def create_run(
    client: PrefectClient,
    deployment: UUID,
    *,
    due: datetime,
    parameters: dict[str, Any] | None = None,
) -> UUID:
    """
    Patiently: a busy server refuses now and then (with SQLite, one creation of ten).

    The client would wait for 2, 4, 8, 16 s then, and what is due meanwhile would come all at once.
    """
    for wait in CREATION_WAITS:
        try:
            with _asking_once():
                run = await client.create_flow_run_from_deployment(
                    deployment,
                    parameters=parameters,
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
) -> list[FlowRun]:
    """The runs once their cycles are closed and Prefect knows; asks the database, it is cheap."""
    deadline = time.monotonic() + PATIENCE_SECONDS
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
