"""Verbs of positions and trades.

commands.positions -> a table or JSON

Asks no venue: prices are those of the last cycle, and the table of open positions names the time.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import (
    JsonOption,
    UserOption,
    print_json,
    print_table,
    show_money,
    show_number,
    show_time,
    with_figures,
)
from cli.base.user_session import run_command
from trading.domain.positions import Position

if TYPE_CHECKING:
    from commands.positions import OpenPosition

PairsArgument = Annotated[str, typer.Argument(metavar="[PAIR|all]", help="All when left out.")]
LimitOption = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]

commands = typer.Typer()


@commands.command()
def positions(
    pair: PairsArgument = "",
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones instead.")] = False,
    limit: LimitOption = 20,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show open positions, or the latest closed ones."""
    from commands.positions import load_closed_positions, load_positions

    if closed:
        past = run_command(user, lambda one: load_closed_positions(one, pair, limit=limit))
        _show_closed(past, as_json=as_json)
    else:
        _show_open(run_command(user, lambda one: load_positions(one, pair)), as_json=as_json)


@commands.command()
def trades(
    pair: PairsArgument = "",
    limit: LimitOption = 20,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the latest executions, newest first."""
    from commands.positions import load_trades

    found = run_command(user, lambda one: load_trades(one, pair, limit=limit))
    fills = [one.fill for one in found]
    if as_json:
        print_json({"trades": fills})
        return
    print_table(
        "Trades",
        columns=("time (UTC)", "pair", "side", "quantity>", "price>", "fee>", "id"),
        rows=[
            (
                show_time(one.filled_at),
                str(one.pair),
                f"{one.side} (liquidation)" if one.is_liquidation else str(one.side),
                show_number(one.quantity),
                show_number(one.fill_price),
                show_money(one.fee),
                one.trade_id,
            )
            for one in fills
        ],
    )


def _show_open(found: "tuple[OpenPosition, ...]", *, as_json: bool) -> None:
    if as_json:
        plain = [with_figures(one, unrealized_pnl=one.unrealized_pnl) for one in found]
        print_json({"positions": plain})
        return
    print_table(
        "Open positions",
        columns=(
            "pair",
            "side",
            "quantity>",
            "entry>",
            "mark>",
            "PnL>",
            "stop>",
            "target>",
            "since (UTC)",
        ),
        rows=[
            (
                str(one.position.pair),
                str(one.position.side),
                show_number(one.position.quantity),
                show_number(one.position.average_entry_price),
                show_number(one.mark_price),
                show_money(one.unrealized_pnl, signed=True),
                show_number(one.position.stop_price),
                show_number(one.position.target_price),
                show_time(one.position.opened_at),
            )
            for one in found
        ],
    )
    if found:
        seen = max((one.marked_at for one in found if one.marked_at), default=None)
        print(f"Marks are of the last cycle: {show_time(seen)} UTC.")


def _show_closed(found: tuple[Position, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"positions": [with_figures(one, net_pnl=one.net_pnl) for one in found]})
        return
    print_table(
        "Closed positions",
        columns=(
            "closed (UTC)",
            "pair",
            "held since (UTC)",
            "realized>",
            "fees>",
            "funding>",
            "net>",
        ),
        rows=[
            (
                show_time(one.closed_at),
                str(one.pair),
                show_time(one.opened_at),
                show_money(one.realized_pnl, signed=True),
                show_money(one.fees),
                show_money(one.funding, signed=True),
                show_money(one.net_pnl, signed=True),
            )
            for one in found
        ],
    )
