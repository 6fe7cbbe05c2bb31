"""What the bot says: every text in both languages, safe, short enough, honest about paper."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from reports.texts.catalog import list_languages
from telegram.views.command_list import COMMANDS
from telegram.views.dialogs.people import render_registered
from telegram.views.errors import render_bad_input
from telegram.views.help import build_menu, render_unknown_command, render_usage
from telegram.views.message import MAX_CAPTION_CHARACTERS, MAX_TEXT_CHARACTERS, Reply, build_reply
from telegram.views.reports.alerts import render_alert
from telegram.views.reports.receipt import render_why
from telegram.views.reports.stats import render_stats_caption
from telegram.views.reports.status import render_status
from tests.doubles.telegram_text import read_text
from tests.telegram.views.view_cases import CASES
from tests.telegram.views.view_values import (
    HOSTILE,
    make_alert,
    make_denied_record,
    make_stats,
    make_status,
)
from trading.domain.accounts import Language
from trading.domain.alerts import AlertKind
from trading.domain.messages import plain

BOTH = pytest.mark.parametrize("language", list_languages())
ALL = pytest.mark.parametrize("name", CASES)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)  # noqa: RUF001 - it is meant
SUM = re.compile(r"\d\.\d\d (USDT)\b(?! PAPER)")
COMMAND_LIMIT = 100


def show(reply: Reply) -> str:
    """As a person reads it, with its buttons below."""
    rows = (
        " ".join(f"[{b.label} → {b.action} {b.argument}]" for b in row) for row in reply.buttons
    )
    return "\n".join([reply.text, *rows])


@BOTH
def test_every_text_reads_as_recorded(language: Language, snapshot: SnapshotAssertion) -> None:
    told = {name: show(case(language=language)) for name, case in CASES.items()}
    assert "\n\n".join(f"=== {name}\n{text}" for name, text in told.items()) == snapshot


@BOTH
@ALL
def test_telegram_takes_it(name: str, language: Language) -> None:
    reply = CASES[name](language=language)
    plain = read_text(reply.text, parse_mode="HTML").plain
    assert plain.strip()
    assert len(reply.text) <= MAX_TEXT_CHARACTERS
    for button in (button for row in reply.buttons for button in row):
        assert 1 <= len(button.label) <= 64
        assert re.fullmatch("[a-z_]+", button.action)


@ALL
def test_russians_are_spoken_to_in_russian(name: str) -> None:
    english, russian = (CASES[name](language=one) for one in list_languages())
    assert russian.text != english.text
    assert CYRILLIC.search(russian.text)
    assert len(russian.buttons) == len(english.buttons)
    assert [[b.action for b in row] for row in russian.buttons] == [
        [b.action for b in row] for row in english.buttons
    ]


@BOTH
@ALL
def test_a_sum_of_paper_money_is_marked(name: str, language: Language) -> None:
    text = read_text(CASES[name](language=language).text, parse_mode="HTML").plain
    unmarked = [line for line in text.splitlines() if SUM.search(line)]
    real = ("LIVE", "real money", "настоящие деньги")
    assert not unmarked or any(words in text for words in real), unmarked


@BOTH
def test_a_stranger_changes_no_layout(language: Language) -> None:
    for reply in (
        render_registered(HOSTILE, signs_up=True, language=language),
        render_unknown_command(HOSTILE, language=language),
        render_bad_input(plain(HOSTILE), language=language),
        render_alert(make_alert(AlertKind.SYSTEM, HOSTILE), language=language),
        render_why(make_denied_record(), language=language),
    ):
        text = read_text(reply.text, parse_mode="HTML")
        assert "<b>&" in text.plain
        assert not any(entity["type"] in {"text_link", "url"} for entity in text.entities)
    why = render_why(make_denied_record(), language=language)
    assert "evil.example" not in why.text


@given(words=st.text(min_size=1, max_size=4000), language=st.sampled_from(list_languages()))
def test_any_body_fits_into_a_message(words: str, language: Language) -> None:
    reply = render_alert(make_alert(AlertKind.SYSTEM, words), language=language)
    assert len(read_text(reply.text, parse_mode="HTML").plain) <= MAX_TEXT_CHARACTERS


@BOTH
def test_too_many_pairs_are_cut_and_said(language: Language) -> None:
    view = make_status(pairs=make_status().pairs * 30)
    reply = render_status(view, language=language)
    read_text(reply.text, parse_mode="HTML")
    assert "/pairs" in reply.text or "…" in reply.text


@BOTH
def test_blocks_are_cut_whole(language: Language) -> None:
    reply = build_reply(*[f"<b>{'x' * 400}</b>"] * 30, language=language)
    assert reply.text.count("<b>") == reply.text.count("</b>") < 30
    assert reply.text.endswith("</i>")


def test_an_empty_message_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="1 to 4096"):
        Reply(text="")


@BOTH
def test_a_caption_fits_below_a_picture(language: Language) -> None:
    assert len(render_stats_caption(make_stats(), language=language).text) <= (
        MAX_CAPTION_CHARACTERS
    )


def test_the_menu_has_every_command_once() -> None:
    for language in list_languages():
        everybody = build_menu(is_admin=False, language=language)
        admins = build_menu(is_admin=True, language=language)
        assert [one.command for one in admins] == [one.name for one in COMMANDS]
        assert set(everybody) < set(admins)
        assert len(admins) <= COMMAND_LIMIT
        assert all(1 <= len(one.description) <= 256 for one in admins)


@BOTH
def test_how_a_command_is_written_is_told_for_each(language: Language) -> None:
    for one in COMMANDS:
        reply = render_usage(one.name, language=language)
        assert f"/{one.name}" in reply.text
    assert "/addpair" in render_usage("nothing", language=language).text
