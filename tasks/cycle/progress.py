"""The course of a cycle: from its evidence to what it did and what stands after it.

Evidence -> votes -> consensus -> ruling -> execution -> watched -> (tasks.cycle.records) the
receipt
"""

from dataclasses import dataclass

from tasks.council.inputs import Evidence
from tasks.cycle.execution import Execution
from tasks.risk.check import RiskDecision
from trading.council.consensus import Consensus
from trading.council.decisions import Decision
from trading.domain.accounts import Portfolio
from trading.domain.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What stands after a cycle: the pair's worth and its position, None when flat."""

    portfolio: Portfolio
    position: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    Everything a cycle saw and did.

    Attributes:
        consensus, ruling: None when something kept the cycle from deciding.
        execution: None when nothing was sent.
        watched: None before the last look, and without a price to look by.
    """

    evidence: Evidence
    decisions: tuple[Decision, ...] = ()
    consensus: Consensus | None = None
    ruling: RiskDecision | None = None
    execution: Execution | None = None
    watched: Watched | None = None
