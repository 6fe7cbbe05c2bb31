"""Compares the books of a home before and after an upgrade; every difference is a sentence.

A migration may add tables and columns and take away what `MOVED` names, with the reason. All rows
of before must be there afterwards, with the same values in the columns that both versions have.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from tests.campaigns.upgrade.books import Books

MOVED: dict[str, str] = {
    "paper_positions.next_funding_at": "migration 0014: the next settlement became `funded_to`",
    "exchange_accounts.sealed_api_key": "migration 0020: sealed anew as one record",
    "exchange_accounts.sealed_api_secret": "migration 0020: sealed anew as one record",
    "exchange_accounts.updated_at": "the first key check seals one record",
    "key_checks.due_at": "migration 0020: each check is due at once",
    "key_checks.updated_at": "migration 0020 writes `due_at` into each row",
    "paper_positions.updated_at": "migration 0014 writes `funded_to` into each row",
}
"""`table` or `table.column` that a migration changed on purpose -> why nothing is lost by it."""


def compare_rows(
    before: Books,
    after: Books,
    *,
    tables: Collection[str] | None = None,
    changing: Collection[str] = (),
) -> Iterator[str]:
    """Rows of our tables, or of `tables` only, that are gone or differ, but for `changing`."""
    for table, rows in before.rows.items():
        if table in MOVED or not rows or (tables is not None and table not in tables):
            continue
        if table not in after.rows:
            yield f"The table {table} is gone with {len(rows)} rows."
            continue
        kept = before.columns(table) - {*_moved_columns(table), *changing}
        if gone := kept - after.columns(table) if after.rows[table] else set():
            yield f"{table} has lost the columns {', '.join(sorted(gone))}."
        shared = sorted(kept - gone)
        found = _count(after.rows[table], shared)
        lost = _count(rows, shared) - found
        for row, times in lost.items():
            yield f"{table}: {times} x {_shorten(shared, row)} {_explain(row, shared, found)}"


def compare_prefect(before: Books, after: Books) -> Iterator[str]:
    """Deployments and saved blocks that are gone or differ; an entrypoint may have moved."""
    for name, deployment in before.deployments.items():
        if name not in after.deployments:
            yield f"The deployment {name} is gone."
            continue
        for key, value in deployment.items():
            if key != "entrypoint" and after.deployments[name][key] != value:
                yield f"{name}: {key} was {value}, is {after.deployments[name][key]}."
    for name, data in before.blocks.items():
        if after.blocks.get(name) != data:
            yield f"The block {name} is gone or differs."


def _moved_columns(table: str) -> list[str]:
    return [name.partition(".")[2] for name in MOVED if name.startswith(f"{table}.")]


def _count(
    rows: list[dict[str, str | None]], columns: list[str]
) -> Counter[tuple[str | None, ...]]:
    return Counter(tuple(row[column] for column in columns) for row in rows)


def _explain(
    row: tuple[str | None, ...], columns: list[str], found: Iterable[tuple[str | None, ...]]
) -> str:
    """The columns that differ from the most similar row afterwards."""
    differing = [
        [c for c, old, new in zip(columns, row, other, strict=True) if old != new]
        for other in found
    ]
    nearest = min(differing, key=len, default=columns)
    return "is gone." if len(nearest) > len(columns) / 2 else f"differs in {', '.join(nearest)}."


def _shorten(columns: list[str], row: tuple[str | None, ...]) -> dict[str, str | None]:
    return {c: value and value[:40] for c, value in zip(columns, row, strict=True)}
