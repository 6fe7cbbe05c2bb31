"""A cycle while it runs: who, what, when, and under which limits.

open_cycle -> Cycle | Skip -> every other task

Small on purpose: it is a parameter of every task, and Prefect walks through parameters looking
for futures. What is large (candles, prompts) is passed `quoted`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from prefect.utilities.annotations import quote

from tasks.runtime.caching import ShareKey
from trading.cycle import CycleKey
from trading.domain.accounts import PairConfig
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.risk.limits import RiskLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """
    A claimed cycle.

    Attributes:
        mode: what receipts say; replay is paper in compressed time.
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
        """Whose cycle it is."""
        return self.key.user_id

    @property
    def pair(self) -> Pair:
        """What it trades."""
        return self.key.pair

    def share(self, work: str) -> ShareKey:
        """The key of work that every user of this pair shares at this cycle time."""
        return ShareKey(
            namespace=self.namespace,
            work=work,
            subject=(self.config.venue, str(self.pair), self.key.cycle_time.isoformat()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A cycle that is not to be run; `reason` is a sentence for people."""

    key: CycleKey
    reason: str


def quoted[Value](value: Value) -> Value:
    """A large task argument that Prefect is not to walk through; the task gets it as it is."""
    return cast("Value", quote(value))
