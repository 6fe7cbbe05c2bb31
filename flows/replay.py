"""Replay: runs cycles of a past or generated market in sequence, in compressed time.

    cycle times -> clock set to each -> trading_cycle (the real flow) -> CycleRecord, ...

The clock equals the cycle time and never moves within a cycle, so equal inputs give equal numbers;
waits return at once. Cached work is shared within a single replay only. Prefect's clients stay
open for all cycles: clients opened per run cost two thirds of the CPU
(`flows.worker.shared_clients`).
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prefect import tags
from prefect.logging import get_logger

from db.session import Database
from flows.trading_cycle import trading_cycle
from flows.worker.shared_clients import share_clients
from tasks.runtime.container import Services, paper_accounts, use_services
from tasks.runtime.settings import TaskSettings, task_settings
from trading.cycle import CycleRecord
from trading.domain.units import Pair, UserId, VenueName
from trading.ports import Feed, MarketData, Model

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    Inputs of a replay; the caller closes every resource.

    Attributes:
        markets: by venue of the pair's config; each must answer as of any time in the past.
        feeds: must return no items of the future.
    """

    database: Database
    markets: Mapping[VenueName, MarketData]
    models: tuple[Model, ...]
    feeds: tuple[Feed, ...] = ()
    settings: TaskSettings = field(default_factory=task_settings)


@dataclass(slots=True)
class ReplayClock:
    """A clock set by the replay."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    Result of a replay.

    Attributes:
        records: receipts in the order of their times.
        errors: a sentence for each cycle with a failed run.
    """

    records: tuple[CycleRecord, ...]
    errors: tuple[str, ...]


async def replay_cycles(
    stage: Stage,
    *,
    user_id: UserId,
    pair: Pair,
    cycle_times: Iterable[datetime],
    on_cycle: Callable[[CycleRecord | None], None] = lambda _: None,
) -> Replayed:
    """
    Run a cycle for each time, ascending, on a paper pair stored in the database.

    Args:
        on_cycle: called after each cycle with the receipt, or None without a receipt.
    """
    times = tuple(cycle_times)
    if not times:
        return Replayed(records=(), errors=())
    clock = ReplayClock(times[0])
    records: list[CycleRecord] = []
    errors: list[str] = []
    async with share_clients():
        with use_services(_connect(stage, clock)), tags("replay", f"pair:{pair}"):
            for clock.now in times:
                error = await _run_one(user_id, pair=pair, cycle_time=clock.now)
                record = await _load(stage, user_id, pair=pair, cycle_time=clock.now)
                errors.extend([error] if error else [])
                records.extend([record] if record else [])
                on_cycle(record)
    return Replayed(records=tuple(records), errors=tuple(errors))


def _connect(stage: Stage, clock: ReplayClock) -> Services:
    return Services(
        database=stage.database,
        clock=clock,
        markets=stage.markets,
        models=stage.models,
        feeds=stage.feeds,
        exchange_of=paper_accounts(stage.database, markets=stage.markets, clock=clock),
        namespace=f"replay-{uuid.uuid4().hex}",
        is_replay=True,
        sleep=do_not_sleep,
        settings=stage.settings,
    )


async def do_not_sleep(_seconds: float) -> None:
    """Return at once: waiting would not move the clock."""


async def _run_one(user_id: UserId, *, pair: Pair, cycle_time: datetime) -> str | None:
    """Run one cycle; return the sentence of a failure, None for a completed cycle."""
    state = await trading_cycle(user_id, str(pair), cycle_time, return_state=True)
    if state.is_completed():
        return None
    logger.error("The cycle of %s ended as %s: %s", cycle_time, state.name, state.message)
    return f"{cycle_time:%Y-%m-%d %H:%M}: {state.name}"


async def _load(
    stage: Stage, user_id: UserId, *, pair: Pair, cycle_time: datetime
) -> CycleRecord | None:
    async with stage.database.tenant(user_id) as tenant:
        return await tenant.cycles.load_cycle(pair, cycle_time=cycle_time)
