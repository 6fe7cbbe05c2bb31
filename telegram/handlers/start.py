"""/start of a registered user, /help and /cancel."""

from commands import conversation
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.confirmations import render_canceled
from telegram.views.dialogs.people import render_registered
from telegram.views.help import render_help


async def welcome_back(ask: Ask) -> Answer:
    """Greet a registered user, and deliver alerts to the chat again."""
    await conversation.set_blocked(ask.services.database, ask.user.user_id, blocked_at=None)
    return render_registered(ask.user.name, signs_up=False, language=ask.language)


async def show_help(ask: Ask) -> Answer:
    """List every command."""
    return render_help(is_admin=ask.user.is_admin, language=ask.language)


async def cancel(ask: Ask) -> Answer:
    """Cancel the open question."""
    ask.services.half_told.pop(ask.user.user_id, None)
    await conversation.end_dialog(ask)
    return render_canceled(language=ask.language)


VERBS = (
    Verb(name="start", run=welcome_back),
    Verb(name="help", run=show_help),
    Verb(name="cancel", run=cancel),
)
