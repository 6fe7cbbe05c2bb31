"""Upgrades a home of the version before with the present code, and compares what both hold.

    python -m tests.campaigns.upgrade HOME.tar [--backup HOME.dump]

HOME.tar -> books before -> migrated: rows equal -> `quorum up`: deployments and blocks equal,
verbs answer, a cycle runs -> stopped: every cycle, order and fill of before is still there
HOME.dump -> `quorum restore` into a new home -> rows equal

Each line starts with `ok` or `LOST`; the exit status is 1 when anything is lost. The home must be
older than the present half hour: no cycle runs twice in one.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cli.base.database import open_database_access
from cli.base.home import Home
from db.engine.settings import DatabaseSettings
from tests.campaigns.upgrade.books import Books, read_books
from tests.campaigns.upgrade.compare import compare_prefect, compare_rows
from tests.cli.stack.stack_process import StackProcess

COUNTED = ("users", "user_configs", "order_intents", "orders", "trades", "positions", "cycles")
"""Tables whose numbers of rows are printed."""
LASTING = ("users", "order_intents", "trades", "cycles", "audit_log", "ai_decisions")
"""Tables from which a later cycle removes nothing."""
CHANGED_BY_A_CYCLE = frozenset(
    {"status", "finished_at", "updated_at", "reason", "lease_until", "fence", "worker"}
)
"""Columns of these tables: a stop of before is canceled when its position is closed."""
CHANGED_SINCE_THE_BACKUP = ("updated_at",)
RESTORE_WRITES = ("audit_log", "trading_states", "alerts")
"""Tables that `quorum restore` adds a row to: the halt."""
VERBS = (("status",), ("positions",), ("trades",), ("why", "BTC/USDT"), ("pairs",), ("stats",))
PORT = 4387


class Report:
    """Prints a line a check and remembers whether something was lost."""

    def __init__(self) -> None:
        self.has_loss = False

    def check(self, title: str, losses: Iterable[str] = ()) -> None:
        """`title` holds unless there are `losses`, each a sentence."""
        found = list(losses)
        self.has_loss = self.has_loss or bool(found)
        print(
            "LOST" if found else "ok  ", title, *(f"\n       {loss}" for loss in found), flush=True
        )


def check_upgrade(archive: Path, *, report: Report) -> Books:
    """Unpack the home, migrate it, run it; the books of before."""
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        subprocess.run(["tar", "-C", folder, "-xf", archive], check=True)
        home = Path(folder) / archive.stem
        before = read_books(home)
        counts = [f"{len(before.rows.get(name, []))} {name}" for name in COUNTED]
        print("    ", *counts, f"{len(before.deployments)} deployments", sep="  ")
        asyncio.run(_migrate(home))
        report.check("rows after the migrations", compare_rows(before, read_books(home)))
        _run_stack(home, report=report)
        after = read_books(home)
        more = len(after.rows["cycles"]) - len(before.rows["cycles"])
        report.check(f"{more} more cycles", [] if more else ["none has run: the home is too new"])
        report.check(
            "rows after a cycle",
            compare_rows(before, after, tables=LASTING, changing=CHANGED_BY_A_CYCLE),
        )
        report.check("deployments and blocks", compare_prefect(before, after))
    return before


def check_restore(backup: Path, *, before: Books, report: Report) -> None:
    """A backup of the version before, restored into a new home."""
    with tempfile.TemporaryDirectory(dir=backup.parent) as folder:
        home = Path(folder) / "restored"
        print("    ", _run(home, "restore", str(backup), "--yes").strip())
        tables = [name for name in before.rows if name not in RESTORE_WRITES]
        restored = read_books(home, has_prefect=False)
        report.check(
            "rows of a restored backup",
            compare_rows(before, restored, tables=tables, changing=CHANGED_SINCE_THE_BACKUP),
        )


async def _migrate(home: Path) -> None:
    async with open_database_access(Home(root=home), settings=DatabaseSettings(home=home)):
        pass


def _run_stack(home: Path, *, report: Report) -> None:
    stack = StackProcess(home, port=PORT)
    try:
        for part in ("Deployments", "Reconciliation  completed", "First cycle  completed"):
            stack.await_line(part)  # each has a patience of its own
        report.check("`quorum up` comes up and runs a cycle")
        for verb in VERBS:
            said = _run(home, *verb)
            report.check(f"quorum {' '.join(verb)}", [] if said.strip() else ["said nothing"])
        newest = json.loads(_run(home, "why", "BTC/USDT", "--json"))["receipt"]
        print("     newest cycle:", newest["key"]["cycle_time"], newest["outcome"])
    finally:
        assert stack.interrupt() == 0, stack.output


def _run(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=home.parent,
        env={**os.environ, "QUORUM_HOME": str(home), "COLUMNS": "180"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"quorum {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def main() -> int:
    """Check the home named on the command line; 1 when something is lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("archive", type=Path)
    parser.add_argument("--backup", type=Path)
    given = parser.parse_args()
    report = Report()
    before = check_upgrade(given.archive.absolute(), report=report)
    if given.backup:
        check_restore(given.backup.absolute(), before=before, report=report)
    return int(report.has_loss)


if __name__ == "__main__":
    sys.exit(main())
