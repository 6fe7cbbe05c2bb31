"""Terminal view of `quorum up`: startup steps with durations, then the newest cycles.

steps, sentences, status -> a terminal (spinner, live table) or plain lines (pipe, log, CI)
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trading.cycle import CycleOutcome
from trading.domain.units import Pair, UserId

OUTCOME_STYLES = {
    CycleOutcome.ENTERED: "green",
    CycleOutcome.EXITED: "cyan",
    CycleOutcome.HELD: "white",
    CycleOutcome.DENIED: "yellow",
    CycleOutcome.SKIPPED: "bright_black",
    CycleOutcome.FAILED: "red",
    CycleOutcome.INTERRUPTED: "red",
}
LONGEST_REASON = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleLine:
    """A closed cycle as displayed; `equity` in quote units, None when unknown."""

    cycle_time: datetime
    user_id: UserId
    pair: Pair
    outcome: CycleOutcome
    reason: str
    equity: Decimal | None

    def __str__(self) -> str:
        equity = f", equity {self.equity:,.2f} {self.pair.quote}" if self.equity else ""
        return (
            f"{self.cycle_time:%Y-%m-%d %H:%M} UTC  user {self.user_id}  {self.pair}  "
            f"{self.outcome}{equity}: {self.reason}"
        )


@dataclass(slots=True, kw_only=True)
class Step:
    """A startup step; `note` is printed at the end of the step."""

    name: str
    note: str = ""


@dataclass(slots=True)
class View:
    """Writes to `console`; plain lines without a terminal. `footer` ends the table."""

    console: Console
    footer: str = ""
    _live: Live | None = field(default=None, init=False)

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show the running step `name`, then the duration. A failed step prints nothing."""
        step = Step(name=name)
        begin = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(escape(name)):
                yield step
        else:
            yield step
        seconds = time.monotonic() - begin
        note = f"  [bright_black]{escape(step.note)}[/]" if step.note else ""
        self._print(f"[green]ok[/] {seconds:5.1f} s  {escape(name)}{note}")

    def say(self, sentence: str, *, style: str = "") -> None:
        """Print a sentence."""
        self._print(Text(sentence, style=style))

    @contextmanager
    def following(self) -> Iterator[None]:
        """Keep a table below the lines up to date, where there is a terminal."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, auto_refresh=False) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def show_cycles(self, new: Sequence[CycleLine], *, newest: Sequence[CycleLine]) -> None:
        """Show cycles closed since the last call, as lines or in the table of the newest."""
        if self._live is None:
            for line in new:
                self.say(str(line))
        elif new:
            footer = Text(self.footer, style="bright_black")
            self._live.update(Group(_build_table(newest), footer), refresh=True)

    def _print(self, text: str | Text) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)


def _build_table(lines: Sequence[CycleLine]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bright_black")
    for heading in ("cycle (UTC)", "user", "pair", "outcome"):
        table.add_column(heading, no_wrap=True)
    table.add_column("equity", justify="right", no_wrap=True)
    table.add_column("why", ratio=1)
    for line in lines:
        table.add_row(
            f"{line.cycle_time:%m-%d %H:%M}",
            str(line.user_id),
            str(line.pair),
            Text(line.outcome, style=OUTCOME_STYLES[line.outcome]),
            f"{line.equity:,.2f}" if line.equity is not None else "",
            Text(line.reason[:LONGEST_REASON]),
        )
    return table
