"""The port of the commands to Prefect; implemented by `blocks.prefect.gateway.Deployments`."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from blocks.prefect.drift import PairBooks, SyncReport
from blocks.prefect.gateway import RunResult
from blocks.prefect.system import SystemState
from trading.domain.accounts import PairConfig
from trading.domain.units import Pair, UserId


class Gateway(Protocol):
    """Makes Prefect match the database; raises the errors of `blocks.prefect.gateway`."""

    async def ensure_pair(self, config: PairConfig, *, paused: bool | None = None) -> UUID: ...

    async def pause_pair(self, user_id: UserId, pair: Pair) -> bool: ...

    async def resume_pair(self, user_id: UserId, pair: Pair) -> bool: ...

    async def remove_pair(self, user_id: UserId, pair: Pair) -> bool: ...

    async def run_pair_now(self, user_id: UserId, pair: Pair) -> UUID: ...

    async def run_now(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None
    ) -> UUID: ...

    async def run_to_end(
        self, full_name: str, *, parameters: Mapping[str, Any] | None = None, seconds: float
    ) -> RunResult: ...

    async def read_system(self) -> SystemState: ...

    async def restore_system(self) -> SystemState: ...

    async def sync(
        self, configs: Iterable[PairConfig], *, books: PairBooks | None = None
    ) -> SyncReport: ...
