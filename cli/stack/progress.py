"""Progress of many cycles: a bar on a terminal, a line now and then elsewhere.

CycleRecord ... -> show_progress -> stdout, or stderr when stdout is kept for JSON
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from reports.texts.catalog import render
from trading.cycle import CycleOutcome, CycleRecord

SECONDS_BETWEEN_LINES = 5.0
TELLING = frozenset({CycleOutcome.ENTERED, CycleOutcome.EXITED, CycleOutcome.FAILED})


class CycleProgress:
    """Counts cycles; prints each entry and exit at once."""

    def __init__(self, console: Console, *, total: int, bar: Progress | None) -> None:
        self._console = console
        self._total = total
        self._done = 0
        self._said_at = time.monotonic()
        self._bar = bar
        self._task: TaskID | None = bar.add_task("starting", total=total) if bar else None

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar."""
        self._console.print(sentence, style="bold yellow", soft_wrap=True)

    def advance(self, record: CycleRecord | None) -> None:
        """Advance by a cycle; None for a cycle without a receipt."""
        self._done += 1
        if record is not None and record.outcome in TELLING:
            self._console.print(describe(record), highlight=False, markup=False, soft_wrap=True)
        if self._bar is not None and self._task is not None:
            text = f"{record.key.cycle_time:%d %b %H:%M}" if record else ""
            self._bar.update(self._task, advance=1, description=text)
        elif self._is_time():
            self._console.print(f"{self._done} of {self._total} cycles", highlight=False)

    def _is_time(self) -> bool:
        now = time.monotonic()
        if self._done < self._total and now - self._said_at < SECONDS_BETWEEN_LINES:
            return False
        self._said_at = now
        return True


@contextmanager
def show_progress(total: int, *, to_stderr: bool) -> Iterator[CycleProgress]:
    """Follow `total` cycles."""
    console = Console(file=sys.stderr if to_stderr else sys.stdout)
    if not console.is_terminal:
        yield CycleProgress(console, total=total, bar=None)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield CycleProgress(console, total=total, bar=bar)


def describe(record: CycleRecord) -> str:
    """A line with time, action and reason."""
    return f"{record.key.cycle_time:%Y-%m-%d %H:%M}  {record.key.pair}  {render(record.reason)}"
