"""The catalogs of texts: `locales/<language>.ftl`, a Fluent file for each language.

Message(code, arguments), language -> render -> text

A new file adds a language. A text missing in a language is shown in English; a code missing in
English too is logged, and the code with the arguments is shown: an alert is delivered in any case.
Tests compare the codes and arguments of the sources with every catalog.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentType, fluent_number

from trading.domain.accounts import ENGLISH, Language
from trading.domain.errors import BadInput, QuorumError
from trading.domain.messages import PLAIN, Argument, Message, message, speak_english
from trading.reporting.formatting import show_gain, show_instant, show_money, show_price

MAX_ARGUMENT_CHARACTERS = 2400
"""A longer argument is inserted after Fluent's formatting: fluent.runtime 0.4 refuses more than
2,500 characters (resolver.py, read 2026-11-30), and a cut could lose the end of an HTML tag."""
LIST_SEPARATOR = "; "

logger = logging.getLogger("quorum.texts")
_folder = Path(__file__).parent / "locales"


class _Figure(str):
    """The default text of a number or instant; functions such as MONEY format `value` instead."""

    __slots__ = ("value",)
    value: Decimal | datetime


@cache
def list_languages() -> tuple[Language, ...]:
    """The languages with a catalog, English first."""
    found = sorted(Language(file.stem) for file in _folder.glob("*.ftl"))
    return (ENGLISH, *(language for language in found if language != ENGLISH))


def find_language(text: str) -> Language | None:
    """The language of a code such as "ru" or "ru-RU"; None without a catalog."""
    code = text.strip().lower().partition("-")[0]
    return Language(code) if code in list_languages() else None


def parse_language(text: str) -> Language:
    """
    Read a language by code or name.

    Raises:
        BadInput: for a language without a catalog.
    """
    word = text.strip().lower()
    for language in list_languages():
        if word in {language, say(language, "language-name").lower()}:
            return language
    found = find_language(word)
    if found is None:
        known = ", ".join(list_languages())
        raise BadInput(message("language-unknown", text=text.strip()[:40], known=known))
    return found


def say(language: Language, code: str, /, **arguments: Argument) -> str:
    """Render a text by code; arguments are inserted unchanged, so HTML stays HTML."""
    return render(Message(code, arguments), language=language)


def render(told: Message, *, language: Language = ENGLISH) -> str:
    """Render a message; a message within the arguments is rendered first."""
    if told.code == PLAIN:
        return told.describe()
    bundle = _find_bundle(told.code, language)
    if bundle is None:
        logger.error("no catalog has the text %s", told.code)
        return told.describe()
    pattern = bundle.get_message(told.code).value
    assert pattern is not None
    values = {name: _prepare(value, language) for name, value in told.arguments.items()}
    long = {name: text for name, text in values.items() if _is_long(text)}
    marks = {name: f"\ue000{name}\ue000" for name in long}
    text, errors = bundle.format_pattern(pattern, {**values, **marks})
    for error in errors:
        logger.error("the text %s in %s: %s", told.code, language, error)
    for name, mark in marks.items():
        text = str(text).replace(mark, str(long[name]))
    return str(text)


def tell(error: QuorumError) -> str:
    """An error in English, for logs and the command line."""
    return render(error.message)


@cache
def load_bundle(language: Language) -> FluentBundle:
    """The catalog of a language, read once a process."""
    source = (_folder / f"{language}.ftl").read_text(encoding="utf-8")
    bundle = FluentBundle([language], functions=_build_functions(language), use_isolating=False)
    bundle.add_resource(FluentResource(source))
    return bundle


def _find_bundle(code: str, language: Language) -> FluentBundle | None:
    for one in (language, ENGLISH):
        if one in list_languages() and load_bundle(one).has_message(code):
            return load_bundle(one)
    return None


def _prepare(value: Argument, language: Language) -> object:
    """A value for Fluent: an int stays a number, for plural forms; other values become text."""
    match value:
        case Message():
            return render(value, language=language)
        case tuple():
            return LIST_SEPARATOR.join(render(one, language=language) for one in value)
        case Decimal():
            return _build_figure(value, text=f"{value:f}")
        case datetime():
            return _build_figure(value, text=show_instant(value))
        case int():
            return fluent_number(value, useGrouping=False)
        case _:
            return value


def _is_long(value: object) -> bool:
    return isinstance(value, str) and len(value) > MAX_ARGUMENT_CHARACTERS


def _build_figure(value: Decimal | datetime, *, text: str) -> _Figure:
    figure = _Figure(text)
    figure.value = value
    return figure


def group_thousands(text: str, *, language: Language) -> str:
    """Replace the commas of 1,234.50 by the language's separator; the decimal point stays."""
    return text.replace(",", say(language, "thousands-separator"))


def _build_functions(language: Language) -> dict[str, Callable[[Any], FluentType]]:
    """Functions of the catalogs: MONEY($x) to the cent, GAIN($x) signed, PRICE($x), WORDS($x)."""

    def show(format_value: Callable[[Decimal], str]) -> Callable[[Any], FluentType]:
        def call(figure: _Figure) -> str:
            assert isinstance(figure.value, Decimal)
            return group_thousands(format_value(figure.value), language=language)

        return cast(Callable[[Any], FluentType], call)  # Fluent takes text as well

    def spell(name: str) -> str:
        return name.replace("_", " ")

    words = cast(Callable[[Any], FluentType], spell)
    return {
        "WORDS": words,
        "MONEY": show(show_money),
        "GAIN": show(show_gain),
        "PRICE": show(show_price),
    }


speak_english(render)
