"""The documents name files that exist, and wrap at 100 columns."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *(CHECKOUT / "docs").rglob("*.md"),
    ]
)
ROOMS = "blocks|cli|commands|db|docs|flows|reports|tasks|telegram|tests|trading"
FILE = re.compile(rf"(?<![\w/.-])(?:{ROOMS})/[\w./-]*\w/?")
LINK = re.compile(r"\]\(([^)#\s]+)")
COLUMNS = 100


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def document(request: pytest.FixtureRequest) -> Path:
    path = request.param
    assert isinstance(path, Path)
    return path


def test_files_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {name: CHECKOUT / name for name in FILE.findall(text)}
    linked = {link: document.parent / link for link in LINK.findall(text) if ":" not in link}
    gone = [name for name, path in (named | linked).items() if not _exists(path)]
    assert gone == []


def test_a_document_wraps(document: Path) -> None:
    too_long = [
        f"{document.name}:{number}: {len(line)} columns"
        for number, line in _list_prose(document.read_text(encoding="utf-8"))
        if len(line) > COLUMNS
    ]
    assert too_long == []


def test_the_pages_of_the_documentation_are_linked_from_the_readme() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in (CHECKOUT / "docs").glob("*.md")]
    assert [page for page in pages if f"docs/{page}" not in readme] == []


@pytest.mark.parametrize(
    ("question", "needle"),
    [
        ("spread limit", "spread <= limits.max_spread_ratio"),
        ("answer to an order", "BYBIT_TABLE = TruthTable("),
        ("`/pause`", "client.update_deployment"),
    ],
)
def test_a_rule_is_found_from_the_readme_within_five_files(question: str, needle: str) -> None:
    """README, architecture and at most three files of the row that answers the question."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert "docs/architecture.md" in LINK.findall(readme)
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (row,) = [r for r in page.splitlines() if r.startswith("| ") and question in r.split("|")[1]]
    files = [CHECKOUT / name for name in FILE.findall(row) if name.endswith(".py")][:3]
    assert any(needle in file.read_text(encoding="utf-8") for file in files)


def _exists(path: Path) -> bool:
    """A decision may be named by its number only."""
    return path.exists() or any(path.parent.glob(f"{path.name}-*.md"))


def _list_prose(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines without code blocks, tables and pictures."""
    is_fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            is_fenced = not is_fenced
        elif not is_fenced and not line.startswith(("    ", "|", "![")):
            yield number, line
