"""Which messages a person may switch off, by subject; what is critical is never among them.

Alert, muted groups -> is_muted
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from trading.domain.accounts import Language
from trading.domain.alerts import Alert, AlertKind, Severity


class AlertGroup(StrEnum):
    """Subjects that can be switched off."""

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
    How a user is spoken to.

    Attributes:
        muted: subjects that he does not want to hear of.
        is_blocked: he has blocked the bot.
    """

    language: Language
    muted: frozenset[AlertGroup] = frozenset()
    is_blocked: bool = False


def is_muted(alert: Alert, *, muted: Collection[AlertGroup]) -> bool:
    """Whether its person does not want to hear it; never of a critical one."""
    return alert.severity is not Severity.CRITICAL and GROUPS.get(alert.kind) in muted
