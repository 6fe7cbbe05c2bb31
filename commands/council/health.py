"""The state of the council from the newest cycles: below its quorum, or a seat that can't vote.

decisions of the last hours -> load_council_health -> CouncilHealth -> doctor, /health
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.session import Database
from trading.council.decisions import Decision
from trading.council.turnout import STREAK, explain_seat, is_lost
from trading.domain.messages import Message, message

LOOK_BACK = timedelta(hours=6)
"""Older cycles say nothing about the council of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilHealth:
    """
    The council now.

    Attributes:
        pairs_below: pairs whose newest three cycles all had fewer voices than the quorum.
        decisions: the newest decision of each seat; empty without a cycle in the last six hours.
    """

    pairs_below: int
    decisions: tuple[Decision, ...]

    @property
    def is_broken(self) -> bool:
        """Whether the council is below its quorum, or a seat has to be mended."""
        return self.pairs_below > 0 or any(map(is_lost, self.decisions))

    @property
    def summary(self) -> Message:
        """The state in a sentence."""
        if self.pairs_below:
            return message("council-below", pairs=self.pairs_below, cycles=STREAK)
        if self.is_broken:
            return message("council-lost", seats=sum(map(is_lost, self.decisions)))
        return message("council-well") if self.decisions else message("council-unasked")

    @property
    def steps(self) -> tuple[Message, ...]:
        """Cause and next step of each silent seat; empty for a council in order."""
        if not self.is_broken:
            return ()
        is_below = self.pairs_below > 0
        silent = [one for one in self.decisions if is_lost(one) or (is_below and one.abstained)]
        return tuple(map(explain_seat, silent))


async def load_council_health(database: Database, *, quorum: int, now: datetime) -> CouncilHealth:
    """Load the state; `quorum` is the installation's, `RiskLimits.quorum`."""
    since = now - LOOK_BACK
    async with database.operator() as operator:
        return CouncilHealth(
            pairs_below=await operator.decisions.count_pairs_below(quorum, since=since),
            decisions=await operator.decisions.list_newest(since=since),
        )
