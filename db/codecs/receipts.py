"""Receipts as JSON text and back, exactly: Decimal as text, instants as ISO, order kept.

CycleRecord <-> {...} <-> packed bytes (`db.codecs.compression`)

Each kind of value has a compiled adapter. Models and feeds may send text with lone surrogates;
characters without a UTF-8 form are replaced, so that no answer can keep a cycle from closing.
"""

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, from_json

from db.codecs.compression import pack, unpack
from trading.cycle import CycleRecord
from trading.domain.accounts import Portfolio

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def pack_receipt(record: CycleRecord) -> bytes:
    """The stored form of a receipt."""
    return pack(_dump_text(record, kind=CycleRecord))


def unpack_receipt(packed: bytes) -> CycleRecord:
    """The receipt again; raises ValueError for anything else."""
    record: CycleRecord = _adapter(CycleRecord).validate_json(unpack(packed))
    return record


def unpack_portfolio(packed: bytes) -> Portfolio | None:
    """Read only the equity of the pair at the cycle's end; None for a receipt without equity."""
    portfolio = from_json(unpack(packed)).get("portfolio")
    return None if portfolio is None else load_json(portfolio, kind=Portfolio)


def dump_json(value: Any, *, kind: type[Any]) -> Any:
    """Convert a value to JSON types: dicts, lists, text, numbers."""
    return json.loads(_dump_text(value, kind=kind))


def load_json[V](data: Any, *, kind: type[V]) -> V:
    """The value again; raises pydantic's ValidationError for anything else."""
    value: V = _adapter(kind).validate_python(data)
    return value


def _dump_text(value: Any, *, kind: type[Any]) -> bytes:
    adapter = _adapter(kind)
    try:
        return adapter.dump_json(value)
    except PydanticSerializationError:
        text = json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False)
        return text.encode(errors="replace")


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
