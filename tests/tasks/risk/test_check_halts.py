"""A halt: nothing new is opened from its commit on, whatever is under way; exits pass.

QUORUM_TEST_BURST cycles (16; the full size is 500) are under way when the halt is committed.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from commands import changes
from commands.switches import apply_switch
from db.session import Database
from reports.texts.catalog import render
from tasks.cycle import execution
from tests.database import MakeUser, TestDatabase
from tests.doubles.faults import Fault, Faults
from tests.order_path import look_at_market, reserve, take
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.switches import SwitchChange, SwitchScope
from trading.domain.units import CYCLE_INTERVAL, TradingState, VenueName
from trading.risk.results import DenialReason

BURST = int(os.environ.get("QUORUM_TEST_BURST", "16"))
AT_ONCE = 4
EFFECTIVE_SECONDS = 1.0


@dataclass(slots=True)
class TimedFaults(Faults):
    """No faults; remembers when each call began (`time.monotonic`)."""

    at_seconds: list[float] = field(default_factory=list)

    def begin(self, name: str) -> Fault | None:
        self.at_seconds.append(time.monotonic())
        return Faults.begin(self, name)  # a class with slots is a copy: no super()

    def list_entries(self) -> list[float]:
        """When entries were posted."""
        calls = zip(self.calls, self.at_seconds, strict=True)
        return [at for name, at in calls if name == "place_entry"]


async def halt(
    database: Database,
    stage: Stage,
    *,
    scope: SwitchScope = None,
    state: TradingState = TradingState.HALTED,
) -> None:
    turn = SwitchChange(scope=scope, state=state, reason="tested", actor="test")
    async with database.operator() as operator:
        await apply_switch(operator, turn, now=stage.now)


async def test_an_entry_that_is_reserved_is_not_posted_after_a_halt(stage: Stage) -> None:
    path = await reserve(stage, Action.OPEN_LONG)
    assert path.decision.intents
    await halt(stage.database, stage)
    with stage.in_use():
        done = await execution.execute_decision.fn(path.cycle, path.decision)
    assert (done.outcome, render(done.reason)) == (
        CycleOutcome.HELD,
        "Not entered: Trading is halted: nothing new is opened.",
    )
    assert "place_entry" not in stage.faults.calls
    assert await stage.list_open_intents() == ()


async def test_an_entry_that_is_reserved_is_not_posted_after_a_pause(stage: Stage) -> None:
    path = await reserve(stage, Action.OPEN_LONG)
    async with stage.database.tenant(stage.user_id) as tenant:
        await changes.pause_pair(tenant, PAIR, actor="test", now=stage.now)
    with stage.in_use():
        done = await execution.execute_decision.fn(path.cycle, path.decision)
    assert render(done.reason) == "Not entered: BTC/USDT is paused."
    assert await stage.list_paper_orders() == ()


async def test_a_halt_of_the_market_s_venue_stops_paper_there_too(stage: Stage) -> None:
    await halt(stage.database, stage, scope=VenueName.BINANCE, state=TradingState.REDUCING)
    path = await take(stage, Action.OPEN_LONG)
    assert DenialReason.TRADING_REDUCING in {d.code for d in path.decision.verdict.denials}


async def test_a_halt_survives_a_restart(stage: Stage, database_run: TestDatabase) -> None:
    await halt(stage.database, stage)
    again = Database(database_run.urls.app, operator_url=database_run.urls.operator)
    stage.database = again
    path = await take(stage, Action.OPEN_LONG)
    await again.close()
    assert DenialReason.TRADING_HALTED in {d.code for d in path.decision.verdict.denials}


async def test_an_unhalt_lets_the_next_cycle_enter(stage: Stage) -> None:
    await halt(stage.database, stage)
    await halt(stage.database, stage, state=TradingState.ACTIVE)
    path = await take(stage, Action.OPEN_LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED


@pytest.mark.slow
@pytest.mark.timeout(120 + 4 * BURST)
async def test_a_halt_in_a_burst_stops_every_entry_and_no_exit(
    stage: Stage, make_user: MakeUser
) -> None:
    await look_at_market(stage)
    stages = await gather_crowd(stage, make_user)
    holding, entering = stages[::4], [s for n, s in enumerate(stages) if n % 4]
    await run_all(holding, Action.OPEN_LONG)
    for one in stages:
        one.now += CYCLE_INTERVAL
        one.faults = TimedFaults()
    await look_at_market(stages[0])

    done = asyncio.Semaphore(0)
    burst = asyncio.gather(
        run_all(holding, Action.CLOSE, done=done), run_all(entering, Action.OPEN_LONG, done=done)
    )
    for _ in range(BURST // 5):
        await done.acquire()
    await halt(stage.database, stage)
    halted_at = time.monotonic()
    exits, entries = await burst

    posted = [at for one in stages for at in _timed(one).list_entries()]
    assert [at for at in posted if at > halted_at + EFFECTIVE_SECONDS] == []
    assert 0 < len(posted) < len(entering), "the halt has to come in the midst of the burst"
    assert set(exits) == {CycleOutcome.EXITED}
    assert entries.count(CycleOutcome.ENTERED) == len(posted)


async def gather_crowd(stage: Stage, make_user: MakeUser) -> list[Stage]:
    """One user with a pair for each cycle of the burst."""
    crowd = []
    for number in range(BURST):
        user_id = await make_user(f"user-{number}")
        one = replace(stage, user_id=user_id, faults=TimedFaults(), slept=[])
        await one.add_pair(user_id)
        crowd.append(one)
    return crowd


async def run_all(
    stages: Sequence[Stage], action: Action, *, done: asyncio.Semaphore | None = None
) -> list[CycleOutcome | None]:
    """A cycle of each, some at a time; None for one that was denied."""
    room = asyncio.Semaphore(AT_ONCE)

    async def run(one: Stage) -> CycleOutcome | None:
        async with room:
            path = await take(one, action)
        if done is not None:
            done.release()
        return path.execution.outcome if path.execution else None

    return await asyncio.gather(*(run(one) for one in stages))


def _timed(stage: Stage) -> TimedFaults:
    assert isinstance(stage.faults, TimedFaults)
    return stage.faults
