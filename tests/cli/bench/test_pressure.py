"""`quorum bench pressure` and `soak`: how they judge; the runs themselves take many minutes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import State
from prefect.states import Crashed, Running
from typer.testing import CliRunner

from cli.bench.commands import commands
from cli.bench.pressure import SCENARIOS, draw_soak
from tests.campaigns.capacity import pressure
from tests.campaigns.capacity.books import STUCK_SECONDS, Seen, is_settled, judge, read_seen
from tests.prefect_server import PrefectServer

CYCLES = int(os.environ.get("QUORUM_TEST_PRESSURE", "0"))


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
    books = {"entered": 1, "skipped": 2, "open": 1, "entries_twice": 1, "unprotected_positions": 0}

    found = judge(seen, asked=5, books=books)

    assert (found["completed"], found["skipped"], found["without_receipt"]) == (1, 2, 1)
    assert (found["executed_twice"], found["begun_twice"]) == (1, 1)
    assert (found["crashed"], found["not_ended"]) == (1, 1)
    assert found["prefect"] == {"Completed": 2, "Cancelled": 1, "Crashed": 1, "Running": 1}


@pytest.mark.parametrize(
    ("books", "settled"),
    [
        ({"entered": 2, "unprotected_positions": 0}, True),
        ({"open": 1, "unprotected_positions": 0}, False),
        ({"entered": 2, "unprotected_positions": 1}, False),
    ],
)
def test_the_books_are_settled_with_the_last_receipt_and_the_last_stop(
    books: dict[str, int], settled: bool
) -> None:
    assert is_settled(books) == settled


async def test_prefect_s_tables_are_read_beside_its_server(
    prefect_server: PrefectServer, prefect_client: PrefectClient
) -> None:
    run = await prefect_client.create_flow_run(look_at_nothing, state=Running())
    await prefect_client.create_flow_run(look_at_nothing)
    ended: State[None] = Crashed(message="Gone.")
    await prefect_client.set_flow_run_state(run.id, ended)

    with psycopg.connect(prefect_server.books) as books:
        seen = read_seen(books, [run.id, UUID(int=0)])

    assert seen.keys() == {run.id}
    assert (seen[run.id].name, seen[run.id].message) == ("Crashed", "Gone.")
    assert (seen[run.id].is_final, seen[run.id].times_begun) == (True, 1)
    assert seen[run.id].since == pytest.approx(ended.timestamp.timestamp(), abs=1)


@flow(name="look-at-nothing")
def look_at_nothing() -> None:
    """A name for a run that nobody executes."""


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
    for name in (
        "executed_twice",
        "running_over_5_min",
        "not_ended",
        "open",
        "unprotected_positions",
    ):
        assert found[name] == 0, found
    assert found["without_receipt"] == 0, found
