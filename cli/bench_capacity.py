"""`quorum bench capacity`: what a cycle costs, everything counted, against the stock worker.

options -> tests.capacity (PostgreSQL, Prefect server, worker, slow doubles) -> figures as JSON

It needs a checkout: the doubles belong to the tests, and nothing of the product imports them but
this verb. Everything happens in a folder that goes with the run.
"""

import asyncio
import importlib
import importlib.util
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from cli.home import Home
from cli.orchestration import isolate_prefect
from trading.errors import BadInput

PREFIX = "quorum-capacity-"
STOCK_CYCLES = 12
"""Each takes some 12 CPU-seconds, and one cycle is much like the next."""

type Figures = dict[str, Any]


def measure_capacity(
    *, cycles: int, per_half_hour: float, stock_cycles: int, choices: tuple[str, ...]
) -> Figures:
    """
    The figures of `bench capacity`; what goes on is told on standard error.

    Raises:
        BadInput: outside a checkout, or for a choice that is not NAME=VALUE.
    """
    if importlib.util.find_spec("tests") is None:
        raise BadInput("`quorum bench capacity` needs the checkout and its development tools.")
    if wrong := [choice for choice in choices if "=" not in choice]:
        raise BadInput(f"{wrong[0][:40]!r} is not NAME=VALUE.")
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        home = Home(root=Path(folder) / "bench")
        home.prefect.mkdir(parents=True)
        isolate_prefect(home)
        # By name: the layers of the product end above the tests. Late: it imports Prefect.
        campaigns = importlib.import_module("tests.capacity.campaign")
        plan = campaigns.Plan(
            cycles=cycles,
            per_half_hour=per_half_hour,
            stock_cycles=min(stock_cycles, cycles),
            choices=dict(choice.split("=", 1) for choice in choices),
        )
        figures: Figures = asyncio.run(
            campaigns.run_campaign(plan, folder=Path(folder), note=_note)
        )
    return figures


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
