"""The context of a running cycle: key, configuration, limits.

open_cycle -> Cycle | Skip -> every other task

Small on purpose: the context is a parameter of every task, and Prefect searches parameters for
futures. Large arguments (candles, prompts) are passed `quoted`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from prefect.utilities.annotations import quote

from tasks.runtime.caching import ShareKey
from trading.cycle import CycleKey
from trading.domain.accounts import PairConfig
from trading.domain.messages import Message
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """
    A claimed cycle.

    Attributes:
        mode: the mode on receipts; replay is paper in compressed time.
        venue: where orders go, PAPER unless the pair is live.
        opened_at: when it was claimed.
        limits: the installation's, tightened by the user.
        namespace: of the market source, for shared work.
    """

    key: CycleKey
    mode: Mode
    venue: VenueName
    opened_at: datetime
    config: PairConfig
    limits: RiskLimits
    namespace: str

    @property
    def user_id(self) -> UserId:
        """The user of the cycle."""
        return self.key.user_id

    @property
    def pair(self) -> Pair:
        """The traded pair."""
        return self.key.pair

    def share(self, work: str) -> ShareKey:
        """The key of work shared by all users of this pair at this cycle time."""
        return ShareKey(
            namespace=self.namespace,
            work=work,
            subject=(self.config.venue, str(self.pair), self.key.cycle_time.isoformat()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A skipped cycle; `reason` is a sentence for people."""

    key: CycleKey
    reason: Message


def quoted[Value](value: Value) -> Value:
    """Wrap a large task argument in Prefect's `quote`, which skips the search for futures."""
    return cast("Value", quote(value))
