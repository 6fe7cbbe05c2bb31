"""The mirror check names a module without a test file, and a test file without a module."""

from pathlib import Path

import pytest

from tests.house.mirror import check_modules, check_test_files


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with one module and its test file."""
    for path in ("tasks/orders/closing.py", "tests/tasks/orders/test_closing.py"):
        write(tmp_path, path)
    return tmp_path


def write(root: Path, path: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).touch()


def test_a_module_with_its_test_file_passes(tree: Path) -> None:
    assert check_modules(tree, {}) == check_test_files(tree, {}) == []


def test_a_module_without_its_test_file_is_a_breach(tree: Path) -> None:
    write(tree, "tasks/orders/sending.py")
    write(tree, "tests/tasks/test_sending.py")
    assert check_modules(tree, {}) == [
        "tasks/orders/sending.py: tests/tasks/orders/test_sending.py is missing"
    ]


def test_an_exception_excuses_one_module_or_a_group(tree: Path) -> None:
    write(tree, "db/models/people.py")
    write(tree, "tasks/orders/sending.py")
    excused = {"db/models/*": "tables", "tasks/orders/sending.py": "by tests/campaigns"}
    assert check_modules(tree, excused) == []


def test_an_exception_that_excuses_nothing_is_a_breach(tree: Path) -> None:
    assert check_modules(tree, {"tasks/orders/closing.py": "by the campaigns"}) == [
        "tasks/orders/closing.py: the exception is needless"
    ]


def test_init_files_and_revisions_need_no_test_file(tree: Path) -> None:
    write(tree, "tasks/__init__.py")
    write(tree, "db/migrations/versions/0001_initial.py")
    assert check_modules(tree, {}) == []


def test_a_test_file_may_add_a_topic_to_its_modules_name(tree: Path) -> None:
    write(tree, "tests/tasks/orders/test_closing_limits.py")
    assert check_test_files(tree, {}) == []


def test_a_test_file_without_a_module_is_a_breach(tree: Path) -> None:
    write(tree, "tests/tasks/orders/test_crashes.py")
    assert check_test_files(tree, {}) == [
        "tests/tasks/orders/test_crashes.py: no module has this name"
    ]
    assert check_test_files(tree, {"tasks/orders/test_crashes.py": "the whole order path"}) == []


def test_an_entry_for_a_test_file_that_is_gone_is_a_breach(tree: Path) -> None:
    assert check_test_files(tree, {"tasks/test_gone.py": "several modules"}) == [
        "tests/tasks/test_gone.py: the entry is needless"
    ]
