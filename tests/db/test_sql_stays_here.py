"""Two habits, read from the sources: all SQL lives in db, and every tenant query has its user."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OTHER_ROOMS = ("cli", "flows", "telegram", "commands", "tasks", "blocks", "reports", "trading")
REPOSITORIES = sorted((ROOT / "db" / "repositories").glob("*.py"))
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|ROLE))\b",
    re.DOTALL,
)
FREE_STATEMENTS = frozenset({"select", "insert", "update", "delete", "text"})
ESCAPE = "# shared:"
"""A line that ends so may read what belongs to no user."""


def find_sql(source: str) -> list[str]:
    """Texts in a source that are SQL; what a docstring says is no statement."""
    tree = ast.parse(source)
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in said
        and SQL.search(node.value)
    ]


def find_database_imports(source: str) -> list[str]:
    """Imports of a driver or of the toolkit."""
    names = [
        name
        for node in ast.walk(ast.parse(source))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    ]
    return [name for name in names if name.split(".")[0] in {"sqlalchemy", "psycopg", "asyncpg"}]


def find_unscoped(source: str) -> Iterator[str]:
    """Free statements inside tenant repositories that are not marked as shared."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and "TenantRepository" in map(ast.unparse, node.bases):
            for call in ast.walk(node):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                    continue
                marked = any(
                    ESCAPE in line for line in lines[call.lineno - 1 : call.end_lineno or 0]
                )
                if call.func.id in FREE_STATEMENTS and not marked:
                    yield f"{node.name}:{call.lineno} {call.func.id}"


def find_user_parameters(source: str) -> Iterator[str]:
    """Public methods of tenant repositories that take a user id."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and "TenantRepository" in map(ast.unparse, node.bases):
            for method in node.body:
                if isinstance(method, ast.AsyncFunctionDef | ast.FunctionDef):
                    arguments = (*method.args.args, *method.args.kwonlyargs)
                    if any("user_id" in argument.arg for argument in arguments):
                        yield f"{node.name}.{method.name}"


@pytest.mark.parametrize("room", OTHER_ROOMS)
def test_no_sql_lives_outside_db(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        assert find_sql(source) == [], path
        assert find_database_imports(source) == [], path


@pytest.mark.parametrize("path", REPOSITORIES, ids=lambda path: path.name)
def test_every_tenant_statement_starts_with_its_user(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert list(find_unscoped(source)) == []
    assert list(find_user_parameters(source)) == []


def test_the_rules_find_what_breaks_them() -> None:
    broken = (
        "class BadRepository(TenantRepository):\n"
        "    async def steal(self, user_id):\n"
        "        return await self._all(select(USERS))\n"
        "    async def shared(self):\n"
        "        return await self._all(select(STATES))  # shared: no user's rows\n"
    )
    assert list(find_unscoped(broken)) == ["BadRepository:3 select"]
    assert list(find_user_parameters(broken)) == ["BadRepository.steal"]
    assert find_sql('def f():\n    "SELECT a FROM b"\n    q = "SELECT a FROM b"') == [
        "SELECT a FROM b"
    ]
    assert find_database_imports("import sqlalchemy.orm\nfrom psycopg import sql") == [
        "sqlalchemy.orm",
        "psycopg",
    ]
