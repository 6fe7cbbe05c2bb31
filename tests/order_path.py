"""The order path of a cycle without Prefect: what stands between a decision and a position.

Stage -> open, look -> decide -> act (the tasks' own functions) -> Execution

The look at the made-up market is taken once for all tests: it does not change.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tasks import execution
from tasks import market
from tasks import records
from tasks import risk
from tasks.books import keep_books
from tasks.cycles import Cycle
from tasks.evidence import Evidence
from tasks.execution import Execution
from tasks.risk import Ruling
from tasks.sharing import MarketLook
from tests.stage import PAIR
from tests.stage import Stage
from trading.consensus import Consensus
from trading.cycle import CycleKey
from trading.decisions import Action
from trading.news import NewsDigest

_LOOKS: dict[datetime, MarketLook] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """How far an action came."""

    cycle: Cycle
    ruling: Ruling
    execution: Execution | None


def agree_on(action: Action) -> Consensus:
    """A council that wants this with all its voices."""
    is_entry = action.is_entry
    return Consensus(
        action=action,
        agreement=3,
        answers=3,
        quorum=2,
        confidence=Decimal(80),
        stop_pct=Decimal(1) if is_entry else None,
        target_pct=Decimal(2) if is_entry else None,
        reason="The script says so.",
    )


async def take(stage: Stage, action: Action) -> Path:
    """Do what a cycle of `stage.now` does about an agreement."""
    with stage.in_use() as here:
        key = CycleKey(user_id=stage.user_id, pair=PAIR, cycle_time=stage.now)
        cycle = await records._open.fn(key, stage.now)
        assert isinstance(cycle, Cycle), cycle
        async with here.exchange(cycle.config) as exchange:
            books = await keep_books(here, exchange, config=cycle.config)
        look = await look_at_market(stage)
        evidence = Evidence(
            look=look,
            books=books,
            findings=(),
            indicators=await market._compute.fn(cycle.share("test"), look.snapshot),
            news=NewsDigest(),
        )
        ruling = await risk._check.fn(cycle, evidence, agree_on(action))
        done = await execution._execute.fn(cycle, ruling) if ruling.intents else None
    return Path(cycle=cycle, ruling=ruling, execution=done)


async def look_at_market(stage: Stage) -> MarketLook:
    if stage.now not in _LOOKS:
        here = stage.connect()
        _LOOKS[stage.now] = await market._fetch_look(here, market=stage.market, pair=PAIR)
    return _LOOKS[stage.now]
