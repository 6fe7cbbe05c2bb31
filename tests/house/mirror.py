"""Checks that `tests/` mirrors the product tree: each module has a test file of its name.

tasks/orders/closing.py -> tests/tasks/orders/test_closing.py, or an entry of EXCEPTIONS

A test file in a mirrored folder belongs to a module: `test_closing.py`, `test_closing_limits.py`,
or an entry of CROSS_CUTTING for a file about several modules. An entry that has become needless is
a breach as well.
"""

import sys
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from tests.house.mirror_exceptions import CROSS_CUTTING, EXCEPTIONS

ROOMS = ("cli", "commands", "flows", "telegram", "tasks", "blocks", "db", "reports", "trading")
UNMIRRORED = frozenset({"migrations"})  # one test walks every revision


def check_modules(root: Path, exceptions: Mapping[str, str] = EXCEPTIONS) -> list[str]:
    """One sentence for each module without its test file, and for each needless exception."""
    untested = [
        module
        for module in _modules(root)
        if not (root / "tests" / Path(module).parent / f"test_{Path(module).name}").exists()
    ]
    used = {pattern for pattern in exceptions for path in untested if fnmatchcase(path, pattern)}
    return [
        *(
            f"{path}: tests/{Path(path).parent}/test_{Path(path).name} is missing"
            for path in untested
            if not any(fnmatchcase(path, pattern) for pattern in exceptions)
        ),
        *(
            f"{pattern}: the exception is needless"
            for pattern in exceptions
            if pattern not in used
        ),
    ]


def check_test_files(root: Path, cross_cutting: Mapping[str, str] = CROSS_CUTTING) -> list[str]:
    """One sentence for each test file that belongs to no module, and for each needless entry."""
    modules = _modules(root)
    strays = [
        path
        for room in ROOMS
        for file in sorted((root / "tests" / room).rglob("test_*.py"))
        if not _belongs(path := file.relative_to(root / "tests").as_posix(), modules)
    ]
    return [
        *(
            f"tests/{path}: no module has this name"
            for path in strays
            if path not in cross_cutting
        ),
        *(f"tests/{path}: the entry is needless" for path in cross_cutting if path not in strays),
    ]


def _modules(root: Path) -> list[str]:
    return [
        path.relative_to(root).as_posix()
        for room in ROOMS
        for path in sorted((root / room).rglob("*.py"))
        if path.name != "__init__.py" and UNMIRRORED.isdisjoint(path.relative_to(root).parts)
    ]


def _belongs(test_file: str, modules: list[str]) -> bool:
    """Whether a module of the same folder gives the test file its name, or the start."""
    folder, name = Path(test_file).parent, Path(test_file).stem.removeprefix("test_")
    stems = {Path(module).stem for module in modules if Path(module).parent == folder}
    return any(name == stem or name.startswith(f"{stem}_") for stem in stems)


def main() -> int:
    """Print the breaches of the checkout; 1 if there are any."""
    root = Path(__file__).resolve().parents[2]
    breaches = check_modules(root) + check_test_files(root)
    excused, shared = len(EXCEPTIONS), len(CROSS_CUTTING)
    kept = f"Mirror: {excused} exceptions, {shared} test files about several modules."
    print("\n".join(breaches) or kept)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
