"""The trading switch: validation of a change, and the alert about the change.

    words -> check_reason, parse_switch_venue -> scope, state, reason -> build_switch_alert

Shared by the command line and the bot. `trading.risk.account_rules` and the order sender enforce
the switch: both read the state in the transaction of the reservation and again before the post.
"""

from dataclasses import dataclass
from datetime import datetime

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import BadInput
from trading.domain.messages import Message, message
from trading.domain.units import TradingState, UserId, VenueName

MAX_REASON_CHARACTERS = 200

type SwitchScope = UserId | VenueName | None
"""A user, a venue, or with None the whole system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchChange:
    """
    One change of a switch, as audited.

    Attributes:
        state: HALTED or REDUCING stops entries, ACTIVE allows entries again.
        reason: the text after `check_reason`.
        actor: author of the change.
    """

    scope: SwitchScope
    state: TradingState
    reason: str
    actor: str

    @property
    def is_release(self) -> bool:
        """Whether the change allows entries again (another switch may still forbid entries)."""
        return self.state is TradingState.ACTIVE

    @property
    def about(self) -> UserId | None:
        """The user of the switch, None for the switches of the system and of a venue."""
        return None if isinstance(self.scope, VenueName) else self.scope


def check_reason(text: str) -> str:
    """
    Return the trimmed reason for the change.

    Raises:
        BadInput: for an empty reason, a long reason or unprintable characters.
    """
    plain = text.strip()
    if not plain or len(plain) > MAX_REASON_CHARACTERS:
        raise BadInput(message("reason-length", most=MAX_REASON_CHARACTERS))
    if not plain.isprintable():
        raise BadInput(message("reason-unprintable"))
    return plain


def parse_switch_venue(text: str) -> VenueName:
    """
    A venue with a switch: a real venue, or paper.

    Raises:
        BadInput: for any other word.
    """
    word = text.strip().lower()
    if word not in set(VenueName):
        known = ", ".join(VenueName)
        raise BadInput(message("venue-unknown", text=text.strip()[:40], known=known))
    return VenueName(word)


def describe_scope(scope: SwitchScope) -> str:
    """Whom a switch is for, in logs and keys: `everybody`, `user 3`, `binance`."""
    if scope is None:
        return "everybody"
    return str(scope) if isinstance(scope, VenueName) else f"user {scope}"


def name_scope(scope: SwitchScope) -> Message:
    """Whom a switch is for, for people."""
    if scope is None:
        return message("switch-everybody")
    if isinstance(scope, VenueName):
        return message("switch-venue", venue=scope.title())
    return message("switch-user", user=scope)


def build_switch_alert(turn: SwitchChange, *, to: UserId | None, now: datetime) -> Alert:
    """Tell a user, or with None the operator, that a switch was turned."""
    whom = describe_scope(turn.scope)
    return Alert(
        user_id=to,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.WARNING if turn.is_release else Severity.CRITICAL,
        text=_tell_switch(turn, is_operator=to is None),
        dedupe_key=f"switch:{whom}:{turn.state}:{now.isoformat()}",
        created_at=now,
    )


def _tell_switch(turn: SwitchChange, *, is_operator: bool) -> Message:
    whom = name_scope(turn.scope)
    if turn.is_release:
        return message("switch-released", whom=whom, reason=turn.reason)
    told = message(f"switch-{turn.state}", whom=whom, reason=turn.reason)
    return message("switch-operator", told=told) if is_operator else told
