"""Each import contract fails when it is broken on purpose, and only that one.

checkout -> copy of the rooms -> one line in a new module -> lint-imports there -> its verdicts

The rooms are installed in place, so the copy is linted by a process of its own whose working
directory (first on its path) is the copy. That a line which exists only there changes the verdict
proves that the copy was read.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("cli", "flows", "telegram", "commands", "tasks", "blocks", "db", "reports", "trading")
COPIED = (*ROOMS, "tests/house", "pyproject.toml")

# Contract by its id in pyproject.toml -> (folder, line) pairs, each of which breaks that contract.
BREACHES = {
    "db-rooms": [
        ("db/engine", "import db.models.people"),
        ("db/repositories", "import db.server.roles"),
        ("db/models", "import db.session"),
    ],
    "cli-rooms": [
        ("cli/base", "import cli.commands.pairs"),
        ("cli/stack", "import cli.doctor.findings"),
        ("cli/doctor", "import cli.demo.setting"),
    ],
    "worker": [
        ("flows/worker", "import flows.trading_cycle"),
        ("flows/worker", "import tasks.cycle.execution"),
    ],
    "layers": [
        ("db", "import blocks"),
        ("tasks/cycle", "import telegram"),
        ("flows", "import telegram"),
        ("blocks/prefect", "import tasks"),
        ("tasks/cycle", "import cli"),
    ],
    "trading-rooms": [
        ("trading/domain", "import trading.market.candles"),
        ("trading/council", "import trading.risk.limits"),
        ("trading/simulation", "import trading.portfolio.valuation"),
        ("trading/risk", "import trading.requests"),
    ],
    "simulation": [("trading/simulation", "import trading.council.decisions")],
    "blocks-rooms": [
        ("blocks/prefect", "import blocks.council"),
        ("blocks/logging", "import blocks.prefect.client"),
    ],
    "venues": [
        ("blocks/venues/binance", "import blocks.venues.bybit.parsing"),
        ("blocks/venues/base", "import blocks.venues.paper.exchange"),
    ],
    "tasks-rooms": [
        ("tasks/runtime", "import tasks.orders.closing"),
        ("tasks/orders", "import tasks.recovery.reconciliation"),
        ("tasks/council", "import tasks.risk.check"),
        ("tasks/cycle", "import tasks.recovery.reconciliation"),
    ],
    "order-texts": [("tasks/orders", "import trading.reporting.receipts")],
    "trading": [
        ("trading/domain", "import httpx"),
        ("trading/domain", "from prefect import task"),
        ("trading/domain", "import yaml"),
    ],
    "bot": [
        ("telegram", "import tasks"),
        ("telegram", "import blocks.venues"),
        ("telegram/views", "import ccxt.async_support"),
    ],
    "adapters": [
        ("blocks/feeds", "import blocks.models.base"),
        ("blocks/models", "import blocks.venues.base.parsing"),
    ],
    "rows": [("tasks/cycle", "from db import models"), ("cli", "from sqlalchemy import select")],
    "commands": [
        ("commands", "import tasks"),
        ("commands", "import blocks.venues.base.parsing"),
        ("commands", "import blocks.models.base"),
        ("commands", "import aiogram"),
        ("commands", "import typer"),
    ],
    "surfaces": [
        ("cli", "import db.session"),
        ("telegram", "from db.session import Database"),
        ("cli/commands", "from db.repositories.trading.pairs import PairRepository"),
        ("telegram/handlers", "import db.repositories"),
    ],
    "prefect": [
        ("db/repositories", "from prefect import get_client"),
        ("blocks/feeds", "import prefect"),
    ],
}
VERDICT = re.compile(r"^(.+) (KEPT|BROKEN)(?: \(.+\))?$", re.MULTILINE)
"""A contract's line in the report; behind the verdict stands how many imports are excused."""
NAMES = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
}
# `trading` and `blocks` hold no module beside their known rooms: the rooms' layers are exhaustive.
CASES = [(name, *breach) for name, breaches in BREACHES.items() for breach in breaches]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that the contracts speak of, as it is in the checkout."""
    root = tmp_path_factory.mktemp("contracts")
    for name in COPIED:
        source = CHECKOUT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "test_*")
            shutil.copytree(source, root / name, ignore=ignored)
        else:
            shutil.copy(source, root / name)
    (root / "tests" / "__init__.py").touch()
    return root


def lint(root: Path) -> dict[str, bool]:
    """Whether each contract is kept in `root`, by name."""
    # import-linter looks for its configuration and the packages in the working directory.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as lint; lint()",
        ],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    verdicts = {name: word == "KEPT" for name, word in VERDICT.findall(done.stdout)}
    assert verdicts, done.stdout + done.stderr
    assert done.returncode == (0 if all(verdicts.values()) else 1), done.stdout + done.stderr
    return verdicts


def broken_by(root: Path, *, room: str, line: str) -> set[str]:
    """The contracts that a module with this one line in `room` breaks."""
    breach = root / room / "breach_on_purpose.py"
    breach.write_text(line + "\n")
    try:
        verdicts = lint(root)
    finally:
        breach.unlink()
    return {name for name, is_kept in verdicts.items() if not is_kept}


def test_every_contract_has_a_breach_below() -> None:
    assert BREACHES.keys() == NAMES.keys()


def test_all_contracts_hold(copy: Path) -> None:
    assert lint(copy) == dict.fromkeys(NAMES.values(), True)


@pytest.mark.parametrize(("contract", "folder", "line"), CASES)
def test_a_broken_contract_is_reported(copy: Path, contract: str, folder: str, line: str) -> None:
    # Venues, models and feeds are rooms of blocks as well: one import breaks both contracts.
    also = {NAMES["blocks-rooms"]} if contract == "adapters" else set()
    also |= {NAMES["trading-rooms"]} if contract == "simulation" else set()
    assert broken_by(copy, room=folder, line=line) - also == {NAMES[contract]}


def test_trading_that_reaches_up_breaks_its_layer_and_its_own_contract(copy: Path) -> None:
    broken = broken_by(copy, room="trading/domain", line="import tasks")
    assert broken == {NAMES["layers"], NAMES["trading"]}


def test_a_new_room_of_trading_needs_its_place(copy: Path) -> None:
    assert broken_by(copy, room="trading", line="") == {NAMES["trading-rooms"]}
