"""The ZIP of a user's data: one JSON file with all tables, and a CSV file for each table.

rows by table -> data.json, TABLE.csv ... -> FILE.zip, for the owner only
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from cli.base.output import to_plain

FILE_MODE = 0o600


def write_archive(file: Path, *, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Write the tables into a new file."""
    file.touch(mode=FILE_MODE, exist_ok=False)
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        plain = {name: [_to_cells(row) for row in rows] for name, rows in tables.items()}
        archive.writestr("data.json", json.dumps(plain, indent=2, ensure_ascii=False))
        for name, rows in plain.items():
            archive.writestr(f"{name}.csv", _to_csv(rows))


def _to_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.hex() if isinstance(value, bytes) else to_plain(value)
        for name, value in row.items()
    }


def _to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {
                name: json.dumps(value, ensure_ascii=False)
                if isinstance(value, dict | list)
                else value
                for name, value in row.items()
            }
        )
    return text.getvalue()
