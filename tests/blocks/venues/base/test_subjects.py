"""Subjects of questions to a venue are told in every language."""

import re
from pathlib import Path

import pytest

from blocks.venues.base.subjects import tell_subject
from reports.texts.catalog import list_languages, render
from trading.domain.messages import PLAIN

VENUES = Path("blocks/venues")
WRITTEN = re.compile(r'(?:about ?=|_ABOUT =) ?f?"([^"]+)"')


def list_subjects() -> list[str]:
    found = {word for file in VENUES.rglob("*.py") for word in WRITTEN.findall(file.read_text())}
    return sorted(re.sub(r"\{.*\}", "BTC/USDT", word) for word in found)


@pytest.mark.parametrize("about", list_subjects())
def test_every_subject_of_the_sources_has_a_text_in_each_language(about: str) -> None:
    told = tell_subject(about)

    assert told.code != PLAIN
    texts = {render(told, language=language) for language in list_languages()}
    assert len(texts) == len(list_languages())


def test_an_unknown_subject_is_shown_as_given() -> None:
    assert str(tell_subject("moons of BTC/USDT")) == "moons of BTC/USDT"
