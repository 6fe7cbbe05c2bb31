"""The edge of the command line: exit codes, one sentence for each failure, a quick `--help`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from cli import main as command_line
from cli.main import app, main
from trading.domain.errors import BadInput, PermanentError

HEAVY = ("prefect", "ccxt", "sqlalchemy", "great_expectations", "matplotlib", "openai", "aiogram")


class Unforeseen(Exception):
    """What nobody thought of."""


FAILURES: dict[str, Exception] = {
    "bad": BadInput("-5 USDT can't be traded."),
    "permanent": PermanentError("The data folder is of another version."),
    "unforeseen": Unforeseen("user's secret: hunter2"),
    "exit": typer.Exit(3),
    "abort": typer.Abort(),
}


@pytest.fixture
def failing_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The verb `fail WAY` on the real app; the home whose log it may write."""
    monkeypatch.setenv("QUORUM_HOME", str(tmp_path))
    verb = typer.Typer()

    @verb.command("fail")
    def fail(way: str) -> None:
        raise FAILURES[way]

    app.add_typer(verb)
    yield tmp_path
    app.registered_groups.pop()


@pytest.mark.parametrize(
    ("way", "code", "sentence"),
    [
        ("bad", 2, "-5 USDT can't be traded.\n"),
        ("permanent", 1, "The data folder is of another version.\n"),
        ("exit", 3, ""),
        ("abort", 130, "Stopped.\n"),
    ],
)
def test_failure_is_one_sentence_and_an_exit_code(
    failing_verb: Path, capsys: pytest.CaptureFixture[str], way: str, code: int, sentence: str
) -> None:
    assert main(["fail", way]) == code

    captured = capsys.readouterr()
    assert captured.err == sentence
    assert captured.out == ""


def test_unforeseen_failure_names_an_id_and_keeps_the_traceback_in_the_log(
    failing_verb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fail", "unforeseen"]) == 1

    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1
    assert "Unforeseen" in sentence
    assert "hunter2" not in sentence
    short_id = sentence.split("(")[1].split(",")[0]
    (line,) = (failing_verb / "logs" / "cli.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert short_id in kept["event"]
    assert "Traceback" in kept["exception"]


def test_unknown_verb_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2

    assert capsys.readouterr().err == "No such command 'fly'.\n"


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0

    assert capsys.readouterr().out.startswith("quorum 0.")


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; from cli.main import main; main(['--help']); "
        f"print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == ""
    assert "up" in done.stdout


def test_every_verb_explains_itself() -> None:
    silent = [
        command.name
        for group in command_line.MODULES
        for command in group.registered_commands
        if not (command.callback and command.callback.__doc__)
    ]

    assert silent == []
