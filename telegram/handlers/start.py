"""Hello again, help, and taking back what was asked."""

from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.confirmations import render_canceled
from telegram.views.dialogs.people import render_registered
from telegram.views.help import render_help


async def welcome_back(ask: Ask) -> Answer:
    """A user who is here already."""
    async with ask.operator() as operator:
        await operator.users.set_blocked(ask.user.user_id, blocked_at=None)
    return render_registered(ask.user.name, signs_up=False, language=ask.language)


async def show_help(ask: Ask) -> Answer:
    """Every command."""
    return render_help(is_admin=ask.user.is_admin, language=ask.language)


async def cancel(ask: Ask) -> Answer:
    """Forget the question that is open."""
    ask.services.half_told.pop(ask.user.user_id, None)
    async with ask.tenant() as tenant:
        await tenant.dialogs.end_dialog()
    return render_canceled(language=ask.language)


VERBS = (
    Verb(name="start", run=welcome_back),
    Verb(name="help", run=show_help),
    Verb(name="cancel", run=cancel),
)
