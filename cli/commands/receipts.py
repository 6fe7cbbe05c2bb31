"""`quorum why`: the receipt of a cycle, as text for people or whole as JSON."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, UserOption, print_json, show_time
from trading.cycle import CycleRecord
from trading.domain.errors import BadInput
from trading.domain.units import Pair
from trading.requests import is_one_pair, parse_cycle_time, select_pairs

if TYPE_CHECKING:
    from datetime import datetime

    from db.session import Tenant

commands = typer.Typer()


@commands.command()
def why(
    pair: Annotated[str, typer.Argument(metavar="[PAIR]", help="The latest when left out.")] = "",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="A cycle, 2025-03-01T12:00 (UTC); else the last.")
    ] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show why a cycle did what it did, or did nothing."""
    from trading.reporting.receipts import render_receipt_text

    cycle_time = parse_cycle_time(at) if at else None
    record = asyncio.run(_load_record(user, pair, cycle_time))
    text = render_receipt_text(record)
    if as_json:
        print_json({"receipt": record, "text": text})
    else:
        print(text)


async def _load_record(user: str, text: str, cycle_time: "datetime | None") -> CycleRecord:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        if is_one_pair(text):
            return await _load_one(tenant, Pair.parse(text), cycle_time)
        configs = select_pairs(text, existing=await tenant.pairs.list_pairs())
        found = [
            await tenant.cycles.load_cycle(config.pair, cycle_time=cycle_time)
            for config in configs
        ]
    records = [record for record in found if record is not None]
    if not records:
        raise BadInput(_say_missing("your pairs", cycle_time))
    return max(records, key=lambda record: record.key.cycle_time)


async def _load_one(tenant: "Tenant", pair: Pair, cycle_time: "datetime | None") -> CycleRecord:
    record = await tenant.cycles.load_cycle(pair, cycle_time=cycle_time)
    if record is not None:
        return record
    if await tenant.cycles.load_cycle(pair) is None:
        select_pairs(str(pair), existing=await tenant.pairs.list_pairs())
    raise BadInput(_say_missing(str(pair), cycle_time))


def _say_missing(of: str, cycle_time: "datetime | None") -> str:
    if cycle_time is None:
        return f"There is no finished cycle of {of} yet."
    return f"There is no finished cycle of {of} at {show_time(cycle_time)} UTC."
