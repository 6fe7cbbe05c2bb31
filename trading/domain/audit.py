"""Audit entries: actor, action and time; kept forever, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trading.domain.units import UserId, require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """
    One recorded action.

    Attributes:
        user_id: the affected user; None for the system.
        actor: "user:1", "operator", "watchdog".
        detail: figures and names as text; never a secret.
    """

    user_id: UserId | None
    actor: str
    action: str
    detail: Mapping[str, str]
    at: datetime

    def __post_init__(self) -> None:
        require_utc(at=self.at)
