"""/mode: paper or live. Live trading is earned on paper and confirmed by a typed phrase.

conditions -> figures -> phrase, typed -> commands.mode
"""

from commands import conversation
from commands import mode as modes
from telegram.request.request import Answer, Ask, Step, Verb
from telegram.views.dialogs.mode import (
    render_live_question,
    render_live_refused,
    render_mode,
    render_mode_changed,
)
from telegram.views.help import render_usage
from trading.domain.accounts import PairConfig
from trading.domain.units import Mode, Pair
from trading.requests import find_pair

LIVE_STEP = "live_phrase"
MODES = {"paper": Mode.PAPER, "live": Mode.LIVE}


async def show_or_switch(ask: Ask) -> Answer:
    """Show the mode of each pair and the conditions of live trading, or switch one pair."""
    if not ask.words:
        return render_mode(await modes.load_gates(ask), language=ask.language)
    mode = MODES.get(ask.words[0].lower())
    if mode is None or len(ask.words) > 2:
        return render_usage("mode", language=ask.language)
    config = await modes.find_mode_pair(ask, " ".join(ask.words[1:]))
    if config is None:
        return render_usage("mode", language=ask.language)
    if config.mode is mode:
        return render_mode_changed(config, language=ask.language)
    if mode is Mode.LIVE:
        return await _ask_phrase(ask, config)
    switched = await modes.switch_to_paper(ask, config)
    return render_mode_changed(switched.config, language=ask.language)


async def take_phrase(ask: Ask) -> Answer:
    """Switch to live trading after the typed phrase."""
    await conversation.end_dialog(ask)
    pair = Pair.parse(ask.dialog.detail["pair"] if ask.dialog else "")
    config = find_pair(pair, existing=await ask.list_pairs())
    try:
        switched = await modes.switch_to_live(ask, config, phrase=ask.argument)
    except modes.LiveRefused as refusal:
        return render_live_refused(refusal.gate, language=ask.language)
    return render_mode_changed(switched.config, language=ask.language)


async def _ask_phrase(ask: Ask, config: PairConfig) -> Answer:
    try:
        gate = await modes.check_live(ask, config)
    except modes.LiveRefused as refusal:
        return render_live_refused(refusal.gate, language=ask.language)
    await ask.ask_back(LIVE_STEP, pair=str(config.pair))
    return render_live_question(gate, language=ask.language)


VERBS = (Verb(name="mode", run=show_or_switch),)
STEPS = (Step(name=LIVE_STEP, run=take_phrase),)
