"""Pairs: add, remove, list, pause, resume. The database first, then Prefect is made to match.

text -> trading.requests -> one transaction -> the gateway

The first cycle of a new pair starts at once: whoever adds one wants to see what happens.
"""

from contextlib import suppress
from dataclasses import replace

from commands import pairs as changes
from telegram.handlers.instruments import load_rules
from telegram.request.gateway import Gateway
from telegram.request.request import Answer, Ask, Verb
from telegram.views.help import render_usage
from telegram.views.reports.pairs import (
    render_pair_added,
    render_pair_removed,
    render_pairs,
    render_switched,
)
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.instruments import Instrument
from trading.domain.units import Pair
from trading.requests import build_pair_config, check_add_pair, parse_capital, select_pairs

MOST_PAIRS = 30
"""Of one user: each costs a look and a vote every half hour."""


async def add_pair(ask: Ask) -> Answer:
    """Trade a pair on paper with an amount."""
    if len(ask.words) != 2:
        return render_usage("addpair", language=ask.language)
    pair, amount = Pair.parse(ask.words[0]), ask.words[1]
    parse_capital(amount, quote=pair.quote)  # the cheap check first
    config = await _keep(ask, await load_rules(ask, pair), amount)
    follows = await ask.follow(lambda gateway: deploy(gateway, config))
    return render_pair_added(config, follows=follows, language=ask.language)


async def remove_pair(ask: Ask) -> Answer:
    """Stop trading a flat pair."""
    if len(ask.words) != 1:
        return render_usage("removepair", language=ask.language)
    pair = Pair.parse(ask.argument)
    async with ask.tenant() as tenant:
        config = await changes.remove_pair(tenant, pair, actor=ask.actor, now=ask.now)
    user_id = ask.user.user_id
    follows = await ask.follow(lambda gateway: gateway.remove_pair(user_id, pair))
    return render_pair_removed(config, follows=follows, language=ask.language)


async def list_pairs(ask: Ask) -> Answer:
    """The user's pairs."""
    return render_pairs(await ask.list_pairs(), language=ask.language)


async def pause(ask: Ask) -> Answer:
    """Open nothing new; what protects stays."""
    return await _switch(ask, is_paused=True)


async def resume(ask: Ask) -> Answer:
    """Trade again; an open breaker is closed, and audited."""
    return await _switch(ask, is_paused=False)


async def switch_pairs(
    ask: Ask, configs: tuple[PairConfig, ...], *, is_paused: bool, actor: str = ""
) -> tuple[tuple[PairConfig, ...], bool]:
    """Pause or resume pairs; them as they are now, and whether Prefect follows at once."""
    change = changes.pause_pair if is_paused else changes.resume_pair
    async with ask.tenant() as tenant:
        for config in configs:
            await change(tenant, config.pair, actor=actor or ask.actor, now=ask.now)
    switched = tuple(replace(config, is_paused=is_paused) for config in configs)

    async def tell(gateway: Gateway) -> None:
        for config in switched:
            switch = gateway.pause_pair if is_paused else gateway.resume_pair
            if not await switch(config.user_id, config.pair):
                await gateway.ensure_pair(config)

    return switched, await ask.follow(tell)


async def deploy(gateway: Gateway, config: PairConfig) -> None:
    """Schedule a new pair and start its first cycle."""
    await gateway.ensure_pair(config)
    with suppress(BadInput):  # it runs already: nothing is missed
        await gateway.run_pair_now(config.user_id, config.pair)


async def _switch(ask: Ask, *, is_paused: bool) -> Answer:
    configs = select_pairs(ask.argument, existing=await ask.list_pairs())
    switched, follows = await switch_pairs(ask, configs, is_paused=is_paused)
    return render_switched(switched, is_paused=is_paused, follows=follows, language=ask.language)


async def _keep(ask: Ask, rules: Instrument, amount: str) -> PairConfig:
    async with ask.tenant() as tenant:
        existing = await tenant.pairs.list_pairs()
        if len(existing) >= MOST_PAIRS:
            raise BadInput(f"You trade {len(existing)} pairs, and {MOST_PAIRS} is the most.")
        capital = check_add_pair(
            rules.pair,
            capital_text=amount,
            existing=existing,
            instrument=rules,
            max_position_ratio=ask.services.settings.limits.max_position_ratio,
        )
        config = build_pair_config(
            user_id=ask.user.user_id,
            pair=rules.pair,
            venue=ask.services.venue,
            capital=capital,
            now=ask.now,
        )
        await changes.add_pair(tenant, config, actor=ask.actor, now=ask.now)
    return config


VERBS = (
    Verb(name="addpair", run=add_pair),
    Verb(name="removepair", run=remove_pair),
    Verb(name="pairs", run=list_pairs, aliases=("listpairs",)),
    Verb(name="pause", run=pause, aliases=("stop_trading",)),
    Verb(name="resume", run=resume, aliases=("start_trading",)),
)
