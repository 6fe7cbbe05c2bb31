"""The command line and the bot open no transactions; commands do.

The import contract `surfaces` forbids the session; a session that a surface holds for its commands
could still be used, so this looks for calls of `tenant()` and `operator()`.
"""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENING = frozenset({"tenant", "operator"})


def list_transactions(source: str) -> Iterator[str]:
    """Names of the calls that open a transaction."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in OPENING:
            yield str(getattr(node.func, "attr", ""))


def list_exceptions() -> set[str]:
    """The modules that the contract lets import the session."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = [one for one in settings["contracts"] if one["id"] == "surfaces"]
    return {line.split(" -> ")[0] for line in contract["ignore_imports"]}


def test_only_the_exceptions_of_the_contract_open_transactions() -> None:
    found = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ("cli", "telegram")
        for path in (ROOT / room).rglob("*.py")
        if list(list_transactions(path.read_text(encoding="utf-8")))
    }

    assert found <= list_exceptions()


def test_a_transaction_is_noticed() -> None:
    source = (
        "async def f(ask):\n    async with ask.services.database.tenant(1) as tenant:\n        ..."
    )

    assert list(list_transactions(source)) == ["tenant"]
