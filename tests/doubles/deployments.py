"""Prefect as the bot sees it, in memory: what stands, what was run, and outages."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from blocks.prefect.drift import PairBooks, SyncReport
from blocks.prefect.gateway import RunResult
from blocks.prefect.system import SystemState
from trading.domain.accounts import PairConfig
from trading.domain.errors import PermanentError, TransientError
from trading.domain.units import Pair, UserId


@dataclass(slots=True, kw_only=True)
class RememberedDeployments:
    """
    Deployments of pairs by user and pair.

    Attributes:
        paused: what stands, and whether it is paused.
        runs: (name, parameters) of everything that was started.
        end: how every `run_to_end` ends.
        system: what `restore_system` reports.
        is_down: nobody answers.
        switched: set once a pair has been paused or resumed.
        refuses: every request is refused, as after a changed password.
    """

    paused: dict[tuple[UserId, Pair], bool] = field(default_factory=dict)
    runs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    end: RunResult = field(default_factory=lambda: RunResult(is_completed=True, message=""))
    is_down: bool = False
    system: SystemState = field(default_factory=SystemState)
    refuses: bool = False
    switched: asyncio.Event = field(default_factory=asyncio.Event)

    async def ensure_pair(self, config: PairConfig, *, paused: bool | None = None) -> UUID:
        self._answer()
        is_paused = config.is_paused if paused is None else paused
        self.paused[config.user_id, config.pair] = is_paused
        return uuid4()

    async def pause_pair(self, user_id: UserId, pair: Pair) -> bool:
        return self._switch(user_id, pair, is_paused=True)

    async def resume_pair(self, user_id: UserId, pair: Pair) -> bool:
        return self._switch(user_id, pair, is_paused=False)

    async def remove_pair(self, user_id: UserId, pair: Pair) -> bool:
        self._answer()
        return self.paused.pop((user_id, pair), None) is not None

    async def run_pair_now(self, user_id: UserId, pair: Pair) -> UUID:
        return await self.run_now("trading-cycle", parameters={"user_id": user_id, "pair": pair})

    async def run_now(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None
    ) -> UUID:
        self._answer()
        self.runs.append((full_name, dict(parameters or {})))
        return uuid4()

    async def run_to_end(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None, seconds: float
    ) -> RunResult:
        await self.run_now(full_name, parameters=parameters)
        return self.end

    async def read_system(self) -> SystemState:
        self._answer()
        return self.system

    async def sync(
        self, configs: Iterable[PairConfig], *, books: PairBooks | None = None
    ) -> SyncReport:
        self._answer()
        self.paused = {(one.user_id, one.pair): one.is_paused for one in configs}
        return SyncReport(unchanged=len(self.paused))

    async def restore_system(self) -> SystemState:
        self._answer()
        return self.system

    def _switch(self, user_id: UserId, pair: Pair, *, is_paused: bool) -> bool:
        self._answer()
        if (user_id, pair) not in self.paused:
            return False
        self.paused[user_id, pair] = is_paused
        self.switched.set()
        return True

    def _answer(self) -> None:
        if self.refuses:
            raise PermanentError("The Prefect API refuses our password.")
        if self.is_down:
            raise TransientError("The Prefect API does not answer.")
