"""Subjects can be switched off; what is critical can't."""

from dataclasses import replace
from datetime import UTC, datetime

from trading.domain.alert_topics import GROUPS, AlertGroup, is_muted
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain
from trading.domain.units import UserId

OPENED = Alert(
    user_id=UserId(1),
    kind=AlertKind.TRADE_OPENED,
    severity=Severity.INFO,
    text=plain("Opened."),
    dedupe_key="opened",
    created_at=datetime(2025, 3, 20, tzinfo=UTC),
)


def test_a_subject_that_is_switched_off_is_not_told() -> None:
    assert is_muted(OPENED, muted={AlertGroup.TRADES})
    assert not is_muted(OPENED, muted={AlertGroup.DIGEST})
    assert not is_muted(OPENED, muted=())


def test_what_is_critical_is_always_told() -> None:
    critical = replace(OPENED, severity=Severity.CRITICAL)
    assert not is_muted(critical, muted=set(AlertGroup))


def test_what_risk_says_has_no_switch() -> None:
    unmuted = {
        AlertKind.LIQUIDATED,
        AlertKind.PROTECTION_FAILED,
        AlertKind.BREAKER_OPENED,
        AlertKind.ORDER_IN_DOUBT,
        AlertKind.BOOKS_DIFFER,
        AlertKind.SYSTEM,
    }
    assert not unmuted & GROUPS.keys()
    for kind in unmuted:
        assert not is_muted(replace(OPENED, kind=kind), muted=set(AlertGroup))
