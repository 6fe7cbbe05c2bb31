"""The trading switch: what a person who turns it must say, and how it is told.

    words -> check_reason, parse_switch_venue -> scope, state, reason -> build_switch_alert

The command line and the bot share them. What a switch does is `trading.risk.account_rules`' and
the sender's: both read it in the transaction that reserves an order and again before the post.
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import BadInput
from trading.domain.units import TradingState, UserId, VenueName

MAX_REASON_CHARACTERS = 200

type SwitchScope = UserId | VenueName | None
"""A user, a venue, or with None the whole system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchTurn:
    """
    One turn of a switch, as it is audited.

    Attributes:
        state: HALTED or REDUCING stops entries, ACTIVE allows them again.
        reason: as `check_reason` left it.
        actor: who turned it.
    """

    scope: SwitchScope
    state: TradingState
    reason: str
    actor: str

    @property
    def is_release(self) -> bool:
        """Whether it allows entries again (another switch may still forbid them)."""
        return self.state is TradingState.ACTIVE

    @property
    def about(self) -> UserId | None:
        """The user whose switch it is, None for the system's and a venue's."""
        return None if isinstance(self.scope, VenueName) else self.scope


def check_reason(text: str) -> str:
    """
    Why somebody turns the switch, trimmed.

    Raises:
        BadInput: when nothing is left, it is too long or has unprintable characters.
    """
    plain = text.strip()
    if not plain or len(plain) > MAX_REASON_CHARACTERS:
        raise BadInput(f"Say why, in 1 to {MAX_REASON_CHARACTERS} characters.")
    if not plain.isprintable():
        raise BadInput("A reason has printable characters only.")
    return plain


def parse_switch_venue(text: str) -> VenueName:
    """
    A venue that can be switched off by itself: a real one, or paper.

    Raises:
        BadInput: for any other word.
    """
    word = text.strip().lower()
    if word not in set(VenueName):
        known = ", ".join(VenueName)
        raise BadInput(f"{text.strip()[:40]!r} is no venue: {known}.")
    return VenueName(word)


def describe_scope(scope: SwitchScope) -> str:
    """Whom a switch is for: `everybody`, `user 3`, `binance`."""
    if scope is None:
        return "everybody"
    return str(scope) if isinstance(scope, VenueName) else f"user {scope}"


def build_switch_alert(turn: SwitchTurn, *, to: UserId | None, now: datetime) -> Alert:
    """Tell a user, or with None the operator, that a switch was turned."""
    whom = describe_scope(turn.scope)
    what = (
        f"Entries are allowed again for {whom}."
        if turn.is_release
        else f"Trading is {str(turn.state).upper()} for {whom}: nothing new is opened; exits, "
        "stops and cancels go on."
    )
    next_step = "" if turn.is_release or to else " `quorum unhalt` allows entries again."
    return Alert(
        user_id=to,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.WARNING if turn.is_release else Severity.CRITICAL,
        text=f"{what} Reason: {turn.reason}.{next_step}",
        dedupe_key=f"switch:{whom}:{turn.state}:{now.isoformat()}",
        created_at=now,
    )
