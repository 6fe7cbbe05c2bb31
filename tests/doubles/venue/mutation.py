"""Answers of a venue with one thing changed: a field, a row, or the order of rows.

body, operator, key -> mutate -> body
"""

import json
from collections.abc import Iterator
from typing import Any

FIELD_OPERATORS = ("drop", "null", "blank", "retype", "rename")
LIST_OPERATORS = ("strange_row", "reverse", "twice")
STRANGE = {
    "symbol": "ZZZUSDT", "side": "Sideways", "type": "NOVEL", "orderType": "NOVEL",
    "status": "NOVEL", "orderStatus": "Novel", "algoStatus": "NOVEL", "execType": "Novel",
    "positionSide": "LONG", "positionIdx": 1, "incomeType": "NOVEL",
}  # fmt: skip


def mutate(body: str, *, operator: str, key: str) -> str | None:
    """
    The body with the key changed wherever it occurs, or with its first list changed.

    None when the change would leave the body as it is.
    """
    try:
        data = json.loads(body)
    except ValueError:
        return None
    if operator in LIST_OPERATORS:
        for rows in _lists(data):
            _change_list(rows, operator)
            break
    else:
        for row in _objects(data):
            if key in row:
                _change_field(row, operator, key)
    return None if data == json.loads(body) else json.dumps(data)


def list_keys(body: str) -> tuple[set[str], bool]:
    """The names of all fields of a body, and whether the body holds a list of objects."""
    try:
        data = json.loads(body)
    except ValueError:
        return set(), False
    return {key for row in _objects(data) for key in row}, any(True for _ in _lists(data))


def _change_field(row: dict[str, Any], operator: str, key: str) -> None:
    value = row.pop(key)
    if operator == "rename":
        row[f"{key}V2"] = value
    elif operator != "drop":
        retyped = [value] if isinstance(value, str) else str(value)
        row[key] = {"null": None, "blank": "", "retype": retyped}[operator]


def _change_list(rows: list[Any], operator: str) -> None:
    if operator == "reverse":
        rows.reverse()
    elif operator == "twice":
        rows.extend(list(rows))
    else:
        like = rows[0] if rows else {}
        rows.insert(0, {**like, **{k: v for k, v in STRANGE.items() if k in like or not like}})


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
        for value in list(data.values()):
            yield from _objects(value)
    elif isinstance(data, list):
        for value in data:
            yield from _objects(value)


def _lists(data: Any) -> Iterator[list[Any]]:
    if isinstance(data, list) and all(isinstance(row, dict) for row in data):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _lists(value)
