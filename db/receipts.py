"""Receipts as JSON text and back, exactly: Decimal as text, instants as ISO, order kept.

CycleRecord <-> {...}

One compiled adapter for each kind of value. What a model or a feed wrote may hold anything Python
calls text; what UTF-8 can't carry is replaced, so that no answer can keep a cycle from closing.
"""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def dump_json(value: Any, *, kind: type[Any]) -> Any:
    """The value as what `json` can write: dicts, lists, text, numbers."""
    adapter = _adapter(kind)
    try:
        return json.loads(adapter.dump_json(value))
    except PydanticSerializationError:
        text = json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False)
        return json.loads(text.encode(errors="replace"))


def load_json[V](data: Any, *, kind: type[V]) -> V:
    """The value again; raises pydantic's ValidationError for anything else."""
    value: V = _adapter(kind).validate_python(data)
    return value


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
