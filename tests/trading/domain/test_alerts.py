"""Alerts have a text, an event and a time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from trading.domain.alerts import (
    MAX_DEDUPE_KEY_CHARACTERS,
    Alert,
    AlertKind,
    Severity,
)
from trading.domain.messages import plain
from trading.domain.units import UserId

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)
ALERT = Alert(
    user_id=UserId(1),
    kind=AlertKind.STOP_HIT,
    severity=Severity.WARNING,
    text=plain("The stop of BTC/USDT was hit."),
    dedupe_key="stop-1",
    created_at=NOW,
)


def test_an_alert_has_a_text_and_the_name_of_its_event() -> None:
    with pytest.raises(ValueError, match="a text and a dedupe key"):
        replace(ALERT, text=plain(""))
    with pytest.raises(ValueError, match="a text and a dedupe key"):
        replace(ALERT, dedupe_key="")


def test_no_alert_fails_for_its_length() -> None:
    """A guard that builds an alert goes on, however long the reasons of a venue are."""
    name = "x" * MAX_DEDUPE_KEY_CHARACTERS
    first, other = (replace(ALERT, text=plain(name * 99), dedupe_key=name + end) for end in "ab")
    assert replace(ALERT, dedupe_key=name).dedupe_key == name
    assert len(first.dedupe_key) == MAX_DEDUPE_KEY_CHARACTERS
    assert first.dedupe_key != other.dedupe_key


def test_an_alert_knows_when() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        replace(ALERT, created_at=NAIVE)
