"""Subjects of messages, for muting; a critical message is never muted.

Alert, muted groups -> is_muted
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trading.domain.accounts import Language
from trading.domain.alerts import Alert, AlertKind, Severity


class AlertGroup(StrEnum):
    """Subjects of alerts for muting."""

    TRADES = "trades"
    NOTICES = "notices"
    DIGEST = "digest"


GROUPS: Mapping[AlertKind, AlertGroup] = {
    AlertKind.TRADE_OPENED: AlertGroup.TRADES,
    AlertKind.TRADE_CLOSED: AlertGroup.TRADES,
    AlertKind.STOP_HIT: AlertGroup.TRADES,
    AlertKind.TARGET_HIT: AlertGroup.TRADES,
    AlertKind.ORDER_RESOLVED: AlertGroup.NOTICES,
    AlertKind.BREAKER_CLOSED: AlertGroup.NOTICES,
    AlertKind.BUDGET_REACHED: AlertGroup.NOTICES,
    AlertKind.WITHDRAWAL_DUE: AlertGroup.NOTICES,
    AlertKind.RESTARTED: AlertGroup.NOTICES,
    AlertKind.DAILY_DIGEST: AlertGroup.DIGEST,
}
"""Kinds that have a switch; the others are always told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """
    Address and preferences of a user who receives alerts.

    Attributes:
        muted: subjects switched off by the user.
        is_blocked: the user has blocked the bot.
    """

    language: Language
    muted: frozenset[AlertGroup] = frozenset()
    is_blocked: bool = False


def is_muted(alert: Alert, *, muted: Collection[AlertGroup]) -> bool:
    """Whether the recipient has switched the subject off; False for a critical alert."""
    return alert.severity is not Severity.CRITICAL and GROUPS.get(alert.kind) in muted
