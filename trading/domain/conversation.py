"""What a conversation with a person leaves behind: a question asked, a button, a limit to raise.

Values only; who keeps them is the database, who speaks is the bot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from trading.domain.units import Pair, require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """
    A question that waits for its answer.

    Attributes:
        step: names the question.
        detail: what it is about, never a secret.
    """

    step: str
    asked_at: datetime
    detail: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_utc(asked_at=self.asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class PressedButton:
    """What the owner of a button asked for by pressing it: a verb and its argument."""

    action: str
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRaise:
    """
    A limit of a pair that becomes looser at `due_at`.

    Attributes:
        name: a field of `RiskLimits`.
        value: the new one, as text, durations in seconds.
    """

    pair: Pair
    name: str
    value: str
    asked_at: datetime
    due_at: datetime

    def __post_init__(self) -> None:
        require_utc(asked_at=self.asked_at, due_at=self.due_at)
