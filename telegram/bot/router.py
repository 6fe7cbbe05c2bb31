"""Router of texts: finds the verb of a command, or the step of an open question.

text -> command? -> Verb;  else open question? -> Step;  else the explanation of unknown texts
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from commands.conversation import load_dialog
from telegram.handlers import (
    admin,
    adoption,
    closing,
    council,
    keys,
    limits,
    mode,
    pairs,
    profit,
    reports,
)
from telegram.handlers import start as entrance
from telegram.request.request import Ask, Run, Step, Verb
from telegram.views.help import render_unknown_command
from telegram.views.message import Reply
from trading.domain.conversation import Dialog

COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
ROOMS = (
    *(entrance, pairs, reports, closing, adoption, keys),
    *(limits, profit, mode, admin, council),
)
VERBS: Mapping[str, Verb] = {
    name: verb for room in ROOMS for verb in room.VERBS for name in (verb.name, *verb.aliases)
}
STEPS: Mapping[str, Step] = {
    step.name: step for room in ROOMS for step in getattr(room, "STEPS", ())
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """The function to run, and the argument; `is_secret`: the message is deleted first."""

    run: Run
    ask: Ask
    is_secret: bool = False


async def understand(ask: Ask, text: str) -> Understood:
    """Find the meaning of a user's text; NUL characters, which no table stores, are removed."""
    text = text.replace("\x00", "")
    name, argument = split_command(text)
    if name or text.strip().startswith("/"):
        verb = find_verb(name, is_admin=ask.user.is_admin)
        if verb is None:
            return Understood(run=explain_unknown, ask=replace(ask, argument=text))
        is_secret = verb.is_secret(argument)
        return Understood(run=verb.run, ask=replace(ask, argument=argument), is_secret=is_secret)
    dialog = await load_dialog(ask)
    step = STEPS.get(dialog.step) if dialog else None
    if dialog is None or step is None or _is_old(dialog, ask.now, ask=ask):
        return Understood(run=explain_unknown, ask=replace(ask, argument=text))
    answered = replace(ask, argument=text.strip(), dialog=dialog)
    return Understood(run=step.run, ask=answered, is_secret=step.is_secret)


def split_command(text: str) -> tuple[str, str]:
    """The command in lower case without the slash, and the argument; empty for other texts."""
    found = COMMAND.fullmatch(text.strip())
    return (found[1].lower(), (found[2] or "").strip()) if found else ("", "")


def find_verb(name: str, *, is_admin: bool) -> Verb | None:
    """Find a verb by name or alias; None for an unknown name, and for others' admin verbs."""
    verb = VERBS.get(name)
    return verb if verb is not None and (is_admin or not verb.is_for_admins) else None


async def explain_unknown(ask: Ask) -> Reply:
    """Answer an unknown text with a hint."""
    return render_unknown_command(ask.argument, language=ask.language)


def _is_old(dialog: Dialog, now: datetime, *, ask: Ask) -> bool:
    return now - dialog.asked_at > ask.services.settings.dialog_life
