"""What the bot asks of Prefect; `blocks.deployments.Deployments` does it."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from typing import Protocol
from uuid import UUID

from blocks.deployment_drift import SyncReport
from blocks.deployments import Reload
from blocks.deployments import RunEnd
from trading.accounts import PairConfig
from trading.units import Pair
from trading.units import UserId


class Gateway(Protocol):
    """Makes Prefect match the database; errors are those of `blocks.deployments`."""

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
    ) -> RunEnd: ...

    async def ping(self) -> None: ...

    async def sync(
        self, configs: Iterable[PairConfig], *, reload: Reload | None = None
    ) -> SyncReport: ...
