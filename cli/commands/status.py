"""`quorum status`: each pair at a glance, and whether Quorum is running.

commands.status -> a table or JSON

Asks no venue: the equity is the equity of the last cycle.
"""

from typing import TYPE_CHECKING, Any

import typer

from cli.base.output import (
    JsonOption,
    UserOption,
    describe_pause,
    print_json,
    print_table,
    show_money,
    show_number,
    show_time,
)
from cli.base.user_session import run_command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from commands.caller import Caller
    from commands.status import PairStatus, StatusView
    from trading.domain.accounts import User

commands = typer.Typer()


@commands.command()
def status(user: UserOption = "", as_json: JsonOption = False) -> None:
    """Show each pair at a glance, and whether Quorum is running."""
    owner, view = run_command(user, _load)
    pairs, stack = view.pairs, _load_stack()
    if as_json:
        plain = [_to_json(one) for one in pairs]
        print_json({"user": owner, "is_running": bool(stack), "stack": stack, "pairs": plain})
        return
    print_table(
        f"Status of {owner.name}",
        columns=("pair", "state", "equity>", "net PnL>", "position", "last cycle (UTC)", "why~"),
        rows=[_status_row(one) for one in pairs],
    )
    if any(one.orders_in_doubt for one in pairs):
        print("Some orders are in doubt: they are looked up until their fate is proven.")
    where = f"running, UI at {stack['ui_url']}" if stack else "not running: `quorum up` starts it"
    print(f"Quorum is {where}.")


def _status_row(one: "PairStatus") -> tuple[str, ...]:
    from reports.texts.catalog import render

    last, position = one.last, one.position
    return (
        str(one.config.pair),
        _describe_state(one),
        show_money(one.equity),
        show_money(one.net_pnl, signed=True),
        f"{position.side} {show_number(position.quantity)}" if position else "flat",
        f"{show_time(last.key.cycle_time)} {last.outcome}" if last else "none yet",
        render(last.reason) if last else "",
    )


def _describe_state(one: "PairStatus") -> str:
    if one.config.is_paused:
        return describe_pause(one.config)
    if one.breaker.until is not None:
        return f"breaker until {one.breaker.until:%H:%M}"
    return "running"


def _to_json(one: "PairStatus") -> dict[str, object]:
    last = one.last and {
        "cycle_time": one.last.key.cycle_time,
        "outcome": one.last.outcome,
        "reason": one.last.reason,
    }
    return {
        "pair": one.config.pair,
        "config": one.config,
        "equity": one.equity,
        "net_pnl": one.net_pnl,
        "as_of": one.as_of,
        "position": one.position,
        "breaker": one.breaker,
        "open_orders": one.open_orders,
        "orders_in_doubt": one.orders_in_doubt,
        "last_cycle": last,
    }


async def _load(caller: "Caller") -> "tuple[User, StatusView]":
    from commands.status import load_status

    return caller.user, await load_status(caller)


def _load_stack() -> "Mapping[str, Any] | None":
    from cli.base.home import Home
    from cli.base.settings import CliSettings

    return Home(root=CliSettings().home.absolute()).load_state()
