"""Layout of a receipt: sections of lines and tables, as Markdown or as plain text.

    Section, Section ... -> render_markdown (Prefect artifact) | render_plain (terminal)

The content of the sections is decided in `reports.documents.receipts`, once for both. Markdown
escapes everything, so no word of a stranger can become a heading, a link or a picture.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#!])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells, each as long as `head`."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part: lines, then a table, then notes; any may be missing."""

    title: str
    lines: tuple[str, ...] = ()
    table: Table | None = None
    notes: tuple[str, ...] = ()


def render_markdown(headline: str, sections: Iterable[Section]) -> str:
    """The headline as the first line, then the sections."""
    parts = [f"# {_escape(headline)}"]
    for section in sections:
        parts.append(f"## {_escape(section.title)}")
        parts.append("  \n".join(_escape(line) for line in section.lines))
        parts.append("" if section.table is None else _markdown_table(section.table))
        parts.append("\n".join(f"- {_escape(note)}" for note in section.notes))
    return "\n\n".join(filter(None, parts)) + "\n"


def render_plain(headline: str, sections: Iterable[Section]) -> str:
    """The same for a terminal."""
    return "\n\n".join((headline, *map(_plain_section, sections))) + "\n"


def _plain_section(section: Section) -> str:
    parts = [section.title.upper(), *(f"  {line}" for line in section.lines)]
    parts += [] if section.table is None else _plain_table(section.table)
    return "\n".join((*parts, *(f"  - {note}" for note in section.notes)))


def _markdown_table(table: Table) -> str:
    rows = (table.head, ("---",) * len(table.head), *table.rows)
    return "\n".join(f"| {' | '.join(map(_escape, row))} |" for row in rows)


def _plain_table(table: Table) -> list[str]:
    rows = (table.head, *table.rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.head))]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
