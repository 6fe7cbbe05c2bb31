"""The limits checker finds each kind of breach, and leaves alone what is allowed."""

from pathlib import Path

import pytest

from tests.house.limits import check_source, check_tree


def sentences(source: str, *, path: str = "tasks/market/collect.py") -> list[str]:
    return [breach.sentence for breach in check_source(source, path=path)]


def function_of(length: int, *, decorator: str = "") -> str:
    """A function `lines` long, docstring and all, its decorator not counted."""
    body = "    pass\n" * (length - 2)
    return f'{decorator}def place() -> None:\n    """Place."""\n{body}'


def test_a_file_may_have_300_lines_and_a_test_450() -> None:
    assert sentences("x = 1\n" * 300) == []
    assert sentences("x = 1\n" * 301) == ["the file has 301 lines, at most 300 are allowed"]
    assert sentences("x = 1\n" * 450, path="tests/tasks/test_market.py") == []
    assert sentences("x = 1\n" * 451, path="tests/tasks/test_market.py") == [
        "the file has 451 lines, at most 450 are allowed"
    ]


def test_a_function_may_have_60_lines() -> None:
    assert sentences(function_of(60)) == []
    assert sentences(function_of(61)) == ["place has 61 lines, at most 60 are allowed"]


@pytest.mark.parametrize("decorator", ["@flow\n", "@flow(name='x')\n", "@prefect.flow\n"])
def test_a_flow_body_may_have_40_lines_without_its_docstring(decorator: str) -> None:
    assert sentences(function_of(42, decorator=decorator)) == []
    assert sentences(function_of(43, decorator=decorator)) == [
        "the flow place has 41 lines, at most 40 fit"
    ]


def test_methods_are_measured_too_and_self_is_no_parameter() -> None:
    method = "class Book:\n    def place(self, a, *, b, c, d, e{more}): ...\n"
    assert sentences(method.format(more="")) == []
    assert sentences(method.format(more=", f")) == [
        "place takes 6 parameters, at most 5 are allowed"
    ]


def test_a_third_parameter_by_position_has_to_be_named() -> None:
    assert sentences("def place(order, fill): ...") == []
    [sentence] = sentences("def place(order, fill, as_of): ...")
    assert sentence.startswith("place takes 3 parameters by position:")
    assert sentences("def _place(order, fill, as_of): ...") == []
    assert sentences("def candle(open, high, low, close): ...", path="tests/candles.py") == []


@pytest.mark.parametrize(
    "source",
    [
        "@override\ndef run(a, b, c, d, e, f): ...",
        "@app.command()\ndef demo(a, b, c, d, e, f): ...",
        "def on_failure(flow, flow_run, state):  # signature: Prefect's hook\n    ...",
    ],
)
def test_a_signature_that_is_not_ours_is_left_alone(source: str) -> None:
    assert sentences(source) == []


def test_a_bare_except_is_allowed_nowhere() -> None:
    source = "try:\n    x = 1\nexcept:\n    x = 2\n"
    for path in ("tasks/market/collect.py", "cli/main.py", "tests/tasks/test_market.py"):
        assert sentences(source, path=path) == [
            "a bare except catches even the interpreter's exit"
        ]


@pytest.mark.parametrize("caught", ["Exception", "BaseException", "(ValueError, Exception)"])
def test_a_broad_except_may_end_a_failure_at_the_edges_only(caught: str) -> None:
    source = f"try:\n    x = 1\nexcept {caught}:\n    x = 2\n"
    assert sentences(source) == ["a broad except that does not raise is allowed at the edges only"]
    assert sentences(source, path="cli/main.py") == []


def test_a_broad_except_that_raises_something_cleaner_swallows_nothing() -> None:
    assert sentences("try:\n    x = 1\nexcept Exception:\n    raise Scrubbed from None\n") == []


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import random", "trading is pure: it imports no 'random'"),
        ("from os import environ", "trading is pure: it imports no 'os'"),
        ("import urllib.request", "trading is pure: it imports no 'urllib'"),
        ("x = datetime.now(UTC)", "trading is pure: it calls no 'now'"),
        ("x = date.today()", "trading is pure: it calls no 'today'"),
        ("print(1)", "trading is pure: it calls no 'print'"),
    ],
)
def test_trading_reads_no_clock_and_touches_nothing(source: str, sentence: str) -> None:
    assert sentences(source, path="trading/risk/engine.py") == [sentence]
    assert sentences(source, path="tasks/risk/check.py") == []


def test_a_name_has_to_say_what_is_in_the_file() -> None:
    assert sentences("", path="tasks/utils.py") == [
        "'utils' names nothing: name the file for what is in it"
    ]
    assert sentences("", path="db/core/rows.py") == [
        "'core' names nothing: name the file for what is in it"
    ]


def test_an_init_file_holds_the_docstring_and_nothing_else() -> None:
    docstring = '"""Persistence in a PostgreSQL database."""\n'
    assert sentences(docstring, path="db/__init__.py") == []
    assert sentences(f"{docstring}import os\n", path="db/__init__.py") == [
        "an __init__.py holds only the room's docstring"
    ]


@pytest.mark.parametrize("docstring", ["", '"""A room."""\n', '"""A room of this house"""\n'])
def test_an_init_file_says_in_a_sentence_what_belongs_there(docstring: str) -> None:
    assert sentences(docstring, path="db/__init__.py") == [
        "the docstring of an __init__.py says in a sentence what belongs there"
    ]


def test_a_folder_may_have_20_python_files(tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Steps of a trading cycle."""\n')
    for number in range(19):
        (folder / f"step_{number}.py").touch()
    assert check_tree(tmp_path) == []
    (folder / "step_19.py").touch()
    assert [str(breach) for breach in check_tree(tmp_path)] == [
        "tasks:1: the folder has 21 Python files, at most 20 are allowed"
    ]


def test_a_folder_needs_an_init_file(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "step.py").touch()
    assert [str(breach) for breach in check_tree(tmp_path)] == [
        "tasks:1: an __init__.py has to say what belongs here"
    ]


def test_a_tree_is_checked_file_by_file_with_path_and_line(tmp_path: Path) -> None:
    (tmp_path / "trading").mkdir()
    (tmp_path / "trading" / "__init__.py").write_text('"""Domain values and rules."""\n')
    (tmp_path / "trading" / "risk.py").write_text("import math\nimport time\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "conf.py").write_text("import time\n" * 500)
    assert [str(breach) for breach in check_tree(tmp_path)] == [
        "trading/risk.py:2: trading is pure: it imports no 'time'"
    ]
