"""What stands and what was done: positions and trades, read from our own books only.

one transaction -> values -> a table or JSON

Nothing here asks a venue: prices are those that the last cycle saw, and every table says of when.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
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
from trading.domain.orders import Fill
from trading.domain.positions import Position
from trading.domain.units import Pair
from trading.requests import filter_pairs, is_one_pair

if TYPE_CHECKING:
    from db.session import Tenant

PairsArgument = Annotated[str, typer.Argument(metavar="[PAIR|all]", help="All when left out.")]
LimitOption = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]

commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosition:
    """A position with the mark price (quote per base) that the last cycle saw at `marked_at`."""

    position: Position
    mark_price: Decimal | None
    unrealized_pnl: Decimal | None
    marked_at: datetime | None


@commands.command()
def positions(
    pair: PairsArgument = "",
    closed: Annotated[bool, typer.Option("--closed", help="Closed ones instead.")] = False,
    limit: LimitOption = 20,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show open positions, or the latest closed ones."""
    if closed:
        _show_closed(asyncio.run(_load_closed(user, pair, limit)), as_json=as_json)
    else:
        _show_open(asyncio.run(_load_open(user, pair)), as_json=as_json)


@commands.command()
def trades(
    pair: PairsArgument = "",
    limit: LimitOption = 20,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the latest executions, newest first."""
    fills = asyncio.run(_load_fills(user, pair, limit))
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


def _show_open(found: tuple[OpenPosition, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"positions": found})
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


async def _load_open(user: str, text: str) -> tuple[OpenPosition, ...]:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        pairs = await _select_pairs(tenant, text)
        found = await tenant.positions.list_open_positions()
        return tuple([await _mark(tenant, one) for one in found if one.pair in pairs])


async def _mark(tenant: "Tenant", position: Position) -> OpenPosition:
    state = await tenant.states.load_pair_state(position.pair)
    if state is None or state.updated_at < position.opened_at:
        return OpenPosition(
            position=position, mark_price=None, unrealized_pnl=None, marked_at=None
        )
    return OpenPosition(
        position=position,
        mark_price=state.last_mark,
        unrealized_pnl=position.unrealized_pnl(mark_price=state.last_mark),
        marked_at=state.updated_at,
    )


async def _load_closed(user: str, text: str, limit: int) -> tuple[Position, ...]:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        found = [
            one
            for pair in await _select_pairs(tenant, text)
            for one in await tenant.positions.list_closed_positions(pair, limit=limit)
        ]
    newest_first = sorted(found, key=lambda one: one.closed_at or one.opened_at, reverse=True)
    return tuple(newest_first[:limit])


async def _load_fills(user: str, text: str, limit: int) -> tuple[Fill, ...]:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        found = [
            one
            for pair in await _select_pairs(tenant, text)
            for one in await tenant.trades.list_fills(pair, limit=limit)
        ]
    return tuple(sorted(found, key=lambda one: one.filled_at, reverse=True)[:limit])


async def _select_pairs(tenant: "Tenant", text: str) -> tuple[Pair, ...]:
    """The pairs that a word means; one that was removed counts while it has trades to show."""
    existing = await tenant.pairs.list_pairs()
    if is_one_pair(text):
        pair = Pair.parse(text)
        if await tenant.trades.last_fill_at(pair) is not None:
            return (pair,)
    return tuple(config.pair for config in filter_pairs(text, existing=existing))
