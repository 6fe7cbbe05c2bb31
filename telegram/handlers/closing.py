"""/close and /panic: asked once more, then everything pauses and a flow closes at the market.

question -> button -> paused in the database -> Prefect -> flow close-positions

No model and no market look is needed. Pausing comes first, so that nothing opens again behind it.
"""

from collections.abc import Mapping
from dataclasses import replace

from telegram.handlers.pairs import switch_pairs
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.confirmations import (
    render_close_question,
    render_close_stuck,
    render_closing,
    render_panic_begun,
    render_panic_question,
)
from telegram.views.help import render_usage
from trading.domain.accounts import PairConfig
from trading.domain.units import Pair
from trading.requests import find_pair, select_pairs

CLOSE_POSITIONS = "close-positions/close-positions"


async def close(ask: Ask) -> Answer:
    """Close one pair's position now."""
    if len(ask.words) != 1:
        return render_usage("close", language=ask.language)
    config = find_pair(Pair.parse(ask.argument), existing=await ask.list_pairs())
    if not ask.is_confirmed:
        async with ask.tenant() as tenant:
            position = await tenant.positions.load_open_position(config.pair)
        return render_close_question(config, position=position, language=ask.language)
    await switch_pairs(ask, (config,), is_paused=True)
    pair = {"pair": str(config.pair)}
    follows = await ask.follow(lambda _: _start(ask, (config,), parameters=pair))
    render = render_closing if follows else render_close_stuck
    return render(config, language=ask.language)


async def panic(ask: Ask) -> Answer:
    """Pause every pair and close every position now."""
    configs = select_pairs("", existing=await ask.list_pairs())
    if not ask.is_confirmed:
        return render_panic_question(configs, language=ask.language)
    switched, _ = await switch_pairs(ask, configs, is_paused=True)
    follows = await ask.follow(lambda _: _start(ask, switched, parameters={}))
    return render_panic_begun(switched, follows=follows, language=ask.language)


async def _start(
    ask: Ask, configs: tuple[PairConfig, ...], *, parameters: Mapping[str, object]
) -> None:
    run_id = await ask.services.deployments.run_now(
        CLOSE_POSITIONS, parameters={"user_id": int(ask.user.user_id), **parameters}
    )
    detail = {"pairs": ", ".join(str(c.pair) for c in configs), "flow_run": str(run_id)}
    async with ask.tenant() as tenant:
        await tenant.audit.append(ask.actor, action="close", detail=detail, now=ask.now)


async def ask_close(ask: Ask) -> Answer:
    """A button that leads to the question, not past it."""
    return await close(replace(ask, is_confirmed=False))


VERBS = (
    Verb(name="close", run=close),
    Verb(name="ask_close", run=ask_close),
    Verb(name="panic", run=panic),
)
