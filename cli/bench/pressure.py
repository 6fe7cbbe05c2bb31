"""`quorum bench pressure` and `soak`: the stack under a burst, and the stack over time.

options -> tests.campaigns.capacity (PostgreSQL, Prefect server, workers, slow doubles) -> figures
as JSON
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.bench.capacity import open_bench, tell
from cli.bench.capacity_curve import DOTS_PER_INCH, INCHES, LABELS
from trading.domain.errors import BadInput

SCENARIOS = ("burst", "server", "database", "kill", "workers", "slot")
HALF_HOUR_MINUTES = 30.0
TITLES = ("Private memory, MB", "Open files")

type Figures = dict[str, Any]


def measure_pressure(scenarios: Sequence[str], *, cycles: int) -> Figures:
    """
    The figures of `bench pressure` by scenario; standard error shows the progress.

    Raises:
        BadInput: outside a checkout, or for an unknown scenario.
    """
    if wrong := [name for name in scenarios if name not in SCENARIOS]:
        raise BadInput(f"{wrong[0][:20]!r} is no scenario: {', '.join(SCENARIOS)}.")
    names = list(scenarios or SCENARIOS)
    with open_bench("pressure") as (pressure, folder):
        found = asyncio.run(pressure.run_pressure(names, cycles=cycles, folder=folder, note=tell))
    return {"benchmark": "pressure", "cycles": cycles, "scenarios": found}


def measure_soak(
    *, minutes: float, per_half_hour: float, in_minutes: float | None, picture: Path
) -> Figures:
    """
    The figures of `bench soak`; standard error shows the progress.

    Args:
        minutes: of a service with `per_half_hour` cycles in 30 minutes.
        per_half_hour: see `minutes`.
        in_minutes: the same number of cycles in this time; None for the whole.
        picture: path of the picture to draw.

    Raises:
        BadInput: outside a checkout.
    """
    cycles = max(round(per_half_hour * minutes / HALF_HOUR_MINUTES), 1)
    taken = in_minutes or minutes
    with open_bench("soak") as (soak, folder):
        found: Figures = asyncio.run(
            soak.run_soak(cycles=cycles, seconds=taken * 60, folder=folder, note=tell)
        )
    draw_soak(found.pop("series"), picture)
    return {"benchmark": "soak", "minutes": minutes, "in_minutes": taken, **found}


def draw_soak(series: Mapping[str, Sequence[float]], path: Path) -> None:
    """Private memory and open files of each process over the cycles."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 2, figsize=INCHES, dpi=DOTS_PER_INCH)
    for panel, unit, title in zip(panels, ("mb", "files"), TITLES, strict=True):
        for name in LABELS:
            panel.plot(series["cycles"], series[f"{name}_{unit}"], label=LABELS[name])
        panel.set(title=title, xlabel="cycles", ylim=(0, None))
        panel.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
