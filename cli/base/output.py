"""Output of commands: a table for people, a JSON object for programs.

value -> JSON with Decimals as text, so that no digit is lost on the way to another program
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from trading.domain.accounts import PairConfig
from trading.domain.units import Pair

PIPE_COLUMNS = 160

UserOption = Annotated[
    str,
    typer.Option("--user", metavar="NAME|ID", help="Whose; the local user when left out."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def print_json(value: object) -> None:
    """A line of JSON; see `to_plain`."""
    print(json.dumps(to_plain(value), ensure_ascii=False))


def to_plain(value: object) -> object:
    """Convert to JSON types: values as objects, pairs and Decimals as text, instants ISO 8601."""
    if isinstance(value, Pair):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    match value:
        case Mapping():
            return {str(key): to_plain(one) for key, one in value.items()}
        case tuple() | list():
            return [to_plain(one) for one in value]
        case _:
            return _scalar_to_plain(value)


def with_figures(value: object, **figures: object) -> dict[str, object]:
    """A value's fields in JSON types, with some derived figures."""
    plain = to_plain(value)
    if not isinstance(plain, dict):
        raise TypeError(f"{type(value).__name__} has no fields")
    return {**plain, **{name: to_plain(figure) for name, figure in figures.items()}}


def _scalar_to_plain(value: object) -> object:
    match value:
        case Decimal():
            return f"{value:f}"
        case Path():
            return str(value)
        case date():  # a datetime is a date too
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value


def print_table(title: str, *, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """
    A table for people.

    A column name ending in `>` means numbers (right aligned), in `~` sentences over several lines;
    other columns never wrap.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold")
    for column in columns:
        name, mark = column.rstrip(">~"), column[-1]
        table.add_column(
            name, justify="right" if mark == ">" else "left", no_wrap=mark != "~", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    # A pipe has no width: wide enough for every line.
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_COLUMNS)
    console.print(table, markup=False)
    if not table.rows:
        console.print("  none", style="dim")


def show_money(amount: Decimal | None, *, signed: bool = False) -> str:
    """Two decimals and thousands; a dash for nothing."""
    if amount is None:
        return "-"
    return f"{amount:+,.2f}" if signed else f"{amount:,.2f}"


def show_number(number: Decimal | None) -> str:
    """A price or quantity without trailing zeros; a dash for nothing."""
    return "-" if number is None else f"{number.normalize():,f}"


def show_ratio(ratio: Decimal | None) -> str:
    """A ratio as percent with one decimal; a dash for None."""
    return "-" if ratio is None else f"{ratio:.1%}"


def describe_pause(config: PairConfig) -> str:
    """Whether the pair runs, and whose pause stops the pair."""
    if config.is_paused_in_prefect:
        return "paused in the Prefect UI"
    return "paused" if config.is_paused else "running"


def show_time(instant: datetime | None) -> str:
    """To the minute, UTC; a dash for nothing."""
    return "-" if instant is None else f"{instant:%Y-%m-%d %H:%M}"
