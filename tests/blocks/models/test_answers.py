"""Hostile answers: whatever a model says, it is a valid vote or an abstention, never more.

Ten thousand fuzzed answers go through the same door as real ones. Each is judged by what comes
out: a proposal whose every number is in its range, or `MalformedAnswer` in our own words.
"""

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from blocks.models.answers import (
    ANSWER_SCHEMA,
    MAX_ANSWER_CHARACTERS,
    MalformedAnswer,
    parse_answer,
)
from tests.doubles.hostile_answers import make_hostile_answer
from tests.doubles.models import VOTE
from trading.council.decisions import MAX_REASON_CHARACTERS, MAX_REASONS, Action, Proposal

ANSWERS = 10_000


def answer(**changes: Any) -> str:
    return json.dumps(VOTE | changes)


def test_a_good_answer_is_read_exactly() -> None:
    assert parse_answer(answer()) == Proposal(
        action=Action.OPEN_LONG,
        confidence=Decimal(80),
        win_probability=Decimal(55),
        stop_pct=Decimal("0.9"),
        target_pct=Decimal("1.8"),
        reasons=("1h trends up.",),
        would_change_mind="A close below the slow average.",
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "not JSON"),
        ("Sure! " + answer(), "not JSON"),
        ("Here:\n```json\n" + answer() + "\n```", "not JSON"),
        ("```json\n" + answer() + "\n```\n```json\n" + answer() + "\n```", "not JSON"),
        (" \n\t " * 50, "not JSON"),
        (answer(confidence=0.85), "confidence: a share instead of percent"),
        (answer(confidence=1), "confidence: a share instead of percent"),
        (answer() + answer(), "not JSON"),
        (answer()[:-2], "not JSON"),
        ("[" * 10_000, "not JSON"),
        ('{"confidence": ' + "9" * 5_000 + "}", "not JSON"),
        (" " * (MAX_ANSWER_CHARACTERS + 1), "longer than"),
        ("null", "the answer: model_type"),
        ("[]", "the answer: model_type"),
        ('"open_long"', "the answer: model_type"),
        ("{}", "action: missing"),
        (answer(action="OPEN_LONG"), "action: literal_error"),
        (answer(action="buy"), "action: literal_error"),
        (answer(action=["open_long"]), "action: literal_error"),
        (answer(action=None), "action: literal_error"),
        (answer(confidence="80 %"), "confidence: float_type"),
        (answer(confidence="1e2"), "confidence: float_type"),
        (answer(confidence="0.85"), "confidence: a share instead of percent"),
        (answer(stop_pct="-0.9"), "stop_pct: greater_than"),
        (answer(confidence=True), "confidence: float_type"),
        (answer(confidence=100.1), "confidence: less_than_equal"),
        (answer(confidence=-1), "confidence: greater_than_equal"),
        (answer(confidence=None), "confidence: float_type"),
        (answer(confidence=float("nan")), "a number is not finite"),
        (answer(stop_pct=float("inf")), "a number is not finite"),
        (answer(stop_pct=None), "stop_pct: float_type"),
        (answer(stop_pct=0), "stop_pct: greater_than"),
        (answer(stop_pct=-1.0), "stop_pct: greater_than"),
        (answer(target_pct=100), "target_pct: less_than"),
        (answer(target_pct=1e308), "target_pct: less_than"),
        (answer(symbol="ETH/USDT"), "a field: extra_forbidden"),
        (answer(quantity=10), "a field: extra_forbidden"),
        (answer(reasons="because"), "reasons: list_type"),
        (answer(reasons=[1]), "reasons: string_type"),
        (answer(reasons=["x"] * 21), "reasons: too_long"),
        (answer(reasons=["x" * 2_001]), "reasons: string_too_long"),
        (answer(would_change_mind=None), "would_change_mind: string_type"),
        ('{"action": "hold", "action": "open_long"}', "a field is there twice"),
        (answer().replace("80", "1e999"), "confidence: finite_number"),
    ],
)
def test_anything_else_is_rejected_in_our_words(text: str, where: str) -> None:
    with pytest.raises(MalformedAnswer) as caught:
        parse_answer(text)
    assert where in str(caught.value)
    assert "ETH" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        answer(confidence="80", stop_pct="0.9", target_pct="1.8"),
        "```json\n" + answer() + "\n```",
        "```\n" + answer() + "\n```\n",
    ],
)
def test_a_number_in_quotes_and_one_fence_around_the_whole_lose_nothing(text: str) -> None:
    assert parse_answer(text) == parse_answer(answer())


def test_a_low_confidence_is_no_share_where_nothing_is_opened() -> None:
    assert parse_answer(answer(action="hold", confidence=0)).confidence == 0


def test_levels_beside_a_vote_that_opens_nothing_are_not_read() -> None:
    proposal = parse_answer(answer(action="close", stop_pct=0, target_pct=-7))
    assert (proposal.action, proposal.stop_pct, proposal.target_pct) == (Action.CLOSE, None, None)


def test_long_reasons_are_cut_to_what_is_kept() -> None:
    proposal = parse_answer(answer(reasons=["word " * 100] * 9, would_change_mind="x" * 500))
    assert len(proposal.reasons) == MAX_REASONS
    assert all(len(reason) <= MAX_REASON_CHARACTERS for reason in proposal.reasons)
    assert proposal.would_change_mind.endswith("…")


def test_reasons_can_be_stored_and_shown() -> None:
    hostile = ["a\x00b\x1b[2J", "c\u202ed", "see https://evil.example/x?y"]
    proposal = parse_answer(answer(reasons=hostile))
    assert proposal.reasons == ("a b [2J", "c d", "see (link)")
    with pytest.raises(MalformedAnswer, match="reasons: string_unicode"):
        parse_answer(answer(reasons=["\ud800 up"]))


def test_the_schema_names_every_action_and_no_place_for_a_symbol() -> None:
    fields = ANSWER_SCHEMA["properties"]
    assert fields["action"]["enum"] == [action.value for action in Action]
    assert set(fields) == set(VOTE) == set(ANSWER_SCHEMA["required"])


def test_ten_thousand_hostile_answers_are_votes_in_range_or_abstentions() -> None:
    rng = random.Random(20260301)
    votes = 0
    for _ in range(ANSWERS):
        text = make_hostile_answer(rng)
        try:
            proposal = parse_answer(text)
        except MalformedAnswer:
            continue
        votes += 1
        assert 0 <= proposal.confidence <= 100
        if proposal.action.is_entry:
            assert proposal.stop_pct is not None
            assert proposal.target_pct is not None
            assert 0 < proposal.stop_pct < 100
            assert 0 < proposal.target_pct < 100
        else:
            assert proposal.stop_pct is proposal.target_pct is None
    assert 0 < votes < ANSWERS / 4  # both ways out are taken
