"""`quorum bench capacity`: small here; `--cycles 300 --against process` is the proof."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.bench.capacity_curve import draw_curve, measure_curve
from cli.bench.commands import commands

CYCLES = os.environ.get("QUORUM_TEST_CAPACITY_CYCLES", "2")
FIGURES = {
    "cpu_seconds_per_cycle",
    "cycles_per_30min_two_cores",
    "private_mb_per_run_p95",
    "parent_mb",
    "wall_seconds_p50",
    "wall_seconds_p99",
    "critical_path_seconds",
    "overhead_ratio",
    "db_bytes_per_cycle_app",
    "db_bytes_per_cycle_prefect",
    "network_bytes_per_cycle",
    "failed",
}
TIMES = {
    "wall_seconds_p50": 4.0,
    "wall_seconds_p99": 6.0,
    "overhead_ratio": 1.1,
    "overhead_ratio_p99": 1.4,
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_process_is_in_the_accounts_and_no_cycle_fails() -> None:
    command = [sys.executable, "-m", "cli.main", "bench", "capacity", "--rate", "0", "--json"]

    done = subprocess.run(
        [*command, "--cycles", CYCLES, "--workers", "1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.keys() >= FIGURES
    assert figures["workers"] == 1
    assert figures["failed"] == 0, done.stderr[-4000:]
    parts = [figures[f"cpu_{name}"] for name in ("server", "worker", "postgres")]
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(figures["cpu_seconds_per_cycle"], abs=0.01)
    # A look, a vote and three orders: nobody is quicker than what it waits for.
    assert figures["critical_path_seconds"] >= 1.5
    assert figures["overhead_ratio"] >= 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--against", "threads"),
        ("--set", "NAME"),
        ("--cycles", "0"),
        ("--rate", "fast"),
        ("--rate", "-1"),
    ],
)
def test_what_can_t_be_measured_is_refused(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(commands, ["bench", "capacity", *arguments]).exit_code != 0


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    figures = {f"cpu_{part}": 0.4 for part in ("server", "worker", "postgres")}
    curve = [{**figures, **TIMES, "cycles": size} for size in (30, 300, 1000)]
    draw_curve(curve, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_curve_that_was_cut_off_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    parts = {f"cpu_{part}": 0.4 for part in ("server", "worker", "postgres")}
    known = [{**parts, **TIMES, "cycles": size} for size in (30, 300)]
    record = tmp_path / "curve.jsonl"
    record.write_text("".join(f"{json.dumps(figures)}\n" for figures in known))

    curve = measure_curve((30, 300), pace=1500, picture=tmp_path / "curve.png")

    assert curve == known  # neither of them is measured: that would take minutes
