"""Consensus: enough voices of distinct makers must agree, else HOLD.

    Decision, Decision, Decision -> reach_consensus -> Consensus
    the same, and pending makers -> is_settled      -> whether waiting can change the result

Abstentions never count. A maker (vendor of models) has a single voice, whatever the number of
models asked; a maker whose models vote for different actions has no voice. The action with the
most voices wins if at least `quorum` voices agree and no other action has as many.

The settling quorum gives an entry's confidence, stop and target: the most confident group of
`quorum` agreeing voices that the gate admits, or the most confident group if none is admitted. A
further agreeing voice only adds groups, so neither the order of arrival nor a third voice of low
confidence can make an entry fail the gate. The levels are a function of the settling group alone;
different orders of arrival may settle with different groups, and `settled_by` names the group.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, combinations_with_replacement, product
from typing import Protocol

from trading.council.decisions import Action, Decision, Proposal
from trading.domain.messages import KeptMessage, Message, message
from trading.domain.units import ONE, ZERO

QUORUM = 2
"""Fewest voices that make an agreement."""


class Gate(Protocol):
    """Rules for the settling quorum as a whole; `trading.risk.entry_gate` has the rules."""

    def admits(  # signature: one number for each rule
        self,
        action: Action,
        *,
        confidence: Decimal,
        stop_pct: Decimal,
        target_pct: Decimal,
        win_probability: Decimal | None,
    ) -> bool:
        """Whether an entry with these numbers (0..100) and distances (%) passes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consensus:
    """
    The council's combined view.

    Attributes:
        action: HOLD unless a quorum agrees.
        agreement: voices that voted for `action`.
        answers: voices that voted; abstentions are not among them, nor are makers whose models
            contradict each other.
        quorum: how many had to agree.
        confidence: 0..100, the lowest among those who settled the action; 0 without a quorum.
        win_probability: 0..100, the lowest among those who settled an entry; None where a voice
            gave none.
        stop_pct, target_pct: the tightest stop and the nearest target among those who settled the
            action; None unless the action is an entry.
        reason: one sentence for people.
        settled_by: makers whose voices settled the action, the most confident first.
        size_share: share of the sized order to place, 0 to 1: doubts that the
            headlines raised make an entry smaller.
    """

    action: Action
    agreement: int
    answers: int
    quorum: int
    confidence: Decimal
    stop_pct: Decimal | None
    target_pct: Decimal | None
    reason: KeptMessage
    settled_by: tuple[str, ...] = ()
    size_share: Decimal = ONE
    win_probability: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Voice:
    """A maker's vote, with the lowest numbers of the maker's models."""

    vendor: str
    action: Action
    confidence: Decimal
    stop_pct: Decimal
    target_pct: Decimal
    win_probability: Decimal | None = None


