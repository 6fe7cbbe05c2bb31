"""Pairs: add, remove, list, pause, resume. The database first, then Prefect is made to match.

text -> trading.requests -> one transaction -> the gateway
"""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, UserOption, print_json, print_table, show_money, show_time
from trading.domain.accounts import PairConfig
from trading.domain.units import Pair, VenueName
from trading.requests import (
    build_pair_config,
    check_add_pair,
    parse_capital,
    parse_venue,
    select_pairs,
)

if TYPE_CHECKING:
    from blocks.prefect.gateway import Deployments
    from cli.commands.user_session import Scope

# A negative amount looks like an option; it must reach our own check and its sentence.
NEGATIVE_IS_A_NUMBER = {"ignore_unknown_options": True}

PairArgument = Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")]
PairsArgument = Annotated[str, typer.Argument(metavar="[PAIR|all]", help="All when left out.")]

commands = typer.Typer()


@commands.command("addpair", context_settings=NEGATIVE_IS_A_NUMBER)
def add_pair(
    pair: PairArgument,
    amount: Annotated[str, typer.Argument(help="Capital in the quote currency, 1000.")],
    venue: Annotated[str, typer.Option(help="binance or bybit: whose market it is.")] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Trade a pair on paper with an amount set aside for it."""
    config, follows = asyncio.run(_add_pair(user, Pair.parse(pair), amount, venue))
    if as_json:
        print_json({"pair": config, "prefect_follows_later": not follows})
        return
    print(
        f"Added {config.pair} on {config.venue} prices, paper, with "
        f"{show_money(config.capital)} {config.pair.quote}: a cycle every 30 minutes."
    )
    _say_if_later(follows)


@commands.command("removepair")
def remove_pair(pair: PairArgument, user: UserOption = "", as_json: JsonOption = False) -> None:
    """Stop trading a pair; its history stays. Refused while a position is open."""
    config, follows = asyncio.run(_remove_pair(user, Pair.parse(pair)))
    if as_json:
        print_json({"removed": str(config.pair), "prefect_follows_later": not follows})
        return
    print(f"Removed {config.pair}. Its trades and receipts stay.")
    _say_if_later(follows)


@commands.command("pairs")
def list_pairs(user: UserOption = "", as_json: JsonOption = False) -> None:
    """List your pairs."""
    configs = asyncio.run(_list_pairs(user))
    if as_json:
        print_json({"pairs": configs})
        return
    print_table(
        "Pairs",
        columns=("pair", "venue", "mode", "capital>", "state", "since (UTC)"),
        rows=[
            (
                str(c.pair),
                c.venue,
                c.mode,
                show_money(c.capital),
                "paused" if c.is_paused else "running",
                show_time(c.created_at),
            )
            for c in configs
        ],
    )


@commands.command()
def pause(pair: PairsArgument = "", user: UserOption = "", as_json: JsonOption = False) -> None:
    """Open no new positions; stops and targets stay where they are."""
    _show_switched(asyncio.run(_switch(user, pair, is_paused=True)), "paused", as_json=as_json)


@commands.command()
def resume(pair: PairsArgument = "", user: UserOption = "", as_json: JsonOption = False) -> None:
    """Trade again; also closes an open breaker, which is written to the audit log."""
    _show_switched(asyncio.run(_switch(user, pair, is_paused=False)), "resumed", as_json=as_json)


def _show_switched(
    switched: tuple[tuple[PairConfig, ...], bool], word: str, *, as_json: bool
) -> None:
    configs, follows = switched
    names = [str(config.pair) for config in configs]
    if as_json:
        print_json({word: names, "prefect_follows_later": not follows})
        return
    rest = " Stops and targets stay." if word == "paused" else ""
    print(f"{word.capitalize()} {', '.join(names)}.{rest}")
    _say_if_later(follows)


def _say_if_later(follows: bool) -> None:
    from cli.commands.user_session import NOT_RUNNING

    if not follows:
        print(NOT_RUNNING)


async def _add_pair(
    user: str, pair: Pair, amount: str, venue_text: str
) -> tuple[PairConfig, bool]:
    from blocks.settings import VenueSettings
    from cli.base.clock import now_utc
    from cli.commands.instruments import load_instrument
    from cli.commands.user_session import open_scope
    from commands import pairs as changes
    from tasks.runtime.settings import task_settings

    parse_capital(amount, quote=pair.quote)  # the cheap check first, before anything is opened
    venue = parse_venue(venue_text) if venue_text else VenueName(VenueSettings().venue)
    async with open_scope(user, needs_prefect=True) as scope:
        now = now_utc()
        instrument = await load_instrument(scope.session, venue, pair=pair, now=now)
        capital = check_add_pair(
            pair,
            capital_text=amount,
            existing=await scope.list_pairs(),
            instrument=instrument,
            max_position_ratio=task_settings().limits.max_position_ratio,
        )
        config = build_pair_config(
            user_id=scope.user.user_id, pair=pair, venue=venue, capital=capital, now=now
        )
        async with scope.tenant() as tenant:
            await changes.add_pair(tenant, config, actor=scope.user.name, now=now)
        async with scope.session.database.operator() as operator:
            await operator.instruments.save_instrument(instrument)  # the bot checks by them
        return config, await scope.follow(lambda gateway: gateway.ensure_pair(config))


async def _remove_pair(user: str, pair: Pair) -> tuple[PairConfig, bool]:
    from cli.base.clock import now_utc
    from cli.commands.user_session import open_scope
    from commands import pairs as changes

    async with open_scope(user, needs_prefect=True) as scope:
        async with scope.tenant() as tenant:
            config = await changes.remove_pair(tenant, pair, actor=scope.user.name, now=now_utc())
        user_id = scope.user.user_id
        return config, await scope.follow(lambda gateway: gateway.remove_pair(user_id, pair))


async def _list_pairs(user: str) -> tuple[PairConfig, ...]:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope:
        return await scope.list_pairs()


async def _switch(user: str, text: str, *, is_paused: bool) -> tuple[tuple[PairConfig, ...], bool]:
    from cli.commands.user_session import open_scope

    async with open_scope(user, needs_prefect=True) as scope:
        configs = select_pairs(text, existing=await scope.list_pairs())
        follows = [await switch_pair(scope, one, is_paused=is_paused) for one in configs]
        return configs, all(follows)


async def switch_pair(scope: "Scope", config: PairConfig, *, is_paused: bool) -> bool:
    """Pause or resume one pair; whether Prefect follows at once."""
    from cli.base.clock import now_utc
    from commands import pairs as changes

    change = changes.pause_pair if is_paused else changes.resume_pair
    async with scope.tenant() as tenant:
        await change(tenant, config.pair, actor=scope.user.name, now=now_utc())
    wanted = replace(config, is_paused=is_paused)

    async def tell(gateway: "Deployments") -> None:
        switch = gateway.pause_pair if is_paused else gateway.resume_pair
        if not await switch(config.user_id, config.pair):
            await gateway.ensure_pair(wanted)

    return await scope.follow(tell)
