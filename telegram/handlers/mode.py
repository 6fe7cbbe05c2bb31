"""/mode: paper or live. Live has to be earned on paper, and is typed, not pressed.

gate (key, days, trades) -> figures -> the phrase, typed -> gate again -> live

The last lock is the installation's own (`QUORUM_LIVE_UNLOCKED`, of bot and worker alike): while
it is closed nobody is switched, and the worker opens nothing in a real account
(`tasks.runtime.live_accounts`).
"""

from commands import user_settings as tuning
from telegram.reads.stats import load_live_gate
from telegram.request.request import Answer, Ask, Step, Verb
from telegram.views.dialogs.mode import (
    LIVE_PHRASE,
    LiveGate,
    render_live_question,
    render_live_refused,
    render_mode,
    render_mode_changed,
    render_phrase_wrong,
)
from telegram.views.help import render_usage
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.units import Mode, Pair
from trading.requests import find_pair

LIVE_STEP = "live_phrase"
MODES = {"paper": Mode.PAPER, "live": Mode.LIVE}


async def show_or_switch(ask: Ask) -> Answer:
    """Show what each pair is on and what live would need, or switch one."""
    if not ask.words:
        return await _show(ask)
    mode = MODES.get(ask.words[0].lower())
    configs = await ask.list_pairs()
    if mode is None or len(ask.words) > 2 or (len(ask.words) == 1 and len(configs) != 1):
        return render_usage("mode", language=ask.language)
    config = find_pair(Pair.parse(ask.words[1]), existing=configs) if ask.words[1:] else configs[0]
    if config.mode is mode:
        return render_mode_changed(config, language=ask.language)
    if mode is Mode.PAPER:
        return await _switch(ask, config, mode=mode)
    return await _ask_phrase(ask, config)


async def take_phrase(ask: Ask) -> Answer:
    """The typed words: live, if they are right and the gate is still open."""
    async with ask.tenant() as tenant:
        await tenant.dialogs.end_dialog()
    if ask.argument != LIVE_PHRASE or ask.dialog is None:
        return render_phrase_wrong(language=ask.language)
    pair = Pair.parse(ask.dialog.detail["pair"])
    config = find_pair(pair, existing=await ask.list_pairs())
    gate = await _load_gate(ask, config)
    if not gate.is_open:
        return render_live_refused(gate, language=ask.language)
    if not ask.services.settings.live_unlocked:
        raise BadInput("Live trading is locked in this installation: the pair stays on paper.")
    return await _switch(ask, config, mode=Mode.LIVE)


async def _show(ask: Ask) -> Answer:
    gates = [await _load_gate(ask, config) for config in await ask.list_pairs()]
    return render_mode(gates, language=ask.language)


async def _ask_phrase(ask: Ask, config: PairConfig) -> Answer:
    gate = await _load_gate(ask, config)
    if not gate.is_open:
        return render_live_refused(gate, language=ask.language)
    await ask.ask_back(LIVE_STEP, pair=str(config.pair))
    return render_live_question(gate, language=ask.language)


async def _switch(ask: Ask, config: PairConfig, *, mode: Mode) -> Answer:
    async with ask.tenant() as tenant:
        switched = await tuning.switch_mode(
            tenant, config, mode=mode, actor=ask.actor, now=ask.now
        )
    await ask.follow(lambda gateway: gateway.ensure_pair(switched))
    return render_mode_changed(switched, language=ask.language)


async def _load_gate(ask: Ask, config: PairConfig) -> LiveGate:
    settings = ask.services.settings
    async with ask.tenant() as tenant:
        return await load_live_gate(tenant, config, settings=settings, now=ask.now)


VERBS = (Verb(name="mode", run=show_or_switch),)
STEPS = (Step(name=LIVE_STEP, run=take_phrase),)
