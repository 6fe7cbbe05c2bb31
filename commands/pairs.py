"""Add, remove, list, pause and resume pairs, and set a pair's capital.

text -> trading.requests -> a transaction -> gateway

The database changes first, then Prefect. A new pair's first cycle starts at once.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from commands import changes
from commands.caller import Caller
from commands.deployments.gateway import Gateway
from commands.instruments import keep_instrument, load_instrument
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.units import Pair, VenueName
from trading.requests import (
    build_pair_config,
    check_add_pair,
    check_set_capital,
    compute_minimum_capital,
    find_pair,
    parse_capital,
    select_pairs,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairChange:
    """
    Pairs after a change.

    Attributes:
        follows: whether Prefect has the change; if False, the next sync writes the change.
    """

    configs: tuple[PairConfig, ...]
    follows: bool

    @property
    def config(self) -> PairConfig:
        """The pair of a change that concerns one pair."""
        return self.configs[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalChange:
    """A pair with its new capital; `before` is the earlier capital, quote units."""

    config: PairConfig
    before: Decimal


async def add_pair(
    caller: Caller, pair: Pair, *, amount: str, venue: VenueName | None = None
) -> PairChange:
    """
    Trade a pair on paper with an amount of quote currency.

    Args:
        caller: user whose pair is added.
        pair: pair to add.
        amount: capital as text, quote units.
        venue: venue whose prices the pair trades on; None for the installation's.

    Raises:
        BadInput: see `check_add_pair` and `load_instrument`.
    """
    parse_capital(amount, quote=pair.quote)  # before any lookup
    rules = await load_instrument(caller, venue or caller.services.venue, pair=pair)
    async with caller.tenant() as tenant:
        capital = check_add_pair(
            pair,
            capital_text=amount,
            existing=await tenant.pairs.list_pairs(),
            instrument=rules,
            max_position_ratio=caller.services.settings.limits.max_position_ratio,
        )
        config = build_pair_config(
            user_id=caller.user.user_id,
            pair=pair,
            venue=rules.venue,
            capital=capital,
            now=caller.now,
        )
        await changes.add_pair(tenant, config, actor=caller.actor, now=caller.now)
    await keep_instrument(caller, rules)
    follows = await caller.follow(lambda gateway: _deploy(gateway, config))
    return PairChange(configs=(config,), follows=follows)


async def remove_pair(caller: Caller, pair: Pair) -> PairChange:
    """Stop trading a flat pair. Raises BadInput as `changes.remove_pair`."""
    async with caller.tenant() as tenant:
        config = await changes.remove_pair(tenant, pair, actor=caller.actor, now=caller.now)
    user_id = caller.user.user_id
    follows = await caller.follow(lambda gateway: gateway.remove_pair(user_id, pair))
    return PairChange(configs=(config,), follows=follows)


async def set_capital(caller: Caller, pair: Pair, *, amount: str) -> CapitalChange:
    """
    Set aside another amount of quote currency for a pair.

    The next cycle trades with the new capital; the change counts neither as profit nor as loss.
    On paper the difference is paid into or out of the paper account.

    Raises:
        BadInput: see `check_set_capital`; also when the paper account can't pay the difference.
    """
    capital = parse_capital(amount, quote=pair.quote)
    known = find_pair(pair, existing=await caller.list_pairs())
    rules = await load_instrument(caller, known.venue, pair=pair)
    ratio = caller.services.settings.limits.max_position_ratio
    async with caller.tenant() as tenant:
        await tenant.lock_risk()
        config = find_pair(pair, existing=await tenant.pairs.list_pairs())
        is_open = (
            await tenant.positions.load_open_position(pair) is not None
            or len(await tenant.intents.list_open_intents(pair)) > 0
        )
        check_set_capital(
            config,
            capital=capital,
            earned=await changes.sum_earned(tenant, config),
            minimum=compute_minimum_capital(rules, max_position_ratio=ratio),
            is_open=is_open,
        )
        await changes.set_capital(tenant, config, capital=capital, now=caller.now)
        detail = {"pair": str(pair), "capital": str(capital), "before": str(config.capital)}
        await caller.audit(tenant, "set_capital", **detail)
    return CapitalChange(config=replace(config, capital=capital), before=config.capital)


async def pause_pairs(caller: Caller, text: str) -> PairChange:
    """Open no new positions for a pair, or for "all"; stops and targets stay."""
    configs = select_pairs(text, existing=await caller.list_pairs())
    return await switch_pairs(caller, configs, is_paused=True)


async def resume_pairs(caller: Caller, text: str) -> PairChange:
    """Trade one pair, or "all", again; closes an open breaker and audits the closing."""
    configs = select_pairs(text, existing=await caller.list_pairs())
    return await switch_pairs(caller, configs, is_paused=False)


async def switch_pairs(
    caller: Caller, configs: tuple[PairConfig, ...], *, is_paused: bool
) -> PairChange:
    """Pause or resume the given pairs of the caller in a transaction."""
    change = changes.pause_pair if is_paused else changes.resume_pair
    async with caller.tenant() as tenant:
        for config in configs:
            await change(tenant, config.pair, actor=caller.actor, now=caller.now)
    switched = tuple(replace(config, is_paused=is_paused) for config in configs)
    return PairChange(configs=switched, follows=await follow_switch(caller, switched))


async def follow_switch(caller: Caller, configs: tuple[PairConfig, ...]) -> bool:
    """Pause or resume the deployments of committed pairs; False until the next sync."""

    async def tell(gateway: Gateway) -> None:
        for config in configs:
            switch = gateway.pause_pair if config.is_paused else gateway.resume_pair
            if not await switch(config.user_id, config.pair):
                await gateway.ensure_pair(config)

    return await caller.follow(tell)


async def _deploy(gateway: Gateway, config: PairConfig) -> None:
    """Schedule a new pair and start the first cycle."""
    await gateway.ensure_pair(config)
    with suppress(BadInput):  # a cycle of the pair runs already
        await gateway.run_pair_now(config.user_id, config.pair)
