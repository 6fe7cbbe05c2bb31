"""From what was counted to the figures that the bench prints.

Outcome (CPU, samples, runs, books) + the doubles' journal -> figures by name
"""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prefect.client.schemas.objects import FlowRun

from tests.campaigns.capacity.meter import Sample
from tests.campaigns.capacity.stage import ORDER_SECONDS
from trading.domain.accounts import PairConfig

HALF_HOUR = 1800.0
CORES = 2

type Figures = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a part of the campaign came to, seconds and bytes in total; `rate` in half an hour."""

    rate: float
    cpu: dict[str, float]
    samples: list[Sample]
    idle: Sample
    runs: list[FlowRun]
    outcomes: Counter[str]
    bytes_app: Counter[str]
    bytes_prefect: int
    workers: int
    seconds: float

    @property
    def cpu_per_run(self) -> float:
        """Seconds of everything, divided by the runs."""
        return sum(self.cpu.values()) / len(self.runs)

    @property
    def capacity(self) -> int:
        """Cycles in half an hour for which two cores have the seconds."""
        return int(CORES * HALF_HOUR / self.cpu_per_run)


def build_figures(
    warm: Outcome,
    *,
    stock: Outcome | None,
    journal: dict[str, Any],
    orders: dict[int, int],
    configs: Sequence[PairConfig],
) -> Figures:
    """Everything by the name that the bench prints."""
    count = len(configs)
    memory = [
        (sample.own_mb["worker"] - warm.idle.own_mb["worker"]) / sample.runs
        for sample in warm.samples
        if sample.runs
    ]
    figures: Figures = {
        "benchmark": "capacity",
        "cycles": count,
        "cpu_seconds_per_cycle": round(warm.cpu_per_run, 3),
        **{f"cpu_{name}": round(seconds / count, 3) for name, seconds in warm.cpu.items()},
        "cycles_per_30min_two_cores": warm.capacity,
        "rate_per_30min": round(warm.rate, 1),
        "share_of_capacity": round(warm.rate / warm.capacity, 3),
        "cores_busy": {n: round(cpu / warm.seconds, 3) for n, cpu in warm.cpu.items()},
        "private_mb_per_run_p95": round(compute_quantile(memory, 0.95), 1),
        "workers": warm.workers,
        "parent_mb": round(warm.idle.own_mb["worker"] / warm.workers, 1),
        "runs_at_once_max": max(sample.runs for sample in warm.samples),
        **_time_runs(warm, journal=journal, orders=orders, configs=configs),
        "db_bytes_per_cycle_app": warm.bytes_app.total() // count,
        "db_bytes_app_largest": {n: b // count for n, b in warm.bytes_app.most_common(5)},
        "db_bytes_per_cycle_prefect": warm.bytes_prefect // count,
        "network_bytes_per_cycle": journal["bytes"] // (count + (len(stock.runs) if stock else 0)),
        "failed": _count_failed(warm, count),
        "outcomes": dict(warm.outcomes),
        "seconds": round(warm.seconds, 1),
    }
    return figures | (_compare(warm, stock) if stock is not None else {})


def _compare(warm: Outcome, stock: Outcome) -> Figures:
    count = len(stock.runs)
    children = [mb for sample in stock.samples for mb in sample.children_mb]
    return {
        "ratio_to_process_worker": round(stock.cpu_per_run / warm.cpu_per_run, 2),
        "process_cycles": count,
        "process_cpu_seconds_per_cycle": round(stock.cpu_per_run, 3),
        **{f"process_cpu_{n}": round(cpu / count, 3) for n, cpu in stock.cpu.items()},
        "process_private_mb_per_run_p95": round(compute_quantile(children, 0.95), 1),
        "process_failed": _count_failed(stock, count),
    }


def _time_runs(
    warm: Outcome,
    *,
    journal: dict[str, Any],
    orders: dict[int, int],
    configs: Sequence[PairConfig],
) -> Figures:
    walls, paths = _measure_walls(warm, journal=journal, orders=orders, configs=configs)
    ratios = [wall / path for wall, path in zip(walls, paths, strict=True) if path > 0]
    over = [wall - path for wall, path in zip(walls, paths, strict=True)]
    delays = [_delay(run) for run in warm.runs]
    return {
        "wall_seconds_p50": round(compute_quantile(walls, 0.5), 2),
        "wall_seconds_p99": round(compute_quantile(walls, 0.99), 2),
        "start_delay_seconds_p50": round(compute_quantile(delays, 0.5), 2),
        "start_delay_seconds_p99": round(compute_quantile(delays, 0.99), 2),
        "critical_path_seconds": round(compute_quantile(paths, 0.5), 2),
        "overhead_seconds_p50": round(compute_quantile(over, 0.5), 3),
        "overhead_seconds_p99": round(compute_quantile(over, 0.99), 3),
        "overhead_ratio": round(compute_quantile(ratios, 0.5), 3),
        "overhead_ratio_p99": round(compute_quantile(ratios, 0.99), 3),
        "overhead_ratio_max": round(max(ratios, default=0.0), 3),
    }


def _count_failed(part: Outcome, count: int) -> int:
    """Cycles that did not come to an end of their own."""
    ended = sum(bool(run.state and run.state.is_completed()) for run in part.runs)
    bad = sum(part.outcomes[name] for name in ("skipped", "failed", "interrupted", "open"))
    return max(count - ended, count - sum(part.outcomes.values()), bad)


def _measure_walls(
    part: Outcome,
    *,
    journal: dict[str, Any],
    orders: dict[int, int],
    configs: Sequence[PairConfig],
) -> tuple[list[float], list[float]]:
    """
    Seconds from due to end, and those of them that the doubles took, run by run.

    A cycle waits for its pair's look and votes whoever asked for them, so its critical path is
    the time within its own that somebody's question about its pair was out, and its orders.
    """
    symbols = {int(c.user_id): f"{c.pair.base}{c.pair.quote}" for c in configs}
    walls, paths = [], []
    for run in part.runs:
        if run.end_time is None:
            continue
        user = int(run.parameters["user_id"])
        begin, end = _due(run), run.end_time.timestamp()
        waits = [
            (max(since, begin), min(until, end))
            for symbol, since, until in (*journal["fetches"], *journal["asks"])
            if symbol == symbols[user] and since < end and until > begin
        ]
        walls.append(end - begin)
        paths.append(min(cover(waits) + orders.get(user, 0) * ORDER_SECONDS, end - begin))
    return walls, paths


def cover(spans: list[tuple[float, float]]) -> float:
    """Seconds that at least one of the spans covers."""
    covered, reached = 0.0, -math.inf
    for since, until in sorted(spans):
        covered += max(until - max(since, reached), 0.0)
        reached = max(reached, until)
    return covered


def _due(run: FlowRun) -> float:
    assert run.expected_start_time is not None
    return run.expected_start_time.timestamp()


def _delay(run: FlowRun) -> float:
    """Seconds from due to Running; infinite when it never ran."""
    return math.inf if run.start_time is None else run.start_time.timestamp() - _due(run)


def compute_quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie; 0 without any."""
    if len(values) < 2:
        return float(values[0]) if values else 0.0
    with suppress(ValueError):
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        return float(cuts[min(max(round(share * 100) - 1, 0), 98)])
    return 0.0
