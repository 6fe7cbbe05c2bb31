"""Warnings about voices, and the notice of a shutdown date."""

from datetime import date, timedelta

import pytest

from reports.texts.catalog import render
from trading.council.decisions import ModelIdentity
from trading.council.seats import SHUTDOWN_NOTICE, Listing, explain_voices

TODAY = date(2026, 11, 30)


def seats(*names: str) -> list[ModelIdentity]:
    """`maker:model`, or the name of a rule."""
    return [
        ModelIdentity(name=name, vendor=name.partition(":")[0], is_offline=":" not in name)
        for name in names
    ]


@pytest.mark.parametrize(
    ("names", "warning"),
    [
        ((), ""),
        (("trend", "breakout"), ""),
        (("openai:a", "anthropic:b"), ""),
        (("openai:a", "anthropic:b", "trend"), ""),
        (("openai:a", "trend", "breakout"), "One language model (openai:a) sits beside 2 rules."),
        (("openai:a", "openai:b", "trend"), "All language models are made by openai"),
        (("openai:a", "openai:b"), "All seats together have one voice (openai)"),
        (("openai:a",), "All seats together have one voice (openai)"),
    ],
)
def test_too_few_voices_of_models_are_a_warning(names: tuple[str, ...], warning: str) -> None:
    said = render(explain_voices(seats(*names)))
    assert said.startswith(warning)
    assert bool(said) == bool(warning)


def test_a_model_is_closing_from_thirty_days_before_its_date() -> None:
    last = TODAY + SHUTDOWN_NOTICE
    assert Listing(exists=True, shutdown_on=last).is_closing(TODAY)
    assert Listing(exists=False, shutdown_on=TODAY - timedelta(days=1)).is_closing(TODAY)
    assert not Listing(exists=True, shutdown_on=last + timedelta(days=1)).is_closing(TODAY)
    assert not Listing(exists=True).is_closing(TODAY)
