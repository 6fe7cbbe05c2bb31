"""The cost of a cycle over the number of user-pairs, measured and drawn.

sizes -> bench capacity for each -> seconds per cycle by part, ratio -> record -> picture

All sizes have the same pace: half of the capacity, measured at the first size. After each size the
record gets a line and the picture is drawn; a restart after an interrupt measures only the missing
sizes.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cli.bench.capacity import measure_capacity

PARTS = ("server", "worker", "postgres")
LABELS = {"server": "Prefect server", "worker": "worker", "postgres": "PostgreSQL"}
GOAL_SECONDS = 1.8
FURTHER_GOAL_SECONDS = 0.72
RATIO_GOAL = 1.25
INCHES = (10.0, 3.8)
DOTS_PER_INCH = 120


def measure_curve(
    sizes: Sequence[int], *, pace: float | None, picture: Path
) -> list[dict[str, Any]]:
    """
    The figures of `bench capacity` for each size; `picture` is drawn after each.

    Args:
        sizes: user-pairs, each with a single cycle.
        pace: cycles due in 30 minutes; None for half of the capacity.
        picture: path of the picture; the record, `.jsonl`, is beside the picture.
    """
    record = picture.with_suffix(".jsonl")
    curve = _read(record)
    for size in sizes:
        if any(figures["cycles"] == size for figures in curve):
            continue
        rate = curve[0]["rate_per_30min"] if curve and pace is None else pace
        new = measure_capacity(size, pace=rate)
        curve = sorted([*curve, new], key=lambda figures: int(figures["cycles"]))
        record.write_text("".join(f"{json.dumps(figures)}\n" for figures in curve))
        draw_curve(curve, picture)
    return curve


def _read(record: Path) -> list[dict[str, Any]]:
    if not record.exists():
        return []
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def draw_curve(curve: Sequence[dict[str, Any]], path: Path) -> None:
    """CPU seconds of a cycle by part, and the duration, over the user-pairs."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    sizes = [str(figures["cycles"]) for figures in curve]
    figure, (cost, wall, overhead) = pyplot.subplots(1, 3, figsize=INCHES, dpi=DOTS_PER_INCH)
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
    for name, label in (("overhead_ratio", "median"), ("overhead_ratio_p99", "99 %")):
        overhead.plot(sizes, [figures[name] for figures in curve], marker="o", label=label)
    overhead.axhline(RATIO_GOAL, color="black", linestyle=":", linewidth=1)
    overhead.set(
        title="Over what it waits for", xlabel="user-pairs", ylabel="ratio", ylim=(0, None)
    )
    overhead.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
