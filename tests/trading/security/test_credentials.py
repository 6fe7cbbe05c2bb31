"""Credentials are complete, hidden from texts, and known by a short hint."""

from datetime import UTC, datetime

import pytest

from reports.texts.catalog import tell
from trading.domain.errors import BadInput
from trading.domain.units import VenueName
from trading.security.credentials import MAX_CREDENTIAL_CHARACTERS, Credentials, ExchangeAccount

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)


def test_an_account_has_a_time_in_utc() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        ExchangeAccount(venue=VenueName.BYBIT, hint="", connected_at=NAIVE, verified_at=None)


@pytest.mark.parametrize(
    ("api_key", "api_secret"),
    [("", "s"), ("k", ""), ("  ", "s"), ("k", "s" * (MAX_CREDENTIAL_CHARACTERS + 1))],
)
def test_a_key_without_its_secret_is_no_access(api_key: str, api_secret: str) -> None:
    with pytest.raises(BadInput, match="both needed") as told:
        Credentials(api_key=api_key, api_secret=api_secret)
    assert "sss" not in tell(told.value)


def test_credentials_show_nothing() -> None:
    credentials = Credentials(api_key="k" * 12 + "tail", api_secret="hidden")
    assert repr(credentials) == str(credentials) == "Credentials()"


@pytest.mark.parametrize(
    ("api_key", "hint"), [("k" * 12 + "tail", "tail"), ("k" * 11 + "tail", "")]
)
def test_a_hint_shows_at_most_a_quarter_of_a_key(api_key: str, hint: str) -> None:
    assert Credentials(api_key=api_key, api_secret="s").hint == hint
