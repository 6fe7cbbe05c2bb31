"""`quorum demo`: days of trading in minutes, through the real flow and a real database.

candles of a file, or generated -> temporary home -> cycles -> table, picture, receipts, JSON

`cli/demo/stage.py` does the work; this module holds only the command, so that `--help` is fast.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.base.output import JsonOption

DEFAULT_OUT = Path("out")
DEFAULT_SEED = 7

commands = typer.Typer()


@commands.command()
def demo(  # noqa: PLR0913, PLR0917 - options of the command line
    candles: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Candles as Feather, Parquet, CSV, ZIP (Binance Vision) or JSON (freqtrade). The "
            "first 9 days warm the slowest indicator up (50 candles of 4 h); the last N days "
            "that fit are traded. Without a file the prices are made up.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="48 cycles each.")] = 1,
    cycles: Annotated[
        int | None, typer.Option(min=1, help="So many cycles instead of days.", show_default=False)
    ] = None,
    pair: Annotated[
        str, typer.Option(help="Of the file, when its name does not begin with it; else BTC/USDT.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the made-up prices.")] = DEFAULT_SEED,
    out: Annotated[Path, typer.Option(metavar="DIR", help="For the picture.")] = DEFAULT_OUT,
    as_json: JsonOption = False,
) -> None:
    """
    Trade some days in compressed time, on paper, and show what came of it.

    Nothing outside a throw-away folder is touched: your own books and keys stay closed. The same
    command gives the same numbers every time.
    """
    from cli.demo.setting import DemoOptions
    from cli.demo.stage import run_demo

    options = DemoOptions(
        candles=candles, pair=pair, seed=seed, cycles=cycles or days * 48, out=out
    )
    try:
        raise typer.Exit(asyncio.run(run_demo(options, as_json=as_json)))
    except asyncio.CancelledError:
        raise typer.Abort from None  # told to stop by a signal other than Ctrl-C
