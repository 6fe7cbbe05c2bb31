"""Turnout: how many voices voted in a pair's last cycles, and whether the council fell short.

cycle, cycle, cycle -> has_fallen_short -> a single alert for each streak
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trading.council.decisions import Decision
from trading.council.seat_faults import find_next_step
from trading.domain.units import Pair

STREAK = 3
"""Cycles in a row with fewer voices than the quorum that make an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """
    A cycle of a pair.

    Attributes:
        voices: makers with a vote, late votes included.
        is_over_budget: a model was not asked because of a budget; the budget has its own alert.
    """

    cycle_time: datetime
    voices: int
    is_over_budget: bool


def has_fallen_short(turnouts: Sequence[Turnout], *, quorum: int) -> bool:
    """
    Whether a streak has just become long enough for the alert: once a streak.

    Args:
        turnouts: the newest `STREAK` + 1 cycles of a pair, newest first; fewer for a new pair.
        quorum: voices that must agree.
    """
    short = [one.voices < quorum and not one.is_over_budget for one in turnouts]
    return len(short) >= STREAK and all(short[:STREAK]) and not any(short[STREAK:])


def explain_shortfall(pair: Pair, decisions: Iterable[Decision], *, quorum: int) -> str:
    """Text of the alert: the event, the reason and the next step for each seat."""
    causes = [
        f"{decision.model.name}: {decision.detail or decision.abstention}. "
        f"{find_next_step(decision.detail)}"
        for decision in decisions
        if decision.abstained
    ]
    happened = (
        f"{pair}: fewer models than the quorum of {quorum} voted in {STREAK} cycles in a row. "
        "Nothing is opened until a quorum votes again; stops and targets stay at the venue."
    )
    return "\n".join((happened, *causes))[:4000]
