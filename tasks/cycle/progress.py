"""The progress of a cycle: evidence, votes, risk decision, execution, portfolio.

Evidence -> votes -> consensus -> risk -> execution -> update -> receipt (tasks.cycle.records)
"""

from dataclasses import dataclass

from tasks.council.inputs import Evidence
from tasks.cycle.execution import Execution
from tasks.risk.check import RiskDecision
from trading.council.consensus import Consensus
from trading.council.decisions import Decision
from trading.council.news_check import NewsCheck
from trading.domain.accounts import Portfolio
from trading.domain.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioUpdate:
    """The pair's portfolio and position after a cycle; position None when flat."""

    portfolio: Portfolio
    position: Position | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleProgress:
    """
    The inputs and results of a cycle.

    Attributes:
        news_check: the second question; None when no headline could change the outcome.
        consensus, risk: None when the evidence blocked a decision.
        execution: None when nothing was sent.
        update: None before the portfolio update, and without a mark price.
    """

    evidence: Evidence
    decisions: tuple[Decision, ...] = ()
    news_check: NewsCheck | None = None
    consensus: Consensus | None = None
    risk: RiskDecision | None = None
    execution: Execution | None = None
    update: PortfolioUpdate | None = None
