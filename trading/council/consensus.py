"""Consensus: at least two answers of distinct vendors must really agree, else HOLD.

    Decision, Decision, Decision -> reach_consensus -> Consensus

Abstentions never count. A vendor has one voice however many of its models were asked; if they
contradict each other it is silent. The action with the most voices wins if it has a quorum and
no other action has as many. What is agreed is the most careful of what was said: the lowest
confidence, the tightest stop, the nearest target.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations_with_replacement, product

from trading.council.decisions import Action, Decision, Proposal
from trading.domain.units import ZERO

QUORUM = 2
"""Fewest vendors that make an agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """
    The council's combined view.

    Attributes:
        action: HOLD unless a quorum agrees.
        agreement: vendors that voted for `action`.
        answers: vendors that voted; abstentions are not among them, nor are vendors whose models
            contradict each other.
        quorum: how many had to agree.
        confidence: 0..100, the lowest among those who agree; 0 without a quorum.
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


def reach_consensus(decisions: Iterable[Decision], *, quorum: int = QUORUM) -> Consensus:
    """
    Combine what the models said.

    Args:
        decisions: Votes and abstentions, in any order; the result does not depend on it.
        quorum: Distinct vendors that must agree, >= 2.

    Raises:
        ValueError: for a quorum below 2.
    """
    if quorum < QUORUM:
        raise ValueError(f"quorum must be at least {QUORUM}, got {quorum}")
    decisions = tuple(decisions)
    voices, silent = _find_voices(decisions)
    winner = _find_winner([voice[0].action for voice in voices.values()], quorum=quorum)
    if winner is None:
        holds = sum(voice[0].action is Action.HOLD for voice in voices.values())
        return Consensus(
            action=Action.HOLD,
            agreement=holds,
            answers=len(voices),
            quorum=quorum,
            confidence=ZERO,
            stop_pct=None,
            target_pct=None,
            reason=_explain_disagreement(voices, silent=silent, quorum=quorum),
        )
    agreeing = [voice for voice in voices.values() if voice[0].action is winner]
    said = [proposal for voice in agreeing for proposal in voice]
    return Consensus(
        action=winner,
        agreement=len(agreeing),
        answers=len(voices),
        quorum=quorum,
        confidence=min(proposal.confidence for proposal in said),
        stop_pct=_nearest([proposal.stop_pct for proposal in said], winner),
        target_pct=_nearest([proposal.target_pct for proposal in said], winner),
        reason=f"{len(agreeing)} of {len(voices)} answers say {_spell(winner)}"
        f" ({quorum} needed){_name_silent(silent)}.",
    )


def is_settled(
    decisions: Iterable[Decision], *, pending_vendors: Collection[str], quorum: int = QUORUM
) -> bool:
    """
    Whether no outstanding answer can change the agreed action any more.

    A late voice for the same action could still lower the confidence or bring a stop closer; it is
    not waited for, as a decision that waits for the slowest is no better.

    Args:
        decisions: What has come in.
        pending_vendors: Vendors that have at least one model still out.
        quorum: As for `reach_consensus`.
    """
    voices, silent = _find_voices(tuple(decisions))
    pending = set(pending_vendors) - set(silent)
    certain = [voice[0].action for vendor, voice in voices.items() if vendor not in pending]
    # A vendor that has spoken can only repeat itself or fall silent; the others may say anything,
    # and which of them says it makes no difference.
    repeating = product(*((voices[v][0].action, None) for v in sorted(pending & voices.keys())))
    fresh = combinations_with_replacement((*Action, None), len(pending - voices.keys()))
    outcomes = {
        _find_winner([*certain, *(a for a in late if a is not None)], quorum=quorum) or Action.HOLD
        for late in (one + other for one, other in product(repeating, fresh))
    }
    return len(outcomes) == 1


def _find_voices(
    decisions: Sequence[Decision],
) -> tuple[dict[str, list[Proposal]], tuple[str, ...]]:
    """What each vendor says where it names one action, and the vendors that name several."""
    by_vendor: dict[str, list[Proposal]] = {}
    for decision in decisions:
        if decision.proposal is not None:
            by_vendor.setdefault(decision.model.vendor, []).append(decision.proposal)
    one_voice = {
        vendor: said
        for vendor, said in by_vendor.items()
        if len({proposal.action for proposal in said}) == 1
    }
    return one_voice, tuple(sorted(by_vendor.keys() - one_voice.keys()))


def _find_winner(actions: Sequence[Action], *, quorum: int) -> Action | None:
    counts = {action: actions.count(action) for action in Action}
    most = max(counts.values())
    leaders = [action for action, count in counts.items() if count == most]
    return leaders[0] if most >= quorum and len(leaders) == 1 else None


def _nearest(distances: Sequence[Decimal | None], action: Action) -> Decimal | None:
    given = [distance for distance in distances if distance is not None]
    return min(given) if action.is_entry else None


def _explain_disagreement(
    voices: dict[str, list[Proposal]], *, silent: tuple[str, ...], quorum: int
) -> str:
    if not voices:
        return f"Nobody answered ({quorum} needed){_name_silent(silent)}: hold."
    actions = [voice[0].action for voice in voices.values()]
    if len(actions) == 1:
        said = f"Only one answer, {_spell(actions[0])}"
    else:
        counts = [(action, actions.count(action)) for action in Action if action in actions]
        said = "No agreement: " + ", ".join(
            f"{count} {_spell(action)}" for action, count in counts
        )
    return f"{said} ({quorum} needed){_name_silent(silent)}: hold."


def _name_silent(silent: tuple[str, ...]) -> str:
    themselves = "itself" if len(silent) == 1 else "themselves"
    return f"; {', '.join(silent)} contradicted {themselves}" if silent else ""


def _spell(action: Action) -> str:
    return action.value.replace("_", " ")
