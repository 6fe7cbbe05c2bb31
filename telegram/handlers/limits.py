"""/risk: show limits, tighten a limit at once, loosen a limit after a confirmation and a wait.

[PAIR] NAME VALUE -> commands.limits -> stricter: set;  looser: question -> button -> waits

A command without a pair concerns all pairs.
"""

from dataclasses import replace

from commands import limits
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.risk import (
    LIMITS,
    render_limit_changed,
    render_raise_canceled,
    render_raise_question,
    render_raise_scheduled,
    render_risk,
)
from telegram.views.help import render_usage
from telegram.views.message import Reply
from trading.requests import ALL_PAIRS


async def risk(ask: Ask) -> Answer:
    """Show the limits, or set a limit."""
    if len(ask.words) > 3:
        return render_usage("risk", language=ask.language)
    if len(ask.words) < 2:
        view = await limits.load_limits(ask, ask.argument)
        shown = tuple(line for line in view.lines if line.is_own or line.name in LIMITS)
        return render_risk(replace(view, lines=shown), language=ask.language)
    return await _set(replace(ask, is_confirmed=False))


async def loosen(ask: Ask) -> Answer:
    """Loosen a limit after the waiting time; a typed command is confirmed first."""
    if not 2 <= len(ask.words) <= 3:
        return render_usage("risk", language=ask.language)
    return await _set(ask)


async def keep_limit(ask: Ask) -> Answer:
    """Cancel a waiting raise."""
    *pair, name = ask.words or [""]
    await limits.cancel_raise(ask, " ".join(pair), name=name)
    return render_raise_canceled(name, language=ask.language)


async def _set(ask: Ask) -> Answer:
    *pair, name, value = ask.words
    plan = await limits.plan_limit(ask, " ".join(pair), name=name, value=value)
    about = pair[0] if pair else ALL_PAIRS
    if plan.looser and not ask.is_confirmed:
        question = render_raise_question(
            plan.name, value=value, current=plan.current, language=ask.language
        )
        return _add_pair(question, about)
    pending = await limits.set_limit(ask, plan)
    if pending is None:
        return render_limit_changed(plan.name, value=value, language=ask.language)
    return _add_pair(render_raise_scheduled(pending, language=ask.language), about)


def _add_pair(reply: Reply, pair: str) -> Reply:
    """The reply with the pair, or "all", in the arguments of the buttons."""
    rows = tuple(
        tuple(
            replace(one, argument=f"{pair} {one.argument}") if one.argument else one for one in row
        )
        for row in reply.buttons
    )
    return replace(reply, buttons=rows)


VERBS = (
    Verb(name="risk", run=risk, aliases=("config",)),
    Verb(name="risk_raise", run=loosen),
    Verb(name="risk_cancel", run=keep_limit),
)
