"""Messages: a code with typed arguments, kept as text and read back equal."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.domain.messages import (
    NO_MESSAGE,
    Message,
    message,
    plain,
    read_message,
    read_state,
    write_message,
    write_state,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TOLD = message(
    "order-refused",
    pair="BTC/USDT",
    count=3,
    price=Decimal("0.10"),
    at=NOON,
    why=message("venue-silent"),
    steps=(message("wait"), plain("ask")),
)


def test_a_message_is_read_as_it_was_written() -> None:
    assert read_message(write_message(TOLD)) == TOLD
    assert hash(message("busy", pair="BTC/USDT")) == hash(message("busy", pair="BTC/USDT"))


def test_a_plain_text_is_kept_as_the_text_itself() -> None:
    assert write_message(plain("The venue is silent.")) == "The venue is silent."
    assert read_message("The venue is silent.") == plain("The venue is silent.")


@given(st.text())
def test_any_text_comes_back_unchanged(text: str) -> None:
    assert read_message(write_message(plain(text))) == plain(text)


@pytest.mark.parametrize("told", [TOLD, plain("Two\nlines."), NO_MESSAGE])
def test_a_state_of_prefect_holds_a_sentence_and_the_message(told: Message) -> None:
    text = write_state(told)
    assert text.startswith(str(told))
    assert read_state(text) == told


@pytest.mark.parametrize(
    "text",
    [
        '{"code":"x"',
        '{"code":"x"}',
        '{"code":"x","arguments":[]}',
        '{"code":"x","arguments":{"a":{"other":1}}}',
        '{"code":"x","arguments":{"a":1.5}}',
    ],
)
def test_what_only_looks_written_is_a_plain_text(text: str) -> None:
    assert read_message(text) == plain(text)


def test_an_empty_text_is_no_message() -> None:
    assert not NO_MESSAGE
    assert TOLD


def test_without_a_catalog_a_message_shows_its_code_and_arguments() -> None:
    told = message("pair-missing", pair="BTC/USDT", why=message("gone"))
    assert told.describe() == "pair-missing pair=BTC/USDT why=(gone)"
    assert str(plain("as it is")) == "as it is"
    assert message("all", steps=(message("a"), message("b"))).describe() == "all steps=[a; b]"
