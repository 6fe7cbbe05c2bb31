"""Audit entries: who did what, when; kept forever, changed never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from trading.domain.units import UserId, require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """
    One thing that was done.

    Attributes:
        user_id: whom it concerned; None for the system.
        actor: who did it, "user:1", "operator", "watchdog".
        detail: figures and names as text; never a secret.
    """

    user_id: UserId | None
    actor: str
    action: str
    detail: Mapping[str, str]
    at: datetime

    def __post_init__(self) -> None:
        require_utc(at=self.at)
