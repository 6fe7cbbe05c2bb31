"""Turnout: the voices of a pair's last cycles, a council below its quorum, and lost seats.

cycle, cycle, cycle -> has_fallen_short | find_lost_seats -> a single alert for each streak
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trading.council.decisions import Abstention, Decision
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
    """The decisions of a pair's cycle, late votes included."""

    cycle_time: datetime
    decisions: tuple[Decision, ...]

    @property
    def voices(self) -> int:
        """Makers with a vote."""
        return len({one.model.vendor for one in self.decisions if not one.abstained})

    @property
    def is_over_budget(self) -> bool:
        """Whether a model was not asked because of a budget; the budget has its own alert."""
        return any(one.abstention is Abstention.BUDGET for one in self.decisions)

    @property
    def lost_seats(self) -> frozenset[str]:
        """Seats with a fault that stays until the operator acts."""
        return frozenset(one.model.name for one in self.decisions if is_lost(one))


def has_fallen_short(turnouts: Sequence[Turnout], *, quorum: int) -> bool:
    """
    Whether a streak has just become long enough for the alert: once a streak.

    Args:
        turnouts: the newest `STREAK` + 1 cycles of a pair, newest first; fewer for a new pair.
        quorum: voices that must agree.
    """
    short = [one.voices < quorum and not one.is_over_budget for one in turnouts]
    return len(short) >= STREAK and all(short[:STREAK]) and not any(short[STREAK:])


def find_lost_seats(turnouts: Sequence[Turnout]) -> tuple[Decision, ...]:
    """
    Newest decisions of the seats that have just been lost for `STREAK` cycles: once a streak.

    Args:
        turnouts: as of `has_fallen_short`.
    """
    if len(turnouts) < STREAK:
        return ()
    lost = frozenset.intersection(*(one.lost_seats for one in turnouts[:STREAK]))
    before = frozenset().union(*(one.lost_seats for one in turnouts[STREAK:]))
    newest = turnouts[0].decisions
    return tuple(one for one in newest if one.model.name in lost - before)


def is_lost(decision: Decision) -> bool:
    """Whether the seat has a fault that stays until the operator acts."""
    return decision.abstained and find_fault(decision.detail) in LASTING_FAULTS


def explain_lost_seats(decisions: Iterable[Decision]) -> Message:
    """Text of the operator's alert about seats that can't vote until the operator acts."""
    return _add_seats(message("alert-seats-lost", cycles=STREAK), decisions)


def explain_shortfall(pair: Pair, decisions: Iterable[Decision], *, quorum: int) -> Message:
    """Text of the alert: the event, the reason and the next step for each seat."""
    told = message("alert-council-short", pair=str(pair), quorum=quorum, cycles=STREAK)
    return _add_seats(told, (decision for decision in decisions if decision.abstained))


def explain_seat(decision: Decision) -> Message:
    """Cause and next step of an abstention."""
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


def _add_seats(told: Message, silent: Iterable[Decision]) -> Message:
    for decision in tuple(silent)[:MAX_NAMED]:
        told = message("alert-council-line", told=told, seat=explain_seat(decision))
    return told
