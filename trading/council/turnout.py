"""Turnout: how many voices voted in a pair's last cycles, and whether the council fell short.

cycle, cycle, cycle -> has_fallen_short -> a single alert for each streak
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trading.council.decisions import Decision
from trading.council.seat_faults import LASTING_FAULTS, find_fault
from trading.domain.messages import Message, message, plain
from trading.domain.units import Pair

STREAK = 3
"""Cycles in a row with fewer voices than the quorum that make an alarm."""
MAX_NAMED = 10
MAX_DETAIL_CHARACTERS = 150
"""An alert with so many seats, each with so long a detail, has at most 4,000 characters."""


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


def explain_shortfall(pair: Pair, decisions: Iterable[Decision], *, quorum: int) -> Message:
    """Text of the alert: the event, the reason and the next step for each seat."""
    told = message("alert-council-short", pair=str(pair), quorum=quorum, cycles=STREAK)
    silent = [decision for decision in decisions if decision.abstained]
    for decision in silent[:MAX_NAMED]:
        told = message("alert-council-line", told=told, seat=_explain_seat(decision))
    return told


def _explain_seat(decision: Decision) -> Message:
    fault = find_fault(decision.detail)
    why = (
        message(f"seat-fault-{fault.name}")
        if fault is not None
        else plain(decision.detail[:MAX_DETAIL_CHARACTERS])
        or message(f"abstention-{decision.abstention}")
    )
    step = fault.name if fault in LASTING_FAULTS else "OTHER"
    return message(
        "seat-silent", model=decision.model.name, why=why, step=message(f"seat-step-{step}")
    )
