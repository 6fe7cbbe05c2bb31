"""The marks of a user in texts, and audit entries without the user."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from trading.domain.errors import BadInput
from trading.domain.units import UserId
from trading.security.audit_chain import AuditEntry, extend_chain, verify_chain
from trading.security.erasure import (
    MASK,
    UserMarks,
    check_erasable,
    describe_erasure,
    pseudonymise,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MARKS = UserMarks(user_id=UserId(7), name="Ann", telegram_id=5550123987, hints=("wxyz", ""))
LONG = UserMarks(user_id=UserId(770077), name="Ann")


def make_entry(number: int, **changes: object) -> AuditEntry:
    entry = AuditEntry(
        entry_id=number,
        user_id=UserId(8),
        actor="telegram:99",
        action="ban",
        detail={"pair": "BTC/USDT"},
        at=NOW,
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["User 7, BTC/USDT", '{"user": 7, "x": 1}', "user_id=7", "receipt-u7-btc", '\\"user\\": 7'],
)
def test_texts_about_the_user_are_found(text: str) -> None:
    assert re.search(MARKS.about, text, re.IGNORECASE)


@pytest.mark.parametrize("text", ["User 77", "u70-BTC", "7 users", "price 7", "status 7"])
def test_texts_about_others_are_not(text: str) -> None:
    assert not re.search(MARKS.about, text, re.IGNORECASE)


def test_a_long_number_is_found_anywhere() -> None:
    assert re.search(LONG.about, "for 770077.")
    assert not re.search(LONG.about, "1770077")


@pytest.mark.parametrize("text", ["hello Ann!", "chat 5550123987", "key ...wxyz"])
def test_words_of_the_user_are_found(text: str) -> None:
    assert re.search(MARKS.words, text, re.IGNORECASE)


def test_words_of_others_are_not() -> None:
    for text in ("Anna", "15550123987", "wxyz", "..."):
        assert not re.search(MARKS.words, text, re.IGNORECASE)


def test_a_short_telegram_number_needs_a_word_in_front() -> None:
    marks = UserMarks(user_id=UserId(7), name="Ann", telegram_id=101)
    assert re.search(marks.words, "telegram:101")
    assert not re.search(marks.words, "price 101")


def test_an_entry_about_the_user_loses_the_details() -> None:
    entry = make_entry(1, user_id=UserId(7), detail={"name": "Ann", "pair": "BTC/USDT"})
    changed = pseudonymise(entry, marks=MARKS, pseudonym="p")
    assert changed == replace(entry, user_id=None, detail={"user": "p"})


def test_an_entry_by_the_user_about_another_names_the_pseudonym() -> None:
    entry = make_entry(1, actor="telegram:5550123987")
    assert pseudonymise(entry, marks=MARKS, pseudonym="p") == replace(entry, actor="p")


def test_a_mention_in_the_details_is_masked() -> None:
    entry = make_entry(1, detail={"user": "7", "count": "7", "why": "as Ann asked"})
    changed = pseudonymise(entry, marks=MARKS, pseudonym="p")
    assert changed is not None
    assert changed.detail == {"user": MASK, "count": "7", "why": f"as {MASK} asked"}


def test_other_entries_stay() -> None:
    assert pseudonymise(make_entry(1), marks=MARKS, pseudonym="p") is None


def test_the_chain_of_the_others_stays_valid() -> None:
    entries = [make_entry(n, user_id=UserId(7 + n % 2)) for n in range(1, 9)]
    links = extend_chain(entries, last=None, salts=(bytes([n]) * 16 for n in range(8)))
    changed = {
        entry.entry_id: after
        for entry in entries
        if (after := pseudonymise(entry, marks=MARKS, pseudonym="p"))
    }
    erased = [replace(link, salt=None) if link.entry_id in changed else link for link in links]
    sequences = [link.sequence for link in erased if link.salt is None]
    erasure = replace(
        describe_erasure(sequences, pseudonym="p", actor="operator", now=NOW), entry_id=9
    )
    erased += extend_chain([erasure], last=erased[-1], salts=[b"s" * 16])
    log = {entry.entry_id: entry for entry in [*entries, erasure]} | changed
    assert len(changed) == 4
    assert verify_chain(erased, entries=log, heads=[links[-1].head]) == []
    assert len(verify_chain(erased, entries={**log, 1: make_entry(1, action="x")})) == 1


@pytest.mark.parametrize("reason", ["held", "in_doubt", "running"])
def test_open_business_forbids_the_erasure(reason: str) -> None:
    open_business: dict[str, list[str]] = {"held": [], "in_doubt": []}
    check_erasable(**open_business)
    with pytest.raises(BadInput):
        check_erasable(**{**open_business, reason: ["BTC/USDT"]})


def test_without_a_telegram_account_the_name_alone_is_searched() -> None:
    assert not re.search(LONG.words, "telegram:None")
