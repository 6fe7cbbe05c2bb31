"""The cost of a cycle over the number of user-pairs, measured and drawn.

sizes -> bench capacity for each -> seconds per cycle by part, ratio -> picture
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cli.bench_capacity import measure_capacity

PARTS = ("server", "worker", "postgres")
LABELS = {"server": "Prefect server", "worker": "worker", "postgres": "PostgreSQL"}
GOAL_SECONDS = 1.8
FURTHER_GOAL_SECONDS = 0.72
INCHES = (8.0, 4.2)
DOTS_PER_INCH = 120


def measure_curve(sizes: Sequence[int], *, per_half_hour: float) -> list[dict[str, Any]]:
    """The figures of `bench capacity` for each size."""
    return [
        measure_capacity(cycles=size, per_half_hour=per_half_hour, stock_cycles=0, choices=())
        for size in sizes
    ]


def draw_curve(curve: Sequence[dict[str, Any]], path: Path) -> None:
    """CPU seconds of a cycle by part, and how long it takes, over the user-pairs."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    sizes = [str(figures["cycles"]) for figures in curve]
    figure, (cost, wall) = pyplot.subplots(1, 2, figsize=INCHES, dpi=DOTS_PER_INCH)
    below = [0.0] * len(sizes)
    for part in PARTS:
        height = [float(figures[f"cpu_{part}"]) for figures in curve]
        cost.bar(sizes, height, bottom=below, label=LABELS[part])
        below = [one + more for one, more in zip(below, height, strict=True)]
    for goal in (GOAL_SECONDS, FURTHER_GOAL_SECONDS):
        cost.axhline(goal, color="black", linestyle=":", linewidth=1)
    cost.set(title="CPU of a cycle", xlabel="user-pairs", ylabel="seconds")
    cost.legend(fontsize="small")
    for name, label in (("wall_seconds_p50", "median"), ("wall_seconds_p99", "99 %")):
        wall.plot(sizes, [figures[name] for figures in curve], marker="o", label=label)
    wall.set(title="From due to end", xlabel="user-pairs", ylabel="seconds", ylim=(0, None))
    wall.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
