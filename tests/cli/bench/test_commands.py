"""`quorum bench`: figures for people and for programs."""

import json

import pytest
from typer.testing import CliRunner

from cli.bench.commands import commands


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(commands, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_indicators_are_measured_over_four_intervals_of_300_candles() -> None:
    figures = json.loads(_run("bench", "indicators", "--json", "--rounds", "3").splitlines()[-1])

    assert (figures["intervals"], figures["candles"], figures["rounds"]) == (4, 300, 3)
    assert 0 < figures["median_ms"] <= figures["p95_ms"]


@pytest.mark.parametrize("arguments", [("bench",), ("bench", "indicators", "--rounds", "2")])
def test_people_get_a_sentence(arguments: tuple[str, ...]) -> None:
    assert "4 intervals of 300 candles: median" in _run(*arguments)


def test_no_rounds_measure_nothing() -> None:
    assert CliRunner().invoke(commands, ["bench", "indicators", "--rounds", "0"]).exit_code == 2
