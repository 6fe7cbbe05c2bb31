"""Many cycles of one user at once against the last slice of a limit: the sum never passes it.

The cycles are of four pairs, so nothing but the user's risk lock keeps them apart: what one takes
stands in the next one's input. QUORUM_TEST_ROUNDS rounds (1; the full size is 1000) of
QUORUM_TEST_AT_ONCE cycles (100), in blocks of 50 so that several processes may share them.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from db.engine.settings import DatabaseSettings
from db.session import Database, Tenant
from tasks.council.inputs import Evidence
from tasks.risk import check as risk
from tasks.runtime.cycle_context import Cycle
from tests.database import TestDatabase
from tests.order_path import agree_on, gather_evidence, open_cycle
from tests.stage import CAPITAL, PAIR, Stage
from trading.council.decisions import Action
from trading.domain.units import Pair
from trading.risk.results import DenialReason

ROUNDS = int(os.environ.get("QUORUM_TEST_ROUNDS", "1"))
BLOCKS = tuple(min(50, ROUNDS - done) for done in range(0, ROUNDS, 50))
"""How many rounds each block has."""
AT_ONCE = int(os.environ.get("QUORUM_TEST_AT_ONCE", "100"))
PAIRS = (PAIR, Pair("ETH", "USDT"), Pair("SOL", "USDT"), Pair("BNB", "USDT"))
SLICE = Decimal(500)
"""Quote units that may be net long: one whole position of 300, and a part of a second one."""

NOTHING_LEFT = {
    DenialReason.DIRECTION_LIMIT,
    DenialReason.QUANTITY_BELOW_MIN,
    DenialReason.NOTIONAL_BELOW_MIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One user's cycles of four pairs, and what they know, which is the same for all."""

    stage: Stage
    cycles: tuple[Cycle, ...]
    evidence: Evidence


@pytest.fixture
async def field(stage: Stage, database_run: TestDatabase) -> AsyncIterator[Field]:
    cycle = await open_cycle(stage)
    evidence = await gather_evidence(stage, cycle)
    # All of them wait for the one lock at once, on however busy a machine, each on a connection
    # that it keeps from round to round.
    pools = DatabaseSettings(
        database_pool_size=AT_ONCE,
        database_lock_timeout_ms=60_000,
        database_statement_timeout_ms=60_000,
        database_idle_in_transaction_timeout_ms=60_000,
    )
    many = Database(database_run.urls.app, operator_url=database_run.urls.operator, settings=pools)
    stage.database = many
    limits = replace(cycle.limits, max_direction_ratio=SLICE / (len(PAIRS) * CAPITAL))
    configs = [await stage.add_pair(stage.user_id, pair) for pair in PAIRS[1:]]
    cycles = tuple(
        replace(cycle, config=config, limits=limits, key=replace(cycle.key, pair=config.pair))
        for config in (cycle.config, *configs)
    )
    field = Field(stage=stage, cycles=cycles, evidence=evidence)
    with stage.in_use():
        for number in range(len(PAIRS)):  # what each is worth is known from its first look on
            await ask(field, number)
        forget(database_run)
        yield field
    await many.close()


async def ask(field: Field, number: int) -> risk.RiskDecision:
    """The rules, about one of the cycles; the same pair comes with another cycle time."""
    cycle = field.cycles[number % len(PAIRS)]
    cycle_time = cycle.key.cycle_time - timedelta(minutes=30 * number)
    cycle = replace(cycle, key=replace(cycle.key, cycle_time=cycle_time))
    return await risk.check_risk.fn(cycle, field.evidence, consensus=agree_on(Action.OPEN_LONG))


def forget(database_run: TestDatabase) -> None:
    """Nothing was reserved."""
    with database_run.connect() as owner:
        owner.execute("DELETE FROM order_intents")


async def reserve_at_once(field: Field, *, count: int = AT_ONCE) -> tuple[int, Decimal]:
    """How many of the cycles got something, and what all of it comes to."""
    rulings = await asyncio.gather(*(ask(field, number) for number in range(count)))
    denied = [decision for decision in rulings if not decision.intents]
    reasons = {denial.code for decision in denied for denial in decision.verdict.denials}
    assert reasons <= NOTHING_LEFT
    async with field.stage.database.tenant(field.stage.user_id) as tenant:
        reserved = await tenant.intents.sum_reserved_notional()
    return len(rulings) - len(denied), reserved


@pytest.mark.slow
@pytest.mark.timeout(120 + 30 * BLOCKS[0])
@pytest.mark.parametrize("rounds", [pytest.param(r, id=f"{n}") for n, r in enumerate(BLOCKS)])
async def test_the_last_slice_of_a_limit_is_given_away_once(
    field: Field, database_run: TestDatabase, rounds: int
) -> None:
    look, _books = field.evidence.complete
    step = 2 * look.instrument.step_size * look.snapshot.ticker.best_ask
    kept = 0
    for _ in range(rounds):
        got, reserved = await reserve_at_once(field)
        assert reserved <= SLICE, f"{got} cycles reserved {reserved}"
        assert reserved > SLICE - step, "the slice itself is given away"
        kept += 1
        forget(database_run)
    assert kept == rounds


async def test_without_the_lock_the_limit_would_be_passed(
    field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    have_read, plan = asyncio.Barrier(len(PAIRS)), risk._plan

    async def hold_nothing(tenant: Tenant) -> None:
        """As if the lock had been forgotten."""

    async def plan_together(*read: Any, **more: Any) -> Any:
        """Every pair's cycle has read the reservations before one of them writes its own."""
        await have_read.wait()
        return await plan(*read, **more)

    monkeypatch.setattr(Tenant, "lock_risk", hold_nothing)
    monkeypatch.setattr(risk, "_plan", plan_together)
    _, reserved = await reserve_at_once(field, count=len(PAIRS))
    assert reserved > SLICE
