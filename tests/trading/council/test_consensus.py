"""The council agrees only when distinct vendors really do."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.texts.catalog import render
from tests.trading.builders import make_decision
from trading.council.consensus import (
    Consensus,
    find_agreed_action,
    is_settled,
    reach_consensus,
)
from trading.council.decisions import Action, Decision
from trading.domain.messages import plain

LONG, SHORT, CLOSE, HOLD = Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE, Action.HOLD
VENDORS = ("anthropic", "deepseek", "openai", "mistral")

votes = st.lists(
    st.tuples(st.sampled_from(VENDORS), st.sampled_from([*Action, None])), max_size=6
).map(lambda pairs: tuple(make_decision(action, vendor=vendor) for vendor, action in pairs))


def council(*actions: Action | None) -> tuple[Decision, ...]:
    """One vote of each vendor, in the order of `VENDORS`."""
    return tuple(
        make_decision(action, vendor=vendor)
        for action, vendor in zip(actions, VENDORS, strict=False)
    )


def agree(decisions: Iterable[Decision]) -> Consensus:
    """The consensus, its reason as an English text."""
    agreed = reach_consensus(decisions)
    return replace(agreed, reason=plain(render(agreed.reason)))


def hold(reason: str, *, agreement: int = 0, answers: int = 0) -> Consensus:
    return Consensus(
        action=HOLD,
        agreement=agreement,
        answers=answers,
        quorum=2,
        confidence=Decimal(0),
        stop_pct=None,
        target_pct=None,
        reason=plain(reason),
    )


def test_two_of_three_are_a_quorum_and_the_most_careful_of_them_counts() -> None:
    agreed = agree(
        [
            make_decision(LONG, vendor="openai", confidence=Decimal(90), stop_pct=Decimal(1)),
            make_decision(HOLD, vendor="deepseek", confidence=Decimal(10)),
            make_decision(LONG, vendor="anthropic", confidence=Decimal(72), target_pct=Decimal(3)),
        ]
    )
    assert agreed == Consensus(
        action=LONG,
        agreement=2,
        answers=3,
        quorum=2,
        confidence=Decimal(72),
        stop_pct=Decimal(1),
        target_pct=Decimal(3),
        reason=plain("2 of 3 answers say open long (2 needed)."),
        settled_by=("openai", "anthropic"),
        win_probability=Decimal(60),
    )


@pytest.mark.parametrize("action", [HOLD, CLOSE])
def test_a_quorum_for_no_entry_has_no_stop_and_no_target(action: Action) -> None:
    agreed = reach_consensus(
        [
            make_decision(action, vendor="openai", stop_pct=Decimal(1), target_pct=Decimal(2)),
            make_decision(action, vendor="deepseek"),
        ]
    )
    assert (agreed.action, agreed.stop_pct, agreed.target_pct) == (action, None, None)
    assert (agreed.agreement, agreed.confidence) == (2, Decimal(80))
    assert render(agreed.reason) == f"2 of 2 answers say {action.value} (2 needed)."


def test_nothing_is_a_hold() -> None:
    assert agree([]) == hold("No model answered (2 needed): hold.")
    assert agree(council(None, None)) == hold("No model answered (2 needed): hold.")


def test_one_answer_alone_is_a_hold() -> None:
    assert agree(council(LONG, None, None)) == hold(
        "Only one answer, open long (2 needed): hold.", answers=1
    )


def test_a_tie_is_a_hold() -> None:
    assert agree(council(LONG, LONG, SHORT, SHORT)) == hold(
        "No agreement: 2 open long; 2 open short (2 needed): hold.", answers=4
    )


def test_three_opinions_are_none() -> None:
    assert agree(council(LONG, SHORT, HOLD)) == hold(
        "No agreement: 1 open long; 1 open short; 1 hold (2 needed): hold.", agreement=1, answers=3
    )


def test_more_voices_win_over_fewer() -> None:
    assert reach_consensus(council(LONG, SHORT, HOLD, SHORT)).action is SHORT


def test_an_abstention_is_never_a_vote() -> None:
    assert render(reach_consensus(council(LONG, None, LONG)).reason).startswith("2 of 2 answers")


def test_two_models_of_one_vendor_are_one_voice() -> None:
    agreed = agree([make_decision(LONG, vendor="openai") for _ in range(3)])
    assert agreed == hold("Only one answer, open long (2 needed): hold.", answers=1)


def test_the_most_careful_of_a_vendors_models_counts() -> None:
    agreed = reach_consensus(
        [
            make_decision(LONG, vendor="openai", confidence=Decimal(95)),
            make_decision(LONG, vendor="openai", confidence=Decimal(60)),
            make_decision(LONG, vendor="deepseek"),
        ]
    )
    assert (agreed.agreement, agreed.confidence) == (2, Decimal(60))


def test_a_vendor_whose_models_disagree_is_silent() -> None:
    said = [*council(LONG, LONG), make_decision(SHORT, vendor="deepseek")]
    assert agree(said) == hold(
        "Only one answer, open long (2 needed): hold. "
        "Not counted, because their models contradict each other: deepseek.",
        answers=1,
    )
    said.append(make_decision(LONG, vendor="openai"))
    assert render(reach_consensus(said).reason) == (
        "2 of 2 answers say open long (2 needed). "
        "Not counted, because their models contradict each other: deepseek."
    )


def test_two_silent_vendors_are_both_named() -> None:
    said = [
        make_decision(action, vendor=vendor)
        for vendor, action in product(["b", "a"], [LONG, HOLD])
    ]
    assert render(reach_consensus(said).reason) == (
        "No model answered (2 needed): hold. "
        "Not counted, because their models contradict each other: a, b."
    )


def test_the_quorum_may_be_larger() -> None:
    assert reach_consensus(council(LONG, LONG, HOLD), quorum=3).action is HOLD
    assert reach_consensus(council(LONG, LONG, LONG), quorum=3).action is LONG


@pytest.mark.parametrize("quorum", [1, 0])
def test_a_quorum_of_one_is_nobodys_agreement(quorum: int) -> None:
    with pytest.raises(ValueError, match=f"quorum must be at least 2, got {quorum}"):
        reach_consensus([], quorum=quorum)


@given(said=votes)
def test_the_order_of_the_answers_does_not_matter(said: tuple[Decision, ...]) -> None:
    outcomes = {reach_consensus(order) for order in list(permutations(said))[:24]}
    assert len(outcomes) == 1


@given(said=votes)
def test_an_action_always_has_two_vendors_behind_it(said: tuple[Decision, ...]) -> None:
    agreed = reach_consensus(said)
    behind = {d.model.vendor for d in said if d.proposal and d.proposal.action is agreed.action}
    assert agreed.agreement <= len(behind)
    if agreed.action is not HOLD:
        assert agreed.agreement >= 2


def test_it_is_settled_when_two_of_three_agree() -> None:
    assert is_settled(council(LONG, LONG), pending_vendors=["openai"])
    assert is_settled(council(HOLD, HOLD), pending_vendors=["openai"])


def test_it_is_open_while_the_last_answer_decides() -> None:
    assert not is_settled(council(LONG), pending_vendors=["openai"])
    assert not is_settled(council(LONG, SHORT), pending_vendors=["openai"])
    assert not is_settled(council(LONG, HOLD), pending_vendors=["openai"])
    assert not is_settled((), pending_vendors=["openai", "deepseek"])


def test_it_is_open_while_others_may_draw_level() -> None:
    assert not is_settled(council(LONG, LONG), pending_vendors=["openai", "mistral"])
    assert is_settled(council(LONG, LONG, LONG), pending_vendors=["mistral"])


def test_it_is_settled_when_too_few_can_still_answer() -> None:
    assert is_settled(council(None, None), pending_vendors=["openai"])
    assert is_settled((), pending_vendors=[])
    assert is_settled(council(HOLD), pending_vendors=["openai"])  # a quorum to hold, or none
    assert is_settled(council(LONG, LONG), pending_vendors=["openai"], quorum=4)
    assert not is_settled(council(LONG, LONG), pending_vendors=["openai"], quorum=3)


def test_a_vendor_that_may_still_contradict_itself_is_not_counted_on() -> None:
    assert not is_settled(council(LONG, LONG), pending_vendors=["deepseek"])
    assert is_settled(council(LONG, LONG, LONG), pending_vendors=["deepseek"])


def test_a_vendor_that_has_contradicted_itself_is_not_waited_for() -> None:
    said = [*council(LONG, LONG, SHORT), make_decision(HOLD, vendor="openai")]
    assert is_settled(said, pending_vendors=["openai"])


@given(
    said=votes,
    late=st.lists(
        st.tuples(st.sampled_from(VENDORS), st.sampled_from([*Action, None])), max_size=3
    ),
)
def test_what_is_settled_is_never_overturned(
    said: tuple[Decision, ...], late: list[tuple[str, Action | None]]
) -> None:
    if is_settled(said, pending_vendors={vendor for vendor, _ in late}):
        answers = [make_decision(action, vendor=vendor) for vendor, action in late]
        assert reach_consensus([*said, *answers]).action is reach_consensus(said).action


@pytest.mark.parametrize(
    ("votes", "quorum", "agreed"),
    [
        ([("openai", LONG), ("deepseek", LONG), ("anthropic", HOLD)], 2, LONG),
        ([("openai", LONG), ("openai", LONG)], 2, None),  # one maker is one voice
        ([("openai", LONG), ("openai", HOLD), ("deepseek", LONG)], 2, None),
        ([("openai", HOLD), ("deepseek", HOLD)], 3, None),
        ([], 2, None),
    ],
)
def test_actions_alone_agree_by_makers_too(
    votes: list[tuple[str, Action]], quorum: int, agreed: Action | None
) -> None:
    assert find_agreed_action(votes, quorum=quorum) is agreed
