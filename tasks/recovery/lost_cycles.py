"""Writes receipts for cycles with a lost run.

late run dropped, or worker lost -> never begun: skipped | begun: interrupted

A cycle belongs to a single run: a second claim of the same key does nothing. So a dead run's cycle
can be closed at once, without disturbing another run, and the user need not wait for `reconcile`,
where only the age of a cycle counts.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import FlowRun
from prefect.logging import get_logger

from blocks.prefect.specs import TRADING_TAG
from db.session import Operator
from reports.texts.catalog import tell
from tasks.alerts.trading import build_cycle_failed
from tasks.runtime.container import get_services
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, floor_cycle_time
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message
from trading.domain.units import Pair, UserId

CUT_OFF = message("run-process-lost")
LOST = message("run-process-gone")

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRun:
    """A lost run of a cycle; `reason` goes into the receipt of a run without a start."""

    key: CycleKey
    reason: Message

    @classmethod
    def from_run(cls, run: FlowRun, *, reason: Message) -> Self | None:
        """The lost cycle of a run; None for other flows and for runs without a scheduled time."""
        due, given = run.expected_start_time, run.parameters
        if TRADING_TAG not in run.tags or due is None or given.get("cycle_time"):
            return None
        key = CycleKey(
            user_id=UserId(given["user_id"]),
            pair=Pair.parse(given["pair"]),
            cycle_time=floor_cycle_time(datetime.fromtimestamp(due.timestamp(), UTC)),
        )
        return cls(key=key, reason=reason)


async def explain_lost(run: LostRun) -> CycleOutcome | None:
    """
    Write the receipt; the outcome of the cycle, None when the cycle was closed already.

    A database without an answer is logged: `reconcile` then closes the begun cycle.
    """
    try:
        return await _explain(run)
    except QuorumError as error:
        logger.warning("%s has no receipt: %s", run.key, tell(error))
        return None


async def _explain(run: LostRun) -> CycleOutcome | None:
    services = await get_services()
    now = services.clock()
    async with services.database.tenant(run.key.user_id) as tenant:
        config = await tenant.pairs.load_pair(run.key.pair)
        if config is None:
            return None
        venue = config.trade_venue
        if await tenant.cycles.claim_cycle(run.key, mode=config.mode, venue=venue, now=now):
            record = CycleRecord(
                key=run.key,
                mode=config.mode,
                venue=venue,
                as_of=now,
                outcome=CycleOutcome.SKIPPED,
                reason=run.reason,
                closed_at=now,
            )
            await tenant.cycles.close_cycle(record)
            return CycleOutcome.SKIPPED
    async with services.database.operator() as operator:
        is_open = await _interrupt(operator, run.key, why=CUT_OFF, now=now)
    return CycleOutcome.INTERRUPTED if is_open else None


@task(name="interrupt_lost_cycles", cache_policy=NO_CACHE)
async def interrupt_lost_cycles() -> int:
    """Close cycles of lost processes as interrupted; the number of lost cycles."""
    services = await get_services()
    now = services.clock()
    async with services.database.operator() as operator:
        lost = await operator.cycles.list_unclosed_cycles(now - services.settings.interrupt_after)
        for key in lost:
            await _interrupt(operator, key, why=LOST, now=now)
    return len(lost)


async def _interrupt(operator: Operator, key: CycleKey, *, why: Message, now: datetime) -> bool:
    """Close an open cycle as interrupted and alert the user; False when closed already."""
    if not await operator.cycles.interrupt_cycle(key, now=now):
        return False
    await operator.alerts.enqueue_alert(build_cycle_failed(key, why=why, now=now))
    return True
