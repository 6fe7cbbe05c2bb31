"""/close and /panic: a question, then the command.

question -> button -> commands.closing
"""

from dataclasses import replace

from commands import closing
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.confirmations import (
    render_close_question,
    render_close_stuck,
    render_closing,
    render_panic_begun,
    render_panic_question,
)
from telegram.views.help import render_usage
from trading.domain.units import Pair
from trading.requests import select_pairs


async def close(ask: Ask) -> Answer:
    """Close a pair's position now."""
    if len(ask.words) != 1:
        return render_usage("close", language=ask.language)
    pair = Pair.parse(ask.argument)
    if not ask.is_confirmed:
        config, position = await closing.load_closable(ask, pair)
        return render_close_question(config, position=position, language=ask.language)
    closed = await closing.close(ask, pair)
    render = render_closing if closed.flow_run else render_close_stuck
    return render(closed.configs[0], language=ask.language)


async def panic(ask: Ask) -> Answer:
    """Pause every pair and close every position now."""
    if not ask.is_confirmed:
        configs = select_pairs("", existing=await ask.list_pairs())
        return render_panic_question(configs, language=ask.language)
    closed = await closing.panic(ask)
    return render_panic_begun(
        closed.configs, follows=closed.flow_run is not None, language=ask.language
    )


async def ask_close(ask: Ask) -> Answer:
    """Ask before closing; the button of a position leads to the question."""
    return await close(replace(ask, is_confirmed=False))


VERBS = (
    Verb(name="close", run=close),
    Verb(name="ask_close", run=ask_close),
    Verb(name="panic", run=panic),
)
