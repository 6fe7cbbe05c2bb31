"""Switches that stop or allow entries: of the system, a venue, or a user; and a user's access.

scope, reason -> SwitchTurn -> a transaction (state, audit, alerts)

Needs only the database, so a halt works while Prefect, the workers or the bot are down. Every
order sender reads the switches before an entry; exits, stops and cancels go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from commands.caller import Caller
from commands.pairs import switch_pairs
from db.session import Database, Operator
from trading.domain.accounts import PairConfig, User
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.switches import (
    SwitchChange,
    SwitchScope,
    build_switch_alert,
    check_reason,
    describe_scope,
)
from trading.domain.units import Mode, TradingState, UserId, VenueName

RELEASE_REASON = "the operator allows it"
"""Reason of a release without a reason of the operator's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """A turned switch; `others` are the other switches that stop entries now."""

    turn: SwitchChange
    others: Mapping[SwitchScope, TradingState]


def build_turn(
    scope: SwitchScope, *, state: TradingState, reason: str, actor: str
) -> SwitchChange:
    """
    Build a turn of a switch; only a release needs no reason.

    Raises:
        BadInput: for a missing, too long or unprintable reason.
    """
    default = RELEASE_REASON if state is TradingState.ACTIVE else ""
    return SwitchChange(
        scope=scope, state=state, reason=check_reason(reason or default), actor=actor
    )


async def turn_switch(database: Database, turn: SwitchChange, *, now: datetime) -> Switched:
    """Turn a switch in a transaction of the operator. Raises BadInput as `apply_switch`."""
    async with database.operator() as operator:
        await apply_switch(operator, turn, now=now)
        switches = await operator.states.list_switches()
    others = {
        scope: state
        for scope, state in switches.items()
        if scope != turn.scope and state is not TradingState.ACTIVE
    }
    return Switched(turn=turn, others=others)


async def apply_switch(operator: Operator, turn: SwitchChange, *, now: datetime) -> None:
    """
    Turn a switch; write the audit entry and the alerts to the operator and the users concerned.

    The switch holds from the commit on: every reservation and every post of an entry reads the
    switches first.

    Raises:
        BadInput: for a user that does not exist.
    """
    await operator.states.set_trading_state(
        turn.scope, state=turn.state, reason=turn.reason, now=now
    )
    detail = {
        "scope": describe_scope(turn.scope),
        "state": str(turn.state),
        "reason": turn.reason,
    }
    await operator.audit.append(
        turn.actor,
        action="unhalt" if turn.is_release else "halt",
        detail=detail,
        now=now,
        about=turn.about,
    )
    for to in (None, *await _list_concerned(operator, turn.scope)):
        await operator.alerts.enqueue_alert(build_switch_alert(turn, to=to, now=now))


async def set_access(caller: Caller, user_text: str, *, is_banned: bool) -> User:
    """
    Close or open another user's access to commands and entries.

    A ban also pauses the user's pairs; stops stay, and the pairs stay paused after the ban.

    Raises:
        BadInput: for a user that does not exist, and for the caller.
    """
    user_id = UserId(int(user_text[:18])) if user_text.isdecimal() else UserId(0)
    if user_id == caller.user.user_id:
        raise BadInput(message("ban-yourself"))
    turn = SwitchChange(
        scope=user_id,
        state=TradingState.HALTED if is_banned else TradingState.ACTIVE,
        reason="access closed" if is_banned else "access opened",
        actor=caller.actor,
    )
    async with caller.operator() as operator:
        user = await operator.users.load_user(user_id)
        if user is None:
            raise BadInput(message("user-missing", user=user_text[:40]))
        await operator.users.set_banned(user_id, is_banned=is_banned)
        await apply_switch(operator, turn, now=caller.now)
    if is_banned:
        banned = replace(caller, user=user, acting_as=caller.actor)
        await switch_pairs(banned, await banned.list_pairs(), is_paused=True)
    return user


async def _list_concerned(operator: Operator, scope: SwitchScope) -> tuple[UserId, ...]:
    """Users whose entries the switch stops: the scope's user, or all owners of such pairs."""
    if scope is not None and not isinstance(scope, VenueName):
        return (scope,)
    configs = await operator.pairs.list_all_pairs()
    return tuple(sorted({c.user_id for c in configs if _concerns(c, scope)}))


def _concerns(config: PairConfig, venue: VenueName | None) -> bool:
    """Whether a venue's switch stops the pair; paper pairs on the venue's prices count."""
    if venue is None or config.venue is venue:
        return True
    return venue is VenueName.PAPER and config.mode is Mode.PAPER
