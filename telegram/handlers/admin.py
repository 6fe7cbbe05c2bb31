"""Commands of the operator: users, health, halt, ban, broadcast.

command -> confirmation where other users are concerned -> commands.switches, commands.operations
"""

from dataclasses import replace

from commands import operations, switches
from telegram.handlers.signup import with_rights
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
from trading.domain.switches import check_reason
from trading.domain.units import TradingState


async def show_users(ask: Ask) -> Answer:
    """List every user."""
    lines = await operations.load_user_lines(ask)
    settings = ask.services.settings
    shown = [replace(one, user=with_rights(one.user, settings=settings)) for one in lines]
    return render_users(shown, language=ask.language)


async def show_health(ask: Ask) -> Answer:
    """Show the state of the system."""
    return render_health(await operations.load_health(ask), language=ask.language)


async def halt(ask: Ask) -> Answer:
    """Stop every user's entries."""
    if not ask.is_confirmed:
        return render_halt_question(check_reason(ask.argument), language=ask.language)
    return await _turn(ask, TradingState.HALTED)


async def unhalt(ask: Ask) -> Answer:
    """Allow entries again."""
    return await _turn(ask, TradingState.ACTIVE)


async def ban(ask: Ask) -> Answer:
    """Close a user's access: no commands, no entries; stops stay."""
    return await _switch_access(ask, is_banned=True)


async def unban(ask: Ask) -> Answer:
    """Open a user's access; the pairs stay paused until the user resumes them."""
    return await _switch_access(ask, is_banned=False)


async def broadcast(ask: Ask) -> Answer:
    """Queue a message to every user."""
    if not ask.argument:
        return render_usage("broadcast", language=ask.language)
    count = await operations.broadcast(ask, ask.argument, is_confirmed=ask.is_confirmed)
    if not ask.is_confirmed:
        return render_broadcast_question(ask.argument, count=count, language=ask.language)
    return render_broadcast_queued(count, language=ask.language)


async def _turn(ask: Ask, state: TradingState) -> Answer:
    turn = switches.build_turn(None, state=state, reason=ask.argument, actor=ask.actor)
    await switches.turn_switch(ask.services.database, turn, now=ask.now)
    return render_halted(state, language=ask.language)


async def _switch_access(ask: Ask, *, is_banned: bool) -> Answer:
    if not ask.argument.isdecimal():
        return render_usage("ban" if is_banned else "unban", language=ask.language)
    user = await switches.set_access(ask, ask.argument, is_banned=is_banned)
    return render_banned_user(user, is_banned=is_banned, language=ask.language)


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
