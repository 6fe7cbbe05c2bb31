"""What `quorum up` shows: lines for a pipe, a table for a terminal."""

from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from cli.stack.view import CycleLine, View
from trading.cycle import CycleOutcome
from trading.domain.errors import PermanentError
from trading.domain.units import Pair, UserId

LINE = CycleLine(
    cycle_time=datetime(2026, 1, 2, 3, 30, tzinfo=UTC),
    user_id=UserId(1),
    pair=Pair("BTC", "USDT"),
    outcome=CycleOutcome.HELD,
    reason="3 of 3 answers say hold (2 needed).",
    equity=Decimal("10012.5"),
)


def make_view(*, is_terminal: bool) -> tuple[View, StringIO]:
    output = StringIO()
    console = Console(file=output, force_terminal=is_terminal, color_system=None, width=120)
    return View(console), output


def test_step_says_its_time_and_its_note() -> None:
    view, output = make_view(is_terminal=False)

    with view.step("PostgreSQL [embedded]") as step:
        step.note = "ran already"

    assert output.getvalue() == "ok   0.0 s  PostgreSQL [embedded]  ran already\n"


def test_step_that_fails_says_nothing() -> None:
    view, output = make_view(is_terminal=False)

    with pytest.raises(PermanentError), view.step("PostgreSQL"):
        raise PermanentError("It is gone.")

    assert output.getvalue() == ""


def test_pipe_gets_one_line_for_each_new_cycle() -> None:
    view, output = make_view(is_terminal=False)

    with view.following():
        view.show_cycles([LINE], newest=[LINE])
        view.show_cycles([], newest=[LINE])

    assert output.getvalue() == (
        "2026-01-02 03:30 UTC  user 1  BTC/USDT  held, equity 10,012.50 USDT: "
        "3 of 3 answers say hold (2 needed).\n"
    )


def test_terminal_gets_a_table_of_the_newest() -> None:
    view, output = make_view(is_terminal=True)
    view.footer = "Ctrl-C stops"

    with view.following():
        view.show_cycles([LINE], newest=[LINE])

    shown = output.getvalue()
    assert "outcome" in shown
    assert "10,012.50" in shown
    assert "3 of 3 answers say hold (2 needed)." in shown
    assert "Ctrl-C stops" in shown
