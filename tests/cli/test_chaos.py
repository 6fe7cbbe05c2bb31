"""A short campaign of each venue; `quorum chaos --seeds 200` is the long one."""

import json
import os
import subprocess
import sys

import pytest

SEEDS = os.environ.get("QUORUM_TEST_CHAOS_SEEDS", "20")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("venue", ["binance", "bybit"])
def test_nothing_is_lost_doubled_or_bare_whatever_happens(venue: str) -> None:
    command = [sys.executable, "-m", "cli.main", "chaos", "--venue", venue, "--seeds", SEEDS]
    every = "--every-boundary" if int(SEEDS) >= 200 else "--no-every-boundary"

    done = subprocess.run([*command, every, "--json"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["runs"] == int(SEEDS) + 1 + (figures["boundaries"] if int(SEEDS) >= 200 else 0)
    assert figures["entries_per_intent_max"] == 1
    assert figures["lost_intents"] == 0
    assert figures["ledger_mismatches"] == 0


def test_a_venue_without_a_double_is_refused_with_a_sentence() -> None:
    command = [sys.executable, "-m", "cli.main", "chaos", "--venue", "nowhere"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "choose binance or bybit" in done.stderr
