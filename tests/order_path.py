"""The order path of a cycle without Prefect: what stands between a decision and a position.

Stage -> open, look -> decide -> act (the tasks' own functions) -> Execution

The look at the made-up market is taken once for all tests: it does not change.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tasks.council.inputs import Evidence
from tasks.cycle import execution, records
from tasks.cycle.execution import Execution
from tasks.market import collect as market
from tasks.orders import accounts
from tasks.risk import check as risk
from tasks.risk.check import RiskDecision
from tasks.runtime.caching import MarketAnalysis
from tasks.runtime.cycle_context import Cycle
from tests.stage import PAIR, Stage
from trading.council.consensus import Consensus
from trading.council.decisions import Action
from trading.cycle import CycleKey
from trading.domain.messages import plain
from trading.news.items import NewsDigest

_LOOKS: dict[datetime, MarketAnalysis] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """How far an action came."""

    cycle: Cycle
    decision: RiskDecision
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
        win_probability=Decimal(60) if is_entry else None,
        reason=plain("The script says so."),
    )


async def take(stage: Stage, action: Action) -> Path:
    """Do what a cycle of `stage.now` does about an agreement."""
    path = await reserve(stage, action)
    return path if not path.decision.intents else await act(stage, path)


async def reserve(stage: Stage, action: Action) -> Path:
    """Come as far as the rules: what they allow is reserved, nothing is sent."""
    cycle = await open_cycle(stage)
    evidence = await gather_evidence(stage, cycle)
    with stage.in_use():
        decision = await risk.check_risk.fn(cycle, evidence, consensus=agree_on(action))
    return Path(cycle=cycle, decision=decision, execution=None)


async def act(stage: Stage, path: Path) -> Path:
    """Send what is reserved."""
    with stage.in_use():
        return replace(
            path, execution=await execution.execute_decision.fn(path.cycle, path.decision)
        )


async def open_cycle(stage: Stage) -> Cycle:
    """Claim the cycle of `stage.now`."""
    key = CycleKey(user_id=stage.user_id, pair=PAIR, cycle_time=stage.now)
    with stage.in_use():
        cycle = await records._claim_cycle.fn(key, stage.now)
    assert isinstance(cycle, Cycle), cycle
    return cycle


async def gather_evidence(stage: Stage, cycle: Cycle) -> Evidence:
    """What the cycle sees of the market, and its books."""
    with stage.in_use():
        books = await accounts.sync_books.fn(cycle)
        return Evidence(market=await look_at_market(stage), books=books, news=NewsDigest())


async def look_at_market(stage: Stage) -> MarketAnalysis:
    if stage.now not in _LOOKS:
        services = stage.connect()
        snapshot, instrument = await market._fetch(services, market=stage.market, pair=PAIR)
        _LOOKS[stage.now] = MarketAnalysis(
            snapshot=snapshot,
            instrument=instrument,
            findings=(),
            indicators=await market.compute_indicators.fn(snapshot),
        )
    return _LOOKS[stage.now]
