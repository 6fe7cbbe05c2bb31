"""Cassette entries: named by content, without a user, only where a vendor has answered."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.trading.council_cases import make_facts
from trading.council.cassette import record_exchange
from trading.council.decisions import Abstention, Decision, Exchange, ModelIdentity
from trading.council.prompts import build_prompt

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PROMPT = build_prompt(make_facts(), None)
ANSWERED = Decision(
    model=ModelIdentity(name="openai:gpt-6-luna", vendor="openai", is_offline=False),
    proposal=None,
    abstention=Abstention.MALFORMED,
    exchange=Exchange(options='{"a": 1}', answer="{}", answered_by="gpt-6-luna", request_id="r1"),
)


def test_an_entry_keeps_the_question_the_options_and_the_raw_answer() -> None:
    entry = record_exchange(PROMPT, ANSWERED, now=NOW)
    assert entry is not None
    assert entry.question_digest == PROMPT.digest
    assert entry.question.startswith(PROMPT.instructions)
    assert PROMPT.facts_text in entry.question
    assert (entry.seat, entry.answer, entry.options) == ("openai:gpt-6-luna", "{}", '{"a": 1}')
    assert (entry.answered_by, entry.request_id) == ("gpt-6-luna", "r1")
    assert entry.prompt_version == PROMPT.version


def test_equal_options_have_one_address() -> None:
    one = record_exchange(PROMPT, ANSWERED, now=NOW)
    other = record_exchange(PROMPT, replace(ANSWERED, abstention=Abstention.DEADLINE), now=NOW)
    assert one is not None
    assert other is not None
    assert one.options_digest == other.options_digest
    assert len(one.options_digest) == 32


def test_without_a_raw_answer_there_is_no_entry() -> None:
    assert record_exchange(PROMPT, replace(ANSWERED, exchange=None), now=NOW) is None


def test_an_entry_has_its_time_in_utc() -> None:
    with pytest.raises(ValueError, match="UTC"):
        record_exchange(PROMPT, ANSWERED, now=NOW.replace(tzinfo=None))
