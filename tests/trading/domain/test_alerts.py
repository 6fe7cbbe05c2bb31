"""Alerts, intents, credentials and audit entries: whole when built, or not built."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from trading.domain.alerts import (
    MAX_ALERT_CHARACTERS,
    MAX_DEDUPE_KEY_CHARACTERS,
    Alert,
    AlertKind,
    Severity,
)
from trading.domain.credentials import MAX_CREDENTIAL_CHARACTERS, Credentials, ExchangeAccount
from trading.domain.errors import BadInput
from trading.domain.intents import OPEN_INTENT_STATUSES, IntentRecord
from trading.domain.orders import IntentStatus, Leg, OrderIntent, OrderType
from trading.domain.units import Pair, Side, UserId, VenueName

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)
ALERT = Alert(
    user_id=UserId(1),
    kind=AlertKind.STOP_HIT,
    severity=Severity.WARNING,
    text="The stop of BTC/USDT was hit.",
    dedupe_key="stop-1",
    created_at=NOW,
)


@pytest.mark.parametrize("text", ["", "x" * (MAX_ALERT_CHARACTERS + 1)])
def test_an_alert_has_something_to_say_that_fits_a_message(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 4000 characters"):
        replace(ALERT, text=text)


@pytest.mark.parametrize("key", ["", "x" * (MAX_DEDUPE_KEY_CHARACTERS + 1)])
def test_an_alert_names_its_event(key: str) -> None:
    with pytest.raises(ValueError, match="1 to 200 characters"):
        replace(ALERT, dedupe_key=key)


def test_an_alert_knows_when() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        replace(ALERT, created_at=NAIVE)


def test_an_audit_entry_and_an_account_know_when() -> None:
    with pytest.raises(ValueError, match="aware UTC"):
        ExchangeAccount(venue=VenueName.BYBIT, hint="", connected_at=NAIVE, verified_at=None)


@pytest.mark.parametrize(
    ("api_key", "api_secret"),
    [("", "s"), ("k", ""), ("  ", "s"), ("k", "s" * (MAX_CREDENTIAL_CHARACTERS + 1))],
)
def test_a_key_without_its_secret_is_no_access(api_key: str, api_secret: str) -> None:
    with pytest.raises(BadInput, match="both needed") as told:
        Credentials(api_key=api_key, api_secret=api_secret)
    assert "sss" not in told.value.sentence


def test_credentials_show_nothing() -> None:
    credentials = Credentials(api_key="k" * 12 + "tail", api_secret="hidden")
    assert repr(credentials) == str(credentials) == "Credentials()"


@pytest.mark.parametrize(
    ("api_key", "hint"), [("k" * 12 + "tail", "tail"), ("k" * 11 + "tail", "")]
)
def test_a_hint_shows_at_most_a_quarter_of_a_key(api_key: str, hint: str) -> None:
    assert Credentials(api_key=api_key, api_secret="s").hint == hint


@pytest.mark.parametrize("status", IntentStatus)
def test_an_intent_is_open_until_it_is_resolved_or_abandoned(status: IntentStatus) -> None:
    intent = OrderIntent(
        user_id=UserId(1),
        venue=VenueName.PAPER,
        pair=Pair("BTC", "USDT"),
        cycle_time=NOW,
        leg=Leg.ENTRY,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(1),
        reduce_only=False,
        expected_price=Decimal(1),
    )
    record = IntentRecord(
        intent=intent,
        status=status,
        reason="",
        fence=0,
        worker="",
        lease_until=None,
        created_at=NOW,
        sending_at=None,
        finished_at=None,
    )
    is_open = status not in {IntentStatus.RESOLVED, IntentStatus.ABANDONED}
    assert record.is_open is is_open
    assert (status in OPEN_INTENT_STATUSES) is is_open
