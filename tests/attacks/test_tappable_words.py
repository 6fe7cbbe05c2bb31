"""Attack: a stranger's words carry a link, a name or a command that the reader taps."""

import re

import pytest

from telegram.views.message import quote

# What Telegram's clients make tappable: commands, names, tags, links with and without a scheme.
TAPPABLE = re.compile(r"(?<!\w)[/@#]\w|\w\.[a-z]{2,}|\w://\w")
WORDS = [
    "press /close_all now",
    "ask @support_team",
    "evil.com",
    "see https://evil.example/x?y=1",
    "tg://resolve?domain=evil",
    "t.me/evil",
    "<a href='https://evil.com'>click</a>",
    "#buy",
    "(/panic)",
    "mail me@evil.com",
]


@pytest.mark.parametrize("text", WORDS)
def test_nothing_in_a_stranger_s_words_can_be_tapped(text: str) -> None:
    assert TAPPABLE.search(text)
    assert not TAPPABLE.search(quote(text))


def test_the_reader_sees_the_same_characters() -> None:
    assert quote("up 1.5 % at @desk").replace("\u2060", "") == "up 1.5 % at @desk"
