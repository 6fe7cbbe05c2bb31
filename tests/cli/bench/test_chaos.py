"""A short campaign of each venue; `quorum chaos --seeds 200` is the long one."""

import json
import os
import subprocess
import sys

import pytest

MUTANTS = os.environ.get("QUORUM_TEST_MUTANTS", "40")
SEEDS = os.environ.get("QUORUM_TEST_CHAOS_SEEDS", "20")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("venue", ["binance", "bybit"])
def test_nothing_is_lost_doubled_or_bare_whatever_happens(venue: str) -> None:
    command = [sys.executable, "-m", "cli.main", "chaos", "--venue", venue, "--seeds", SEEDS]
    every = "--every-boundary" if int(SEEDS) >= 200 else "--no-every-boundary"

    done = subprocess.run([*command, every, "--json"], capture_output=True, text=True, check=False)

    assert done.stdout, done.stderr[-4000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["runs"] == int(SEEDS) + 1 + (figures["boundaries"] if int(SEEDS) >= 200 else 0)
    assert figures["entries_per_intent_max"] == 1
    for name in ("lost_intents", "orphan_stops", "unresolved_after_24h", "ledger_mismatches"):
        assert figures[name] == 0, done.stderr[-4000:]
    # Of the venue's time: a busy machine makes the run longer, not these.
    assert figures["bare_seconds_p99"] <= 5
    assert figures["bare_seconds_max"] <= 20


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("venue", ["binance", "bybit"])
def test_no_mutated_answer_leaves_a_position_bare_or_open(venue: str) -> None:
    command = [sys.executable, "-m", "cli.main", "chaos", "--venue", venue, "--mutate"]

    done = subprocess.run(
        [*command, "--seeds", MUTANTS, "--json"], capture_output=True, text=True, check=False
    )

    assert done.stdout, done.stderr[-4000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["mutants"] == int(MUTANTS)
    assert figures["survivors"] == figures["exits_lost"] == 0, done.stderr[-4000:]
    assert figures["entries_per_intent"] == figures["exits_per_intent"] == 1
    assert figures["bare_seconds_max"] <= 20


def test_a_venue_without_a_double_is_refused_with_a_sentence() -> None:
    command = [sys.executable, "-m", "cli.main", "chaos", "--venue", "nowhere"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "choose binance or bybit" in done.stderr
