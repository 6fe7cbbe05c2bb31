"""`quorum data`: download, import, list and check the candles of the past.

    venue or file -> CandleStore (Parquet under the home) -> `quorum demo --candles`

A download asks only for what is missing, so a second run goes on where the first one stopped.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput, PermanentError
from trading.domain.units import Pair, VenueName

if TYPE_CHECKING:
    from blocks.venues.base.market import PublicMarket
    from blocks.venues.offline.candle_store import CandleStore, StoredCandles

FOLDER = "candles"
HOLES_SHOWN = 5
FIRST_YEAR = 2015

VenueOption = Annotated[VenueName, typer.Option(help="binance or bybit.")]
DayFormats = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]

app = typer.Typer(no_args_is_help=True, help="Candles and funding of the past, for replays.")
commands = typer.Typer()
commands.add_typer(app, name="data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Venue, pair and period of a download."""

    venue: VenueName
    pair: Pair
    begin: datetime
    end: datetime


@app.command()
def download(
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")],
    begin: Annotated[
        datetime, typer.Option("--from", formats=DayFormats, help="First day (UTC).")
    ],
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=DayFormats, help="End (UTC), not included; now if left out."),
    ] = None,
    venue: VenueOption = VenueName.BINANCE,
    as_json: JsonOption = False,
) -> None:
    """Download 5m candles and settled funding rates; nothing is asked for twice."""
    from cli.base.clock import now_utc

    window = _check_window(venue, pair=Pair.parse(pair), begin=begin, end=end, now=now_utc())
    _show((asyncio.run(_download(window)),), as_json=as_json)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Feather, Parquet, CSV, ZIP or JSON.")],
    pair: Annotated[str, typer.Option(help="When the name does not begin with the pair.")] = "",
    venue: VenueOption = VenueName.BINANCE,
    as_json: JsonOption = False,
) -> None:
    """Add a file's candles, rounded to the pair's tick, and the funding rates beside the file."""
    from blocks.venues.offline.recording import load_recording
    from cli.base.clock import now_utc

    known = Pair.parse(pair) if pair else None
    recording = load_recording(file.expanduser(), pair=known, now=now_utc())
    if recording.is_drawn:
        raise BadInput(f"{file.name} holds candles longer than 5 minutes: they are not stored.")
    store = _open_store()
    store.add_candles(venue, pair=recording.pair, candles=recording.candles)
    store.add_funding(venue, pair=recording.pair, rates=recording.funding)
    _show((store.describe(venue, pair=recording.pair),), as_json=as_json)


@app.command("list")
def list_stored(as_json: JsonOption = False) -> None:
    """Show what is stored."""
    _show(_open_store().list_stored(), as_json=as_json)


@app.command()
def check(as_json: JsonOption = False) -> None:
    """Read every stored file and name each hole; exit code 1 where candles are missing."""
    from blocks.venues.offline.recording import load_recording

    stored = _open_store().list_stored()
    for one in stored:
        if not one.holes:
            load_recording(one.path, pair=one.pair)
    _show(stored, as_json=as_json)
    if any(one.holes for one in stored):
        raise typer.Exit(1)


def _check_window(
    venue: VenueName, *, pair: Pair, begin: datetime, end: datetime | None, now: datetime
) -> Window:
    """The period in whole candles. Raises BadInput for a period that can't hold a candle."""
    from trading.domain.units import floor_time
    from trading.market.candles import Interval

    if venue is VenueName.PAPER:
        raise BadInput(f"{venue} has no prices of its own: binance or bybit.")
    first = begin.replace(tzinfo=UTC)
    last = min(now, end.replace(tzinfo=UTC)) if end is not None else now
    last = floor_time(last, Interval.M5.duration)
    first = floor_time(first, Interval.M5.duration)
    if first.year < FIRST_YEAR:
        raise BadInput(f"--from is {first:%Y-%m-%d}: no perpetual is older than {FIRST_YEAR}.")
    if first >= last:
        raise BadInput(f"--from {first:%Y-%m-%d %H:%M} is not before {last:%Y-%m-%d %H:%M}.")
    return Window(venue=venue, pair=pair, begin=first, end=last)


async def _download(window: Window) -> "StoredCandles":
    from blocks.markets import build_live_markets
    from blocks.settings import VenueSettings
    from blocks.venues.base.market import PAGE
    from blocks.venues.offline.candle_store import list_chunks
    from cli.data.progress import ask_patiently, follow

    markets = build_live_markets(VenueSettings().urls)
    market, store = markets[window.venue], _open_store()
    try:
        holes = store.find_missing(
            window.venue, pair=window.pair, begin=window.begin, end=window.end
        )
        chunks = [(hole, end) for hole in holes for end in list_chunks(hole, size=PAGE)]
        with follow(len(chunks)) as advance:
            for hole, end in chunks:
                await _fetch_chunk(market, store, window=window, begin=hole.begin, end=end)
                advance()
        rates = await ask_patiently(
            lambda: market.fetch_funding_history(window.pair, since=window.begin, until=window.end)
        )
        store.add_funding(window.venue, pair=window.pair, rates=rates)
    finally:
        await asyncio.gather(*(one.close() for one in markets.values()))
    if not store.find_path(window.venue, pair=window.pair).is_file():
        raise PermanentError(
            f"{window.venue} has no candles of {window.pair} from {window.begin:%Y-%m-%d} to "
            f"{window.end:%Y-%m-%d}."
        )
    return store.describe(window.venue, pair=window.pair)


async def _fetch_chunk(
    market: "PublicMarket",
    store: "CandleStore",
    *,
    window: Window,
    begin: datetime,
    end: datetime,
) -> None:
    """Fetch and store one request's candles; a venue without an answer is asked again."""
    from blocks.venues.base.market import PAGE
    from cli.data.progress import ask_patiently
    from trading.market.candles import Interval

    limit = min(PAGE, (end - begin) // Interval.M5.duration)
    series = await ask_patiently(
        lambda: market.fetch_candles(window.pair, Interval.M5, limit=limit, as_of=end)
    )
    wanted = [candle for candle in series.candles if begin <= candle.open_time < end]
    store.add_candles(window.venue, pair=window.pair, candles=wanted)


def _open_store() -> "CandleStore":
    from blocks.venues.offline.candle_store import CandleStore
    from cli.base.home import Home
    from cli.base.settings import CliSettings

    home = Home(root=CliSettings().home.expanduser().absolute())
    home.prepare()
    return CandleStore(home.root / FOLDER)


def _show(stored: "tuple[StoredCandles, ...]", *, as_json: bool) -> None:
    if as_json:
        print_json({"stored": stored})
        return
    if not stored:
        print("Nothing is stored. Begin with: quorum data download BTC/USDT --from 2025-01-01")
    for one in stored:
        period = f"{one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M}"
        print(
            f"{one.venue} {one.pair}: {one.count:,} candles of 5 min, {period}, "
            f"{one.funding:,} funding rates, {_tell_holes(one)}\n  {one.path}"
        )
        for hole in one.holes[:HOLES_SHOWN]:
            print(f"  missing: {hole.count:,} from {hole.begin:%Y-%m-%d %H:%M}")


def _tell_holes(one: "StoredCandles") -> str:
    if not one.holes:
        return "no holes"
    missing = sum(hole.count for hole in one.holes)
    return f"{len(one.holes)} holes ({missing:,} candles missing)"
