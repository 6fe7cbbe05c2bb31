"""Consensus: at least two answers of distinct vendors must really agree, else HOLD.

Decision, Decision, Decision -> reach_consensus -> Consensus
"""

from dataclasses import dataclass
from decimal import Decimal

from trading.decisions import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """
    The council's combined view.

    Attributes:
        action: HOLD unless a quorum agrees.
        agreement: vendors that voted for `action`.
        answers: votes given; abstentions are not among them.
        quorum: how many had to agree.
        confidence: 0..100, the lowest among those who agree.
        stop_pct, target_pct: the tightest stop and the nearest target among those who agree;
            None unless it is an entry.
        reason: one sentence for people.
    """

    action: Action
    agreement: int
    answers: int
    quorum: int
    confidence: Decimal
    stop_pct: Decimal | None
    target_pct: Decimal | None
    reason: str
