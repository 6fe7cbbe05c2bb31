"""`quorum mood`: a line of text in, a score with the phrases out."""

# ruff: noqa: RUF001  (Russian)

import io
import json
import sys

import pytest

from cli.main import main

LINES = "SEC drops charges against Ripple\n\nБиткоин рухнул\nBytes \udcff\n"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    raw = LINES.encode("utf-8", errors="surrogateescape")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
    return main(["mood", *arguments])


def test_a_line_is_answered_with_a_json_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--json") == 0
    good, empty, bad, odd = map(json.loads, capsys.readouterr().out.splitlines())
    assert good["text"] == "SEC drops charges against Ripple"
    assert good["score"] > 0 > bad["score"]
    assert good["phrases"] == [{"phrase": "drops charges", "weight": 2.0}]
    assert (empty["score"], empty["phrases"]) == (0, [])
    assert odd["text"] == "Bytes \ufffd"


def test_people_see_the_score_and_the_phrases(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch) == 0
    shown = capsys.readouterr().out
    assert "+0.63   SEC drops charges against Ripple\n        drops charges +2.00\n" in shown
    assert "silent  \n" in shown
