"""`quorum mood`: the mood of texts, one a line, and the phrases behind each score."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

import typer

from cli.base.output import JsonOption

if TYPE_CHECKING:
    from trading.news.lexicon import Reading

commands = typer.Typer()


@commands.command()
def mood(as_json: JsonOption = False) -> None:
    """Score texts from standard input, one a line: -1 (bad) to +1 (good), 0 without a mood."""
    from trading.news.lexicon import read_mood

    for text in _read_lines(sys.stdin):
        reading = read_mood(text)
        print(_render_json(text, reading) if as_json else _render(text, reading))


def _read_lines(source: TextIO) -> Iterator[str]:
    """Lines as UTF-8; bytes of another encoding are replaced, and empty lines stay lines."""
    lines = getattr(source, "buffer", None)
    if lines is None:
        yield from (line.rstrip("\r\n") for line in source)
        return
    for line in lines:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def _render(text: str, reading: "Reading") -> str:
    phrases = ", ".join(f"{phrase} {weight:+.2f}" for phrase, weight in reading.phrases)
    shown = f"{reading.score:+.2f}" if reading.score else "silent"
    return f"{shown:<7} {text}" + (f"\n        {phrases}" if phrases else "")


def _render_json(text: str, reading: "Reading") -> str:
    import json

    phrases = [{"phrase": phrase, "weight": float(w)} for phrase, w in reading.phrases]
    answer = {"text": text, "score": float(reading.score), "phrases": phrases}
    return json.dumps(answer, ensure_ascii=False)
