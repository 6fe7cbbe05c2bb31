"""/close and /panic: a question, then the command.

question -> button -> commands.closing -> a message that counts the closed pairs
"""

from dataclasses import replace
from datetime import timedelta

from commands import closing
from commands.closing import Closing
from telegram.request.request import Answer, Ask, Live, Verb
from telegram.views.dialogs.confirmations import (
    render_close_progress,
    render_close_question,
    render_close_stuck,
    render_closing,
    render_panic_begun,
    render_panic_question,
)
from telegram.views.help import render_usage
from telegram.views.message import Reply
from trading.domain.units import Pair
from trading.requests import select_pairs

FOLLOW_FOR = timedelta(minutes=15)
"""A pair that is not flat by then is reported by alerts alone."""


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
    return _follow(ask, closed, reply=render(closed.configs[0], language=ask.language))


async def panic(ask: Ask) -> Answer:
    """Pause every pair and close every position now."""
    if not ask.is_confirmed:
        configs = select_pairs("", existing=await ask.list_pairs())
        return render_panic_question(configs, language=ask.language)
    closed = await closing.panic(ask)
    follows = closed.flow_run is not None
    reply = render_panic_begun(closed.configs, follows=follows, language=ask.language)
    return _follow(ask, closed, reply=reply)


async def ask_close(ask: Ask) -> Answer:
    """Ask before closing; the button of a position leads to the question."""
    return await close(replace(ask, is_confirmed=False))


def _follow(ask: Ask, closed: Closing, *, reply: Reply) -> Live:
    """A message that counts the closed pairs until every pair is flat, at most `FOLLOW_FOR`."""

    async def refresh() -> tuple[Reply, bool]:
        now = ask.services.clock()
        progress = await closing.load_progress(
            ask.services.database, closed.configs, begun_at=ask.now, now=now
        )
        is_final = not progress.open or now - ask.now > FOLLOW_FOR
        return render_close_progress(progress, language=ask.language), is_final

    return Live(reply=reply, refresh=refresh)


VERBS = (
    Verb(name="close", run=close),
    Verb(name="ask_close", run=ask_close),
    Verb(name="panic", run=panic),
)
