"""What the operator does from a phone: look, stop everybody, close a door, tell everybody.

command -> confirmation where it concerns others -> one transaction of the operator -> audit
"""

from commands import pairs as changes
from telegram.handlers.pairs import switch_pairs
from telegram.reads.operator import load_health, load_user_lines
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.admin import (
    render_banned_user,
    render_broadcast_question,
    render_broadcast_queued,
    render_halt_question,
    render_halted,
    render_health,
    render_users,
)
from telegram.views.help import render_usage
from trading.domain.accounts import User
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import BadInput
from trading.domain.switches import SwitchTurn, check_reason
from trading.domain.units import TradingState, UserId

MOST_BROADCAST_CHARACTERS = 2000


async def show_users(ask: Ask) -> Answer:
    """Everybody."""
    async with ask.operator() as operator:
        return render_users(await load_user_lines(operator), language=ask.language)


async def show_health(ask: Ask) -> Answer:
    """The system now."""
    answers = await ask.follow(lambda gateway: gateway.ping())
    async with ask.operator() as operator:
        view = await load_health(operator, now=ask.now, scheduler_answers=answers)
    return render_health(view, language=ask.language)


async def halt(ask: Ask) -> Answer:
    """No entries of anybody."""
    reason = check_reason(ask.argument)
    if not ask.is_confirmed:
        return render_halt_question(reason, language=ask.language)
    return await _turn(ask, TradingState.HALTED, reason=reason)


async def unhalt(ask: Ask) -> Answer:
    """Entries again."""
    reason = check_reason(ask.argument or "the operator allows it")
    return await _turn(ask, TradingState.ACTIVE, reason=reason)


async def ban(ask: Ask) -> Answer:
    """Close a user's access: no commands, no entries; stops stay."""
    return await _switch_access(ask, is_banned=True)


async def unban(ask: Ask) -> Answer:
    """Open it again; the pairs stay paused until their user resumes them."""
    return await _switch_access(ask, is_banned=False)


async def broadcast(ask: Ask) -> Answer:
    """A message to everybody, behind everything about risk."""
    text = ask.argument
    if not 1 <= len(text) <= MOST_BROADCAST_CHARACTERS:
        return render_usage("broadcast", language=ask.language)
    async with ask.operator() as operator:
        users = [one for one in await operator.users.list_users() if one.telegram_id]
        if not ask.is_confirmed:
            return render_broadcast_question(text, count=len(users), language=ask.language)
        for user in users:
            await operator.alerts.enqueue_alert(_announce(text, user=user, ask=ask))
        detail = {"text": text[:200], "users": str(len(users))}
        await operator.audit.append(ask.actor, action="broadcast", detail=detail, now=ask.now)
    return render_broadcast_queued(len(users), language=ask.language)


async def _turn(ask: Ask, state: TradingState, *, reason: str) -> Answer:
    turn = SwitchTurn(scope=None, state=state, reason=reason, actor=ask.actor)
    async with ask.operator() as operator:
        await changes.turn_switch(operator, turn, now=ask.now)
    return render_halted(state, language=ask.language)


async def _switch_access(ask: Ask, *, is_banned: bool) -> Answer:
    if not ask.argument.isdecimal():
        return render_usage("ban" if is_banned else "unban", language=ask.language)
    user_id = UserId(int(ask.argument[:18]))
    if user_id == ask.user.user_id:
        raise BadInput("You can't ban yourself.")
    async with ask.operator() as operator:
        user = await operator.users.load_user(user_id)
        if user is None:
            raise BadInput(f"There is no user {user_id}.")
        await operator.users.set_banned(user_id, is_banned=is_banned)
        state = TradingState.HALTED if is_banned else TradingState.ACTIVE
        reason = "access closed" if is_banned else "access opened"
        turn = SwitchTurn(scope=user_id, state=state, reason=reason, actor=ask.actor)
        await changes.turn_switch(operator, turn, now=ask.now)
    if is_banned:
        await _pause_everything(ask, user)
    return render_banned_user(user, is_banned=is_banned, language=ask.language)


async def _pause_everything(ask: Ask, user: User) -> None:
    theirs = Ask(services=ask.services, user=user, now=ask.now)
    configs = await theirs.list_pairs()
    await switch_pairs(theirs, configs, is_paused=True, actor=ask.actor)


def _announce(text: str, *, user: User, ask: Ask) -> Alert:
    return Alert(
        user_id=user.user_id,
        kind=AlertKind.SYSTEM,
        severity=Severity.INFO,
        text=text,
        dedupe_key=f"broadcast:{ask.now.isoformat()}",
        created_at=ask.now,
    )


VERBS = tuple(
    Verb(name=name, run=run, is_for_admins=True)
    for name, run in {
        "users": show_users,
        "health": show_health,
        "halt": halt,
        "unhalt": unhalt,
        "ban": ban,
        "unban": unban,
        "broadcast": broadcast,
    }.items()
)
