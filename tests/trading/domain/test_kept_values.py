"""What is kept beside the books: keys, alerts, audit entries, intents and how far they got."""

from typing import Any

import pytest

from tests.trading.builders import NOW, USER, make_intent
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.credentials import Credentials, ExchangeAccount
from trading.domain.errors import BadInput
from trading.domain.intents import OPEN_INTENT_STATUSES, IntentRecord
from trading.domain.orders import IntentStatus
from trading.domain.units import VenueName

NAIVE = NOW.replace(tzinfo=None)


def make_alert(**changes: Any) -> Alert:
    fields: dict[str, Any] = {
        "user_id": USER,
        "kind": AlertKind.BREAKER_OPENED,
        "severity": Severity.CRITICAL,
        "text": "Trading BTC/USDT stops until 16:00 UTC.",
        "dedupe_key": "breaker:BTC/USDT:1",
        "created_at": NOW,
    }
    return Alert(**{**fields, **changes})


def test_credentials_never_show_themselves() -> None:
    credentials = Credentials(api_key="key-0123456789abcdef", api_secret="hush-hush")
    assert repr(credentials) == str(credentials) == "Credentials()"
    assert credentials.hint == "cdef"


@pytest.mark.parametrize(("length", "hint"), [(16, "xxxx"), (15, "")])
def test_a_short_key_gives_no_hint(length: int, hint: str) -> None:
    assert Credentials(api_key="x" * length, api_secret="s").hint == hint


@pytest.mark.parametrize(("key", "secret"), [("", "s"), ("k", " \n"), ("k" * 8001, "s")])
def test_both_parts_of_the_credentials_are_needed(key: str, secret: str) -> None:
    with pytest.raises(BadInput, match="An API key and its secret are both needed"):
        Credentials(api_key=key, api_secret=secret)
    assert Credentials(api_key="k" * 8000, api_secret="s\ns").api_secret == "s\ns"


def test_times_are_utc_wherever_they_are_kept() -> None:
    with pytest.raises(ValueError, match="connected_at must be aware UTC"):
        ExchangeAccount(venue=VenueName.BINANCE, hint="cdef", connected_at=NAIVE, verified_at=None)
    with pytest.raises(ValueError, match="created_at must be aware UTC"):
        make_alert(created_at=NAIVE)


@pytest.mark.parametrize(("field", "most"), [("text", 4000), ("dedupe_key", 200)])
def test_an_alert_has_a_text_and_a_name_of_bearable_length(field: str, most: int) -> None:
    assert getattr(make_alert(**{field: "x" * most}), field) == "x" * most
    for wrong in ("", "x" * (most + 1)):
        with pytest.raises(ValueError, match=f"1 to {most} characters"):
            make_alert(**{field: wrong})


@pytest.mark.parametrize("status", list(IntentStatus))
def test_an_intent_is_open_until_its_fate_is_booked(status: IntentStatus) -> None:
    record = IntentRecord(
        intent=make_intent(),
        status=status,
        reason="",
        fence=1,
        worker="w",
        lease_until=None,
        created_at=NOW,
        sending_at=None,
        finished_at=None,
    )
    done = {IntentStatus.RESOLVED, IntentStatus.ABANDONED}
    assert record.is_open == (status not in done) == (status in OPEN_INTENT_STATUSES)
