"""`quorum bench pressure` and `soak`: how they judge; the runs themselves take many minutes."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from uuid import UUID
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from cli.bench import commands
from cli.bench_pressure import SCENARIOS
from cli.bench_pressure import draw_soak
from tests.capacity import pressure
from tests.capacity.books import STUCK_SECONDS
from tests.capacity.books import Seen
from tests.capacity.books import is_settled
from tests.capacity.books import judge
from tests.capacity.books import read_seen

CYCLES = int(os.environ.get("QUORUM_TEST_PRESSURE", "0"))
TABLES = """
CREATE TABLE flow_run (id TEXT, state_id TEXT, state_type TEXT, state_name TEXT,
    state_timestamp TEXT, run_count INTEGER, start_time TEXT, end_time TEXT);
CREATE TABLE flow_run_state (id TEXT, message TEXT);
"""


def make_seen(kind: str, *, since: float = 0.0, times_begun: int = 1) -> Seen:
    return Seen(
        kind=kind,
        name=kind.title(),
        since=since,
        times_begun=times_begun,
        ended=None,
        message="",
    )


def test_every_scenario_can_be_asked_for() -> None:
    assert set(SCENARIOS) == set(pressure.SCENARIOS)
    wrong = ["bench", "pressure", "--scenario", "earthquake"]
    assert CliRunner().invoke(commands, wrong).exit_code != 0


def test_a_run_is_stuck_once_it_has_been_running_for_five_minutes() -> None:
    now = 1_000_000.0
    assert make_seen("RUNNING", since=now - STUCK_SECONDS - 1).is_stuck(now=now)
    assert not make_seen("RUNNING", since=now - STUCK_SECONDS + 1).is_stuck(now=now)
    assert not make_seen("COMPLETED", since=0).is_stuck(now=now)


def test_both_books_are_judged() -> None:
    runs = [make_seen(kind) for kind in ("COMPLETED", "COMPLETED", "CANCELLED", "CRASHED")]
    seen = {uuid4(): run for run in [*runs, make_seen("RUNNING", times_begun=2)]}
    books = {"entered": 1, "skipped": 2, "open": 1, "entries_twice": 1, "bare_positions": 0}

    found = judge(seen, asked=5, books=books)

    assert (found["completed"], found["skipped"], found["without_receipt"]) == (1, 2, 1)
    assert (found["executed_twice"], found["begun_twice"]) == (1, 1)
    assert (found["crashed"], found["not_ended"]) == (1, 1)
    assert found["prefect"] == {"Completed": 2, "Cancelled": 1, "Crashed": 1, "Running": 1}


@pytest.mark.parametrize(
    ("books", "settled"),
    [
        ({"entered": 2, "bare_positions": 0}, True),
        ({"open": 1, "bare_positions": 0}, False),
        ({"entered": 2, "bare_positions": 1}, False),
    ],
)
def test_the_books_are_settled_with_the_last_receipt_and_the_last_stop(
    books: dict[str, int], settled: bool
) -> None:
    assert is_settled(books) == settled


def test_prefect_s_file_is_read_beside_its_server(tmp_path: Path) -> None:
    path, run_id, state_id = tmp_path / "prefect.db", uuid4(), str(uuid4())
    row = (str(run_id), state_id, "CRASHED", "Crashed", "2026-01-01 00:00:10.5", 1, None, None)
    with sqlite3.connect(path) as connection:
        connection.executescript(TABLES)
        connection.execute("INSERT INTO flow_run VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT INTO flow_run_state VALUES (?, ?)", (state_id, "Gone."))
    connection.close()

    seen = read_seen(path, [run_id, UUID(int=0)])

    assert seen.keys() == {run_id}
    assert (seen[run_id].message, seen[run_id].is_final) == ("Gone.", True)
    assert seen[run_id].since == 1_767_225_610.5


def test_the_soak_is_drawn(tmp_path: Path) -> None:
    values = [1.0, 2.0, 3.0]
    names = [f"{name}_{unit}" for name in ("server", "worker", "postgres") for unit in UNITS]
    draw_soak({"cycles": values, **dict.fromkeys(names, values)}, tmp_path / "soak.png")
    assert (tmp_path / "soak.png").read_bytes().startswith(b"\x89PNG")


UNITS = ("mb", "files")


@pytest.mark.skipif(not CYCLES, reason="takes minutes: QUORUM_TEST_PRESSURE=20 runs it")
@pytest.mark.timeout(5400)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_runs_twice_is_stuck_or_goes_without_a_receipt(scenario: str) -> None:
    command = [sys.executable, "-m", "cli.main", "bench", "pressure", "--json"]

    done = subprocess.run(
        [*command, "--cycles", str(CYCLES), "--scenario", scenario],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout.splitlines()[-1])["scenarios"][scenario]
    for name in ("executed_twice", "running_over_5_min", "not_ended", "open", "bare_positions"):
        assert found[name] == 0, found
    assert found["without_receipt"] == 0, found
