"""`quorum why`: the receipt of a cycle, as text for people or whole as JSON."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.base.output import JsonOption, UserOption, describe_pause, print_json
from cli.base.user_session import run_command
from trading.requests import parse_cycle_time

commands = typer.Typer()


@commands.command()
def why(
    pair: Annotated[str, typer.Argument(metavar="[PAIR]", help="The latest when left out.")] = "",
    at: Annotated[
        str, typer.Option(metavar="TIME", help="A cycle, 2025-03-01T12:00 (UTC); else the last.")
    ] = "",
    user: UserOption = "",
    raw: Annotated[bool, typer.Option(help="The questions and raw answers instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the reasons for the outcome of a cycle."""
    from commands.receipts import find_config, load_exchanges, load_receipt
    from reports.documents.receipts import render_receipt_text

    cycle_time = parse_cycle_time(at) if at else None
    record = run_command(user, lambda one: load_receipt(one, pair, cycle_time=cycle_time))
    if raw:
        entries = run_command(user, lambda one: load_exchanges(one, record))
        print_json({"exchanges": [asdict(entry) for entry in entries]})
        return
    text = render_receipt_text(record)
    config = run_command(user, lambda one: find_config(one, record))
    if as_json:
        print_json({"receipt": record, "text": text, "config": config})
        return
    print(text)
    if config is not None and config.is_paused:
        print(f"No cycle starts now: {config.pair} is {describe_pause(config)}.")
