"""State of a conversation with a person: an open question, a pressed button, a pending raise.

Values only; the database stores the values, the bot asks the questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trading.domain.units import Pair, require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """
    A question without an answer yet.

    Attributes:
        step: name of the question.
        detail: subject of the question, never a secret.
    """

    step: str
    asked_at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_utc(asked_at=self.asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressedButton:
    """Request behind a pressed button: a verb and an argument."""

    action: str
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRaise:
    """
    A limit of a pair to loosen at `due_at`.

    Attributes:
        name: a field of `RiskLimits`.
        value: the new limit, as text, durations in seconds.
    """

    pair: Pair
    name: str
    value: str
    asked_at: datetime
    due_at: datetime

    def __post_init__(self) -> None:
        require_utc(asked_at=self.asked_at, due_at=self.due_at)
