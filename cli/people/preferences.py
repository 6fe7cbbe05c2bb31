"""Verbs of a user's settings: risk, mode, budget, alerts, profit.

words -> commands.limits, commands.mode, commands.people -> sentence or JSON
"""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.confirmation import YesOption, confirm
from cli.base.output import JsonOption, UserOption, print_json, print_table, show_money
from cli.base.user_session import run_command
from trading.domain.alert_topics import AlertGroup
from trading.domain.errors import BadInput
from trading.domain.units import Mode
from trading.requests import parse_venue

if TYPE_CHECKING:
    from commands.caller import Caller
    from commands.limits import PendingRaise
    from commands.mode import LiveGate
    from commands.pairs import PairChange
    from commands.people.preferences import BudgetView

WordsArgument = Annotated[list[str] | None, typer.Argument(metavar="[PAIR|all] [LIMIT VALUE]")]
IS_MOVED = {"on": True, "off": False}

commands = typer.Typer()


@commands.command()
def risk(
    words: WordsArgument = None,
    yes: YesOption = False,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show or set your limits: stricter at once, looser after a confirmation and a wait."""
    from commands.limits import load_limits, plan_limit, set_limit

    given = words or []
    if len(given) < 2:
        view = run_command(user, lambda one: load_limits(one, " ".join(given)))
        if as_json:
            print_json({"limits": view.lines})
            return
        rows = [(line.name, line.value, line.allowed) for line in view.lines]
        print_table("Limits", columns=("limit", "yours>", "installation>"), rows=rows)
        return
    *pair, name, value = given
    about = " ".join(pair)

    async def change(caller: "Caller") -> "PendingRaise | None":
        plan = await plan_limit(caller, about, name=name, value=value)
        if plan.looser:
            confirm(f"Loosen {plan.name} from {plan.current} to {value}?", yes=yes)
        return await set_limit(caller, plan)

    pending = run_command(user, change)
    due_at = pending.due_at if pending else None
    if as_json:
        print_json({"limit": name, "value": value, "due_at": due_at})
    else:
        print(f"{name} is {value} from {f'{due_at:%H:%M} UTC' if due_at else 'now'} on.")


@commands.command()
def mode(
    wanted: Annotated[str, typer.Argument(metavar="[paper|live]")] = "",
    pair: Annotated[str, typer.Argument(metavar="[PAIR]")] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show whether your pairs trade on paper or live, or switch a flat pair."""
    from commands.mode import load_gates

    if not wanted:
        _show_gates(run_command(user, load_gates), as_json=as_json)
        return
    if wanted.lower() not in set(Mode):
        raise BadInput(f"{wanted[:40]!r} is no mode: paper or live.")
    switched = run_command(
        user, lambda one: _switch(one, Mode(wanted.lower()), pair), needs_prefect=True
    )
    if as_json:
        print_json({"pair": switched.config, "prefect_follows_later": not switched.follows})
    else:
        print(f"{switched.config.pair} trades {switched.config.mode} from its next cycle on.")


@commands.command()
def budget(
    dollars: Annotated[str, typer.Argument(metavar="[DOLLARS|off]")] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the models' costs of today, or limit the costs of a day."""
    from commands.people.preferences import load_budget, set_budget

    async def ask(caller: "Caller") -> "BudgetView":
        return await (set_budget(caller, dollars) if dollars else load_budget(caller))

    view = run_command(user, ask)
    if as_json:
        print_json(view)
        return
    print(
        f"{view.day} UTC: {show_money(view.spent_usd)} dollars spent, at most "
        f"{show_money(view.limit_usd)}."
    )


@commands.command()
def alerts(
    words: Annotated[list[str] | None, typer.Argument(metavar="[SUBJECT on|off]")] = None,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show which alerts you get in Telegram, or mute and unmute a subject."""
    from commands.people.preferences import load_muted, set_alerts

    async def ask(caller: "Caller") -> frozenset[AlertGroup]:
        return await (set_alerts(caller, " ".join(words)) if words else load_muted(caller))

    muted = run_command(user, ask)
    switches = {str(group): "off" if group in muted else "on" for group in AlertGroup}
    if as_json:
        print_json({"alerts": switches})
    else:
        print_table("Alerts", columns=("subject", "state"), rows=switches.items())


@commands.command()
def profit(
    venue: Annotated[str, typer.Argument(metavar="[VENUE]")] = "",
    switch: Annotated[str, typer.Argument(metavar="[on|off]")] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show whether live profit is moved to your funding wallet, or change the setting."""
    from cli.people.keys import load_sealing_keys
    from commands.people.keys import load_profit_settings, set_moves_profit
    from db.engine.settings import DatabaseSettings

    if venue:
        name, is_moved = parse_venue(venue), IS_MOVED.get(switch.lower())
        if is_moved is None:
            raise BadInput("Write a venue and on or off, like: binance on.")
        load_keys = partial(load_sealing_keys, DatabaseSettings().secrets)
        run_command(
            user,
            lambda one: set_moves_profit(one, name, is_moved=is_moved, load_keys=load_keys),
        )
    settings = run_command(user, load_profit_settings)
    if as_json:
        print_json({"moves_profit": settings})
        return
    rows = [(str(name), "on" if is_moved else "off") for name, is_moved in settings.items()]
    print_table("Profit", columns=("venue", "moved"), rows=rows)


async def _switch(caller: "Caller", wanted: Mode, text: str) -> "PairChange":
    from commands import mode as modes

    config = await modes.find_mode_pair(caller, text)
    if config is None:
        raise BadInput("Name the pair: quorum mode live BTC/USDT.")
    if wanted is Mode.PAPER:
        return await modes.switch_to_paper(caller, config)
    await modes.check_live(caller, config)
    phrase = typer.prompt(f"Orders will use real money. To confirm, type {modes.LIVE_PHRASE}")
    return await modes.switch_to_live(caller, config, phrase=phrase)


def _show_gates(gates: "tuple[LiveGate, ...]", *, as_json: bool) -> None:
    if as_json:
        print_json({"pairs": gates})
        return
    rows = [
        (
            str(one.config.pair),
            one.config.mode,
            "yes" if one.is_key_verified else "no",
            f"{one.paper_days} of {one.required_days}",
            f"{one.statistics.trades} of {one.required_trades}",
        )
        for one in gates
    ]
    columns = ("pair", "mode", "key verified", "days on paper>", "closed trades>")
    print_table("Paper or live", columns=columns, rows=rows)
