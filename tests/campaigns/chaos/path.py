"""The order path as a cycle walks it, one step at a time, and what may happen at a step.

coroutine -> Steps -> every suspension (await, commit, HTTP) has a number -> kill | stop there
"""

import os
import signal
from collections.abc import Coroutine, Generator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tasks.cycle import execution
from tasks.risk.check import RiskDecision, _plan_entry
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import Cycle
from trading.cycle import CycleKey
from trading.domain.accounts import PairConfig
from trading.domain.units import PositionSide
from trading.risk.limits import RiskLimits
from trading.risk.results import RiskVerdict, TradePlan

ENTRY_PRICE = 100_000
STOP_PRICE, TARGET_PRICE = 99_000, 102_000

PLAN = TradePlan(
    side=PositionSide.LONG,
    quantity=Decimal("0.010"),
    expected_price=Decimal(ENTRY_PRICE),
    stop_price=Decimal(STOP_PRICE),
    target_price=Decimal(TARGET_PRICE),
    leverage=Decimal(2),
)


class _Counted(Generator[Any, Any, None]):
    """The path's own generator, with a step at each of its waits."""

    def __init__(self, steps: "Steps") -> None:
        self._steps = steps
        self._inner = steps.path.__await__()

    def send(self, value: Any) -> Any:
        waited = self._inner.send(value)
        self._steps.step()
        return waited

    def throw(self, *error: Any) -> Any:
        waited = self._inner.throw(*error)
        self._steps.step()
        return waited


@dataclass(slots=True)
class Steps:
    """
    Awaits a coroutine and counts how often it waits.

    Attributes:
        kill_at: the wait at which the process dies (SIGKILL), None for never.
        pause_at: the wait at which it is stopped until somebody continues it.
    """

    path: Coroutine[Any, Any, None]
    kill_at: int | None = None
    pause_at: int | None = None
    count: int = 0

    def __await__(self) -> Generator[Any, Any, None]:
        yield from _Counted(self)

    def step(self) -> None:
        """The path waits once more."""
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.count == self.pause_at:
            os.kill(os.getpid(), signal.SIGSTOP)


async def walk(services: Services, config: PairConfig, *, cycle_time: datetime) -> None:
    """What a cycle does about a council that wants a long: plan, store, send, protect."""
    key = CycleKey(user_id=config.user_id, pair=config.pair, cycle_time=cycle_time)
    cycle = Cycle(
        key=key,
        mode=config.mode,
        venue=config.venue,
        opened_at=services.clock(),
        config=config,
        limits=RiskLimits(),
        namespace=services.namespace,
    )
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.lock_risk()
        intents = _plan_entry(cycle, PLAN)
        for intent in intents:
            await tenant.intents.add_intent(intent, now=services.clock())
    decision = RiskDecision(verdict=RiskVerdict(plan=PLAN, close=False), intents=intents)
    await execution.execute_decision.fn(cycle, decision)
