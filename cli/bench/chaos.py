"""`quorum chaos`: the order path killed at every boundary, against a double of a real venue.

venue, seeds -> tests.campaigns.chaos (workers killed as processes) -> figures as JSON

The command needs a checkout: the double and the runs belong to the tests, and only this command of
the product imports the tests.
"""

import importlib
import importlib.util
import json
import logging
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from trading.domain.errors import BadInput
from trading.domain.units import VenueName

commands = typer.Typer()

_VENUES = (VenueName.BINANCE, VenueName.BYBIT)
_MUST_BE_ZERO = ("lost_intents", "orphan_stops", "unresolved_after_24h", "ledger_mismatches")
_BARE_P99_SECONDS = 5.0
_BARE_MAX_SECONDS = 20.0


@commands.command()
def chaos(
    venue: Annotated[str, typer.Option("--venue", help="binance or bybit.")] = "binance",
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=0, help="Scenarios (20) or mutants (all) to draw.")
    ] = None,
    *,
    every_boundary: Annotated[
        bool, typer.Option(help="Kill once at every boundary of the order path, too.")
    ] = True,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Change the venue's answers instead of killing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Only the figures, as JSON.")] = False,
) -> None:
    """Kill, pause, double and lie to the order path; compare our books with the venue's."""
    name = VenueName(venue) if venue in _VENUES else None
    if name is None:
        raise BadInput(f"{venue[:20]!r} has no double: choose binance or bybit.")
    if importlib.util.find_spec("tests") is None:
        raise BadInput("`quorum chaos` needs a checkout: the venue's double is not installed.")
    logging.disable(logging.WARNING)
    if mutate:
        _report(_run_mutants(name, limit=seeds or 0), is_good=is_immune, as_json=as_json)
        return
    figures = _run(name, seeds=20 if seeds is None else seeds, is_every_boundary=every_boundary)
    _report(figures, is_good=is_proven, as_json=as_json)


def _report(
    figures: dict[str, Any], *, is_good: Callable[[dict[str, Any]], bool], as_json: bool
) -> None:
    if not as_json:
        for key, value in figures.items():
            print(f"{key.replace('_', ' '):24} {value}")
    print(json.dumps(figures))
    if not is_good(figures):
        raise typer.Exit(1)


def is_immune(figures: dict[str, Any]) -> bool:
    """Whether no mutant survived."""
    return bool(
        figures["survivors"] == 0
        and figures["exits_lost"] == 0
        and figures["entries_per_intent"] <= 1
        and figures["exits_per_intent"] <= 1
        and figures["bare_seconds_max"] <= _BARE_MAX_SECONDS
    )


def is_proven(figures: dict[str, Any]) -> bool:
    """Whether the figures keep the promise."""
    return (
        figures["entries_per_intent_max"] <= 1
        and all(figures[key] == 0 for key in _MUST_BE_ZERO)
        and figures["bare_seconds_p99"] <= _BARE_P99_SECONDS
        and figures["bare_seconds_max"] <= _BARE_MAX_SECONDS
    )


def _run(venue: VenueName, *, seeds: int, is_every_boundary: bool) -> dict[str, Any]:
    # By name: the layers of the product end above the tests.
    campaigns = importlib.import_module("tests.campaigns.chaos.campaign")
    campaign = campaigns.Campaign(
        venue=venue,
        seeds=seeds,
        is_every_boundary=is_every_boundary,
        note=lambda line: print(line, file=sys.stderr),
    )
    with tempfile.TemporaryDirectory(prefix="quorum-chaos-") as folder:
        figures: dict[str, Any] = campaigns.run_campaign(campaign, folder=Path(folder))
    return figures


def _run_mutants(venue: VenueName, *, limit: int) -> dict[str, Any]:
    mutants = importlib.import_module("tests.campaigns.chaos.mutants")
    with tempfile.TemporaryDirectory(prefix="quorum-mutants-") as folder:
        figures: dict[str, Any] = mutants.run_mutants(
            venue,
            mutants.Draw(limit=limit),
            folder=Path(folder),
            note=lambda line: print(line, file=sys.stderr),
        )
    return figures