def majority(vendors: Iterable[str]) -> int:
    """The quorum of a council: more than half of the voices, at least `QUORUM`."""
    return max(QUORUM, len(set(vendors)) // 2 + 1)


def reach_consensus(
    decisions: Iterable[Decision], *, quorum: int = QUORUM, gate: Gate | None = None
) -> Consensus:
    """
    Combine the votes.

    Args:
        decisions: Votes and abstentions, in any order; the result does not depend on the order.
        quorum: Voices that must agree, >= 2.
        gate: For entries; None: the most confident quorum settles, with any stop and target.

    Raises:
        ValueError: for a quorum below 2.
    """
    if quorum < QUORUM:
        raise ValueError(f"quorum must be at least {QUORUM}, got {quorum}")
    voices, silent = _find_voices(tuple(decisions))
    winner = _find_winner([voice.action for voice in voices.values()], quorum=quorum)
    if winner is None:
        holds = sum(voice.action is Action.HOLD for voice in voices.values())
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
    agreeing = _rank(voice for voice in voices.values() if voice.action is winner)
    settling = _find_settling(agreeing, quorum=quorum, gate=gate) or agreeing[:quorum]
    return Consensus(
        action=winner,
        agreement=len(agreeing),
        answers=len(voices),
        quorum=quorum,
        confidence=min(voice.confidence for voice in settling),
        stop_pct=min(voice.stop_pct for voice in settling) if winner.is_entry else None,
        target_pct=min(voice.target_pct for voice in settling) if winner.is_entry else None,
        reason=_name_silent(
            message(
                "consensus-agreed",
                count=len(agreeing),
                answers=len(voices),
                action=message(f"action-{winner}"),
                quorum=quorum,
            ),
            silent,
        ),
        settled_by=tuple(voice.vendor for voice in settling),
        win_probability=_find_lowest_chance(settling) if winner.is_entry else None,
    )


def find_agreed_action(votes: Iterable[tuple[str, Action]], *, quorum: int) -> Action | None:
    """The action of a quorum of makers, from (maker, action) alone; None without a quorum."""
    by_vendor: dict[str, set[Action]] = {}
    for vendor, action in votes:
        by_vendor.setdefault(vendor, set()).add(action)
    voices = [next(iter(said)) for said in by_vendor.values() if len(said) == 1]
    return _find_winner(voices, quorum=quorum)


def is_settled(
    decisions: Iterable[Decision],
    *,
    pending_vendors: Collection[str],
    quorum: int = QUORUM,
    gate: Gate | None = None,
) -> bool:
    """
    Whether the answers still pending can change neither the action nor the gate's verdict.

    Args:
        decisions: The answers so far.
        pending_vendors: Makers that have at least one model still out.
        quorum, gate: As for `reach_consensus`.
    """
    voices, silent = _find_voices(tuple(decisions))
    pending = set(pending_vendors) - set(silent)
    certain = [voice for vendor, voice in voices.items() if vendor not in pending]
    # A maker with a vote can only repeat the vote or fall silent; each pending maker may vote for
    # any action, so only the number of pending makers matters.
    repeating = product(*((voices[v].action, None) for v in sorted(pending & voices.keys())))
    fresh = combinations_with_replacement((*Action, None), len(pending - voices.keys()))
    known = [voice.action for voice in certain]
    outcomes = {
        _find_winner([*known, *(a for a in late if a is not None)], quorum=quorum) or Action.HOLD
        for late in (one + other for one, other in product(repeating, fresh))
    }
    if len(outcomes) != 1:
        return False
    (winner,) = outcomes
    if not winner.is_entry or not pending:
        return True
    agreeing = _rank(voice for voice in certain if voice.action is winner)
    return _find_settling(agreeing, quorum=quorum, gate=gate) is not None


def _find_voices(
    decisions: Sequence[Decision],
) -> tuple[dict[str, _Voice], tuple[str, ...]]:
    """The voice of each maker whose models agree, and the makers with contradicting models."""
    by_vendor: dict[str, list[Proposal]] = {}
    for decision in decisions:
        if decision.proposal is not None:
            by_vendor.setdefault(decision.model.vendor, []).append(decision.proposal)
    voices = {
        vendor: _Voice(
            vendor=vendor,
            action=said[0].action,
            confidence=min(proposal.confidence for proposal in said),
            stop_pct=min(proposal.stop_pct or ZERO for proposal in said),
            target_pct=min(proposal.target_pct or ZERO for proposal in said),
            win_probability=_find_lowest_chance(said),
        )
        for vendor, said in by_vendor.items()
        if len({proposal.action for proposal in said}) == 1
    }
    return voices, tuple(sorted(by_vendor.keys() - voices.keys()))


def _find_winner(actions: Sequence[Action], *, quorum: int) -> Action | None:
    ranked = Counter(actions).most_common(2)
    if not ranked or ranked[0][1] < quorum:
        return None
    is_tie = len(ranked) == 2 and ranked[1][1] == ranked[0][1]
    return None if is_tie else ranked[0][0]


def _rank(voices: Iterable[_Voice]) -> tuple[_Voice, ...]:
    """Most confident first; equal voices by name, so the order of arrival does not matter."""
    return tuple(sorted(voices, key=lambda voice: (-voice.confidence, voice.vendor)))


def _find_settling(
    agreeing: Sequence[_Voice], *, quorum: int, gate: Gate | None
) -> tuple[_Voice, ...] | None:
    """The most confident quorum that the gate admits; None without such a quorum."""
    groups = combinations(agreeing, quorum)
    return next((group for group in groups if _passes(group, gate)), None)


def _passes(group: Sequence[_Voice], gate: Gate | None) -> bool:
    action = group[0].action
    return (
        gate is None
        or not action.is_entry
        or gate.admits(
            action,
            confidence=min(voice.confidence for voice in group),
            stop_pct=min(voice.stop_pct for voice in group),
            target_pct=min(voice.target_pct for voice in group),
            win_probability=_find_lowest_chance(group),
        )
    )


def _find_lowest_chance(said: Iterable[_Voice | Proposal]) -> Decimal | None:
    """The lowest win probability; None where one is missing."""
    known = [one.win_probability for one in said]
    chances = [chance for chance in known if chance is not None]
    return min(chances) if len(chances) == len(known) and chances else None


def _explain_disagreement(
    voices: Mapping[str, _Voice], *, silent: tuple[str, ...], quorum: int
) -> Message:
    actions = [voice.action for voice in voices.values()]
    counts = [(action, actions.count(action)) for action in Action if action in actions]
    if not counts:
        said = message("consensus-no-answer", quorum=quorum)
    elif len(actions) == 1:
        only = message(f"action-{actions[0]}")
        said = message("consensus-one-answer", action=only, quorum=quorum)
    else:
        votes = tuple(
            message("consensus-count", count=count, action=message(f"action-{action}"))
            for action, count in counts
        )
        said = message("consensus-disagreed", votes=votes, quorum=quorum)
    return _name_silent(said, silent)


def _name_silent(said: Message, silent: tuple[str, ...]) -> Message:
    """Add the vendors whose models contradict each other."""
    if not silent:
        return said
    return message("consensus-contradicted", said=said, vendors=", ".join(silent))
