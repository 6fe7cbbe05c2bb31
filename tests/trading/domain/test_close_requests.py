"""Requests to close that are overdue: told to their user and to the operator."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trading.domain.alerts import AlertKind, Severity
from trading.domain.close_requests import CloseRequest, build_overdue_alerts
from trading.domain.messages import plain
from trading.domain.units import Pair, UserId

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
REQUEST = CloseRequest(
    user_id=UserId(3), pair=Pair("BTC", "USDT"), requested_at=NOON, requested_by="user:3"
)


def test_a_request_that_nobody_has_begun_says_so_and_what_to_do() -> None:
    own, theirs = build_overdue_alerts(REQUEST, now=NOON + timedelta(seconds=25))
    assert str(own.text) == (
        "BTC/USDT: closing has not finished after 25 s. No worker has begun to close it. "
        "Workers try again every 10 s. You can close the position at the exchange."
    )
    assert (own.user_id, own.kind, own.severity) == (
        UserId(3),
        AlertKind.PROTECTION_FAILED,
        Severity.CRITICAL,
    )
    assert (theirs.user_id, theirs.kind) == (None, AlertKind.SYSTEM)
    assert "User 3" in str(theirs.text)
    assert "quorum doctor" in str(theirs.text)
    assert own.dedupe_key != theirs.dedupe_key


def test_an_attempt_that_has_not_ended_is_told() -> None:
    tried = replace(REQUEST, attempts=1, tried_at=NOON)
    own, _ = build_overdue_alerts(tried, now=NOON + timedelta(seconds=21))
    assert "after 21 s. A worker is closing it. Workers try again" in str(own.text)


def test_failed_attempts_are_counted_with_the_last_reason() -> None:
    tried = replace(REQUEST, attempts=2, reason=plain("The venue is silent."), tried_at=NOON)
    own, _ = build_overdue_alerts(tried, now=NOON + timedelta(seconds=40))
    assert "2 attempts failed. The last reason: The venue is silent." in str(own.text)


def test_a_request_has_its_time_in_utc() -> None:
    with pytest.raises(ValueError, match="UTC"):
        replace(REQUEST, requested_at=NOON.replace(tzinfo=None))
