"""`quorum bench`: durations of the costly parts on this machine.

generated inputs -> the real function, many rounds -> median and 95th percentile in milliseconds

A benchmark returns a mapping of figures; `--json` prints the mapping in a single line.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput

CANDLES = 300
WARM_UP_ROUNDS = 5
SIZES = (30, 300, 1000)

type Figures = dict[str, float | int | str]

RateOption = Annotated[
    str,
    typer.Option("--rate", help="Due in 30 minutes; 0: all at once; half: of the capacity."),
]
RoundsOption = Annotated[int, typer.Option("--rounds", min=1, help="How often it is measured.")]

bench_app = typer.Typer(help="Measure the costly parts on this machine.")
commands = typer.Typer()
commands.add_typer(bench_app, name="bench")


@bench_app.callback(invoke_without_command=True)
def bench_all(context: typer.Context) -> None:
    """Without a name: all of them."""
    if context.invoked_subcommand is None:
        bench_indicators()


@bench_app.command("indicators")
def bench_indicators(as_json: JsonOption = False, rounds: RoundsOption = 200) -> None:
    """All indicators of four intervals of 300 candles."""
    figures = measure_indicators(rounds=rounds)
    if as_json:
        print_json(figures)
    else:
        print(
            f"Indicators, {figures['intervals']} intervals of {figures['candles']} candles: "
            f"median {figures['median_ms']} ms, 95 % within {figures['p95_ms']} ms."
        )


@bench_app.command("council")
def bench_council(
    as_json: JsonOption = False,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often.")] = 3,
) -> None:
    """The decision's delay behind models that answer in 0.8, 1.5 and 8 seconds."""
    from cli.bench.council import measure_council

    figures = asyncio.run(measure_council(rounds=rounds))
    if as_json:
        print_json(figures)
    else:
        print(
            f"Council: ready {figures['ready_seconds_median']} s after the question, when the "
            f"second of two that agree answers at {figures['critical_path_seconds']} s (ratio "
            f"{figures['ratio_to_critical_path']}); undecided, at the deadline of "
            f"{figures['deadline_seconds']} s: {figures['undecided_ready_seconds_max']} s."
        )


@bench_app.command("capacity")
def bench_capacity(  # noqa: PLR0913, PLR0917 - options of the command line
    cycles: Annotated[int, typer.Option("--cycles", min=1, help="Of distinct users.")] = 30,
    against: Annotated[
        str | None, typer.Option("--against", metavar="process", help="Measure that worker too.")
    ] = None,
    rate: RateOption = "1500",
    workers: Annotated[int, typer.Option("--workers", min=1, max=8, help="Of ours.")] = 2,
    choice: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Of the environment.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """CPU, memory, time and growth of a cycle through a real stack with slow doubles."""
    from cli.bench.capacity import STOCK_CYCLES, measure_capacity, parse_pace

    if against not in (None, "process"):
        raise BadInput(f"{against[:20]!r} can't be measured against: only process.")
    figures = measure_capacity(
        cycles,
        pace=parse_pace(rate),
        workers=workers,
        stock_cycles=STOCK_CYCLES if against else 0,
        choices=tuple(choice or ()),
    )
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")


@bench_app.command("pressure")
def bench_pressure(
    cycles: Annotated[int, typer.Option("--cycles", min=2, help="Due at once.")] = 500,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", help="One of them; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """A burst; with the server, the database, a worker lost in it; with two workers; too late."""
    from cli.bench.pressure import measure_pressure

    figures = measure_pressure(scenario or [], cycles=cycles)
    if as_json:
        print_json(figures)
    else:
        for name, found in figures["scenarios"].items():
            print(name, *(f"{key}={value}" for key, value in found.items()), sep="\n  ")


@bench_app.command("soak")
def bench_soak(
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help="Of a service.")] = 60,
    per_half_hour: Annotated[
        float, typer.Option("--per-half-hour", min=1, help="Cycles in 30 of them.")
    ] = 1000,
    in_minutes: Annotated[
        float | None, typer.Option("--in-minutes", min=0.1, help="As many cycles in this time.")
    ] = None,
    picture: Annotated[Path, typer.Option("--picture", help="The file to draw.")] = Path(
        "soak.png"
    ),
    as_json: JsonOption = False,
) -> None:
    """Cycles for long: whether memory and open files of any process grow with them."""
    from cli.bench.pressure import measure_soak

    figures = measure_soak(
        minutes=minutes, per_half_hour=per_half_hour, in_minutes=in_minutes, picture=picture
    )
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            print(f"{name:16} {value}")


@bench_app.command("growth")
def bench_growth(
    size: Annotated[
        list[int] | None, typer.Option("--size", min=1, help="User-pairs; may be repeated.")
    ] = None,
    rate: RateOption = "1500",
    picture: Annotated[Path, typer.Option("--picture", help="The file to draw.")] = Path(
        "capacity.png"
    ),
) -> None:
    """The capacity bench at several sizes (30, 300, 1000), drawn; goes on where it was cut off."""
    from cli.bench.capacity import parse_pace
    from cli.bench.capacity_curve import measure_curve

    for figures in measure_curve(size or SIZES, pace=parse_pace(rate), picture=picture):
        print_json(figures)


def measure_indicators(*, rounds: int) -> Figures:
    """The figures of `bench indicators`; the candles are the sample market's."""
    from blocks.venues.offline.generated import SampleMarket
    from trading.domain.units import Pair
    from trading.indicators.formulas import compute_indicators
    from trading.market.candles import CandleSeries, Interval

    async def load() -> list[CandleSeries]:
        market, pair = SampleMarket(), Pair("BTC", "USDT")
        as_of = datetime(2025, 1, 1, tzinfo=UTC)
        return [
            await market.fetch_candles(pair, interval, limit=CANDLES, as_of=as_of)
            for interval in Interval
        ]

    series = asyncio.run(load())
    taken = _measure(lambda: [compute_indicators(one) for one in series], rounds=rounds)
    return {
        "benchmark": "indicators",
        "intervals": len(series),
        "candles": CANDLES,
        **taken,
    }


def _measure(work: Callable[[], object], *, rounds: int) -> Figures:
    """Milliseconds of a round, after some uncounted rounds."""
    for _ in range(WARM_UP_ROUNDS):
        work()
    taken_ms = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken_ms.append((time.perf_counter() - started) * 1000)
    ordered = sorted(taken_ms)
    return {
        "rounds": rounds,
        "median_ms": round(statistics.median(taken_ms), 3),
        "p95_ms": round(ordered[min(int(rounds * 0.95), rounds - 1)], 3),
    }
