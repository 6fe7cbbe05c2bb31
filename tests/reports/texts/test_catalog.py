"""The catalogs hold what the sources say: no text missing, none unused, every argument right."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from reports.texts import catalog
from reports.texts.catalog import (
    find_language,
    list_languages,
    parse_language,
    render,
    say,
)
from telegram.views.reports.status import render_status
from tests.languages import RUSSIAN
from tests.reports.texts.sources import LOCALES, find_uses, read_catalog
from tests.telegram.views.view_values import make_status
from trading.domain.accounts import ENGLISH, Language
from trading.domain.errors import BadInput
from trading.domain.messages import PLAIN, Message, message, plain

EVERY = pytest.mark.parametrize("file", sorted(LOCALES.glob("*.ftl")), ids=lambda file: file.stem)


@EVERY
def test_no_text_is_missing(file: Path) -> None:
    texts = read_catalog(file)
    assert not {code: uses for code, uses in find_uses().items() if code not in texts}


@EVERY
def test_no_text_is_unused(file: Path) -> None:
    assert not set(read_catalog(file)) - set(find_uses()) - {PLAIN}


@EVERY
def test_every_use_gives_the_arguments_of_the_text(file: Path) -> None:
    texts = read_catalog(file)
    assert not [
        f"{place}: {code} takes {sorted(texts[code])}, not {sorted(names)}"
        for code, uses in find_uses().items()
        for place, names in uses
        if code in texts and names != texts[code]
    ]


def test_the_languages_are_the_files_english_first() -> None:
    assert list_languages()[0] == ENGLISH
    assert set(list_languages()) == {file.stem for file in LOCALES.glob("*.ftl")}


def test_arguments_are_shown_by_their_kind() -> None:
    told = message("pairs-added", pair="BTC/USDT", capital=Decimal("1E+3"), venue=plain("paper"))
    assert render(told) == "Added BTC/USDT with 1000 on paper prices."
    assert say(ENGLISH, "common-more", more=1200) == "… and 1200 more"
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert "2026-03-01 12:00 UTC" in say(ENGLISH, "positions-prices-of", of=noon)
    two = (message("action-hold"), message("action-close"))
    assert say(RUSSIAN, "admin-scheduler", answers=two) == "Планировщик: ждать; закрыть"


def test_a_long_argument_is_shown_whole() -> None:
    assert f"“{'x' * 5000}”" in say(ENGLISH, "admin-halt-question", reason="x" * 5000)
    assert render(plain("x" * 5000)) == "x" * 5000


def test_an_unknown_code_is_shown_with_its_arguments(caplog: pytest.LogCaptureFixture) -> None:
    assert render(Message("of-a-later-version", {"pair": "BTC/USDT"})) == (
        "of-a-later-version pair=BTC/USDT"
    )
    assert "of-a-later-version" in caplog.text


def test_a_missing_argument_is_logged_and_the_rest_is_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert render(message("common-more")) == "… and more more"
    assert "common-more" in caplog.text


def test_a_language_is_read_by_its_code_or_its_name() -> None:
    assert parse_language(" RU ") == parse_language("русский") == parse_language("ru-RU") == "ru"
    assert find_language("xx") is None
    with pytest.raises(BadInput, match="not a language I speak"):
        parse_language("klingon")


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Language]:
    """A third language: one more file, and nothing else."""
    for file in LOCALES.glob("*.ftl"):
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "de.ftl").write_text(
        "language-name = Deutsch\nthousands-separator = .\ncommon-status = Lage\n"
        "status-equity = Kapital { $equity } { $currency }, netto { $net } { $currency }\n"
    )
    monkeypatch.setattr(catalog, "_folder", tmp_path)
    list_languages.cache_clear()
    yield Language("de")
    list_languages.cache_clear()


def test_a_third_language_is_one_file(german: Language) -> None:
    assert list_languages() == (ENGLISH, german, RUSSIAN)
    assert parse_language("Deutsch") == find_language("de-AT") == german
    told = render_status(make_status(), language=german).text
    assert "Lage" in told
    assert "Kapital" in told
    assert "Last cycle" in told  # what the file lacks is said in English
