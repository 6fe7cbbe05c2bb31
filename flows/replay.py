"""Replay: cycles of the past or of a made-up market, one after the other, in compressed time.

    cycle times -> clock stands at each -> trading_cycle (the real one) -> CycleRecord, ...

The clock is the cycle's own time and never moves within a cycle, so the same inputs give the same
numbers; waits answer at once. Shared work is shared within one replay only. Prefect's clients are
kept open for all cycles: opened per run they cost two thirds of its CPU
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
from flows.worker.shared_clients import keep_clients
from tasks.runtime.container import Services, paper_accounts, use_services
from tasks.runtime.settings import TaskSettings, task_settings
from trading.cycle import CycleRecord
from trading.domain.units import Pair, UserId, VenueName
from trading.ports import Feed, MarketData, Model

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """
    What a replay plays on; everything stays the caller's to close.

    Attributes:
        markets: by the venue of a pair's config; must answer as of any time in the past.
        feeds: must know nothing of the future.
    """

    database: Database
    markets: Mapping[VenueName, MarketData]
    models: tuple[Model, ...]
    feeds: tuple[Feed, ...] = ()
    settings: TaskSettings = field(default_factory=task_settings)


@dataclass(slots=True)
class ReplayClock:
    """A clock that somebody else moves."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """
    What came of a replay.

    Attributes:
        records: receipts in the order of their times.
        errors: a sentence for each cycle whose run failed.
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
    Run a cycle for each time, ascending, on a paper pair that is in the database.

    Args:
        on_cycle: Told after each cycle, with its receipt if there is one.
    """
    times = tuple(cycle_times)
    if not times:
        return Replayed(records=(), errors=())
    clock = ReplayClock(times[0])
    records: list[CycleRecord] = []
    errors: list[str] = []
    async with keep_clients():
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
    """The clock stands still: waiting would change nothing."""


async def _run_one(user_id: UserId, *, pair: Pair, cycle_time: datetime) -> str | None:
    """Run one cycle; the sentence of its failure, None when it completed."""
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
