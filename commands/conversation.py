"""Memory of a chat: updates already handled, open questions, buttons, blocked chats."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from commands.caller import Caller
from db.session import Database
from trading.domain.accounts import User
from trading.domain.conversation import Dialog, PressedButton
from trading.domain.units import UserId

MEMORY = timedelta(days=2)
"""Telegram repeats an update for at most a day."""


async def take_update(
    database: Database, update_id: int, *, telegram_id: int, now: datetime
) -> tuple[bool, User | None]:
    """
    Claim an update before it is handled, and find the sender's user.

    Returns:
        False with None for an update that was claimed before; the user is None for a stranger.
    """
    async with database.operator() as operator:
        if not await operator.bot.take_update(update_id, now=now):
            return False, None
        return True, await operator.users.find_user_by_telegram_id(telegram_id)


async def load_user(database: Database, user_id: UserId) -> User | None:
    """Load a user; None for a user that does not exist."""
    async with database.operator() as operator:
        return await operator.users.load_user(user_id)


async def set_blocked(database: Database, user_id: UserId, *, blocked_at: datetime | None) -> None:
    """Remember when a user blocked the bot; None for a user who unblocked the bot."""
    async with database.operator() as operator:
        await operator.users.set_blocked(user_id, blocked_at=blocked_at)


async def sweep(database: Database, *, now: datetime) -> int:
    """Delete old updates, buttons and questions; returns the number of deleted rows."""
    async with database.operator() as operator:
        return await operator.bot.sweep(now - MEMORY)


async def load_dialog(caller: Caller) -> Dialog | None:
    """Load the question that waits for the user's answer."""
    async with caller.tenant() as tenant:
        return await tenant.dialogs.load_dialog()


async def open_dialog(caller: Caller, step: str, **detail: str) -> None:
    """Store the question that the user's next text answers."""
    async with caller.tenant() as tenant:
        await tenant.dialogs.save_dialog(Dialog(step=step, asked_at=caller.now, detail=detail))


async def end_dialog(caller: Caller) -> None:
    """Delete the open question."""
    async with caller.tenant() as tenant:
        await tenant.dialogs.end_dialog()


async def add_buttons(
    caller: Caller, buttons: Mapping[str, PressedButton], *, life: timedelta
) -> None:
    """Store buttons by token; each works once, for the user, during `life`."""
    async with caller.tenant() as tenant:
        await tenant.buttons.add_buttons(buttons, expires_at=caller.now + life)


async def press_button(caller: Caller, token: str) -> PressedButton | None:
    """Use up a button; None for an unknown, used or expired token, or another user's."""
    async with caller.tenant() as tenant:
        return await tenant.buttons.press_button(token, now=caller.now)
