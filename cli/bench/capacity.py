"""`quorum bench capacity`: the full cost of a cycle, compared with the stock worker.

options -> tests.campaigns.capacity (PostgreSQL, Prefect server, worker, slow doubles) -> figures
as JSON

The bench needs a checkout: the doubles belong to the tests, and only this command of the product
imports the tests. All files are in a temporary folder, removed after the run.
"""

import asyncio
import importlib
import importlib.util
import logging
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from cli.base.home import Home
from cli.base.prefect_settings import isolate_prefect
from trading.domain.errors import BadInput

PREFIX = "quorum-capacity-"
WORKERS = 2
"""For two cores: one worker is one interpreter, and that fills one."""
STOCK_CYCLES = 12
"""Each takes some 12 CPU-seconds, and one cycle is much like the next."""

MODULES: Mapping[str, str] = {
    "capacity": "tests.campaigns.capacity.campaign",
    "pressure": "tests.campaigns.capacity.pressure",
    "soak": "tests.campaigns.capacity.soak",
}

type Figures = dict[str, Any]


def measure_capacity(
    cycles: int,
    *,
    pace: float | None,
    workers: int = WORKERS,
    stock_cycles: int = 0,
    choices: tuple[str, ...] = (),
) -> Figures:
    """
    The figures of `bench capacity`; standard error shows the progress.

    Args:
        cycles: of distinct users.
        pace: cycles due in 30 minutes; 0 for all at once, None for half of the capacity, which is
            measured first.
        workers: number of our workers.
        stock_cycles: number of cycles through the stock process worker in addition.
        choices: NAME=VALUE of the environment.

    Raises:
        BadInput: outside a checkout, or for a choice other than NAME=VALUE.
    """
    if wrong := [choice for choice in choices if "=" not in choice]:
        raise BadInput(f"{wrong[0][:40]!r} is not NAME=VALUE.")
    with open_bench("capacity") as (campaigns, folder):
        plan = campaigns.Plan(
            cycles=cycles,
            pace=pace,
            workers=workers,
            stock_cycles=min(stock_cycles, cycles),
            choices=dict(choice.split("=", 1) for choice in choices),
        )
        figures: Figures = asyncio.run(campaigns.run_campaign(plan, folder=folder, note=tell))
    return figures


def parse_pace(text: str) -> float | None:
    """Cycles in 30 minutes; None for `half`. Raises BadInput for any other text."""
    if text == "half":
        return None
    try:
        pace = float(text)
    except ValueError:
        pace = -1.0
    if not 0 <= pace < math.inf:
        raise BadInput(f"{text[:20]!r} is no rate: a number from 0 on, or half.")
    return pace


@contextmanager
def open_bench(name: str) -> Iterator[tuple[ModuleType, Path]]:
    """
    The tests' module of the bench, and a temporary folder for the run.

    Raises:
        BadInput: outside a checkout.
    """
    if importlib.util.find_spec("tests") is None:
        raise BadInput(f"`quorum bench {name}` needs the checkout and its development tools.")
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        home = Home(root=Path(folder) / "bench")
        home.prefect.mkdir(parents=True)
        isolate_prefect(home)
        # By name: the layers of the product end above the tests. Late: the module imports Prefect.
        yield importlib.import_module(MODULES[name]), Path(folder)


def tell(line: str) -> None:
    """Progress, printed beside the figures."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
