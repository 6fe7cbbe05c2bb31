"""Alerts have a text, an event and a time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from trading.domain.alerts import (
    MAX_ALERT_CHARACTERS,
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


@pytest.mark.parametrize("text", ["", "x" * (MAX_ALERT_CHARACTERS + 1)])
def test_an_alert_has_something_to_say_that_fits_a_message(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 4000 characters"):
        replace(ALERT, text=plain(text))


@pytest.mark.parametrize("key", ["", "x" * (MAX_DEDUPE_KEY_CHARACTERS + 1)])
def test_an_alert_names_its_event(key: str) -> None:
    with pytest.raises(ValueError, match="1 to 200 characters"):
        replace(ALERT, dedupe_key=key)


def test_an_alert_knows_when() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        replace(ALERT, created_at=NAIVE)
