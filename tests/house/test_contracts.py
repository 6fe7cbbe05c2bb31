"""Each import contract fails when it is broken on purpose, and only that one.

checkout -> copy of the rooms -> one line in a new module -> lint-imports there -> its verdicts

The rooms are installed in place, so the copy is linted by a process of its own whose working
directory (first on its path) is the copy. That a line which exists only there changes the verdict
proves that the copy was read.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("cli", "flows", "telegram", "commands", "tasks", "blocks", "db", "reports", "trading")
COPIED = (*ROOMS, "tests/house", "pyproject.toml")

LAYERS = "Rooms depend downward"
TRADING = "Trading knows only numbers and values"
BOT = "The bot never runs the work itself"
ADAPTERS = "Venues, models and feeds do not know each other"
ROWS = "ORM models stay inside db"
PREFECT = "Adapters and db know no Prefect"
CONTRACTS = {LAYERS, TRADING, BOT, ADAPTERS, ROWS, PREFECT}


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
    verdicts = {
        line.removesuffix(f" {word}"): word == "KEPT"
        for line in done.stdout.splitlines()
        for word in ("KEPT", "BROKEN")
        if line.endswith(f" {word}")
    }
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


def test_all_six_contracts_hold(copy: Path) -> None:
    assert lint(copy) == dict.fromkeys(CONTRACTS, True)


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("db", "import blocks", LAYERS),
        ("tasks", "import telegram", LAYERS),
        ("flows", "import telegram", LAYERS),
        ("blocks", "import tasks", LAYERS),
        ("tasks", "import cli", LAYERS),
        ("trading", "import httpx", TRADING),
        ("trading", "from prefect import task", TRADING),
        ("trading", "import yaml", TRADING),
        ("telegram", "import tasks", BOT),
        ("telegram", "import blocks.venues", BOT),
        ("telegram/views", "import ccxt.async_support", BOT),
        ("blocks/venues", "import blocks.feeds", ADAPTERS),
        ("blocks/models", "import blocks.venues", ADAPTERS),
        ("tasks", "from db import models", ROWS),
        ("cli", "from sqlalchemy import select", ROWS),
        ("db/repositories", "from prefect import get_client", PREFECT),
        ("blocks/feeds", "import prefect", PREFECT),
    ],
)
def test_a_broken_contract_is_reported(copy: Path, room: str, line: str, contract: str) -> None:
    assert broken_by(copy, room=room, line=line) == {contract}


def test_trading_that_reaches_up_breaks_its_layer_and_its_own_contract(copy: Path) -> None:
    assert broken_by(copy, room="trading", line="import tasks") == {LAYERS, TRADING}
