"""Receipts as JSON text and back, exactly: Decimal as text, instants as ISO, order kept.

CycleRecord <-> {...} <-> packed bytes (`db.codecs.compression`)

One compiled adapter for each kind of value. What a model or a feed wrote may hold anything Python
calls text; what UTF-8 can't carry is replaced, so that no answer can keep a cycle from closing.
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
    """A receipt as it is kept."""
    return pack(_dump_text(record, kind=CycleRecord))


def unpack_receipt(packed: bytes) -> CycleRecord:
    """The receipt again; raises ValueError for anything else."""
    record: CycleRecord = _adapter(CycleRecord).validate_json(unpack(packed))
    return record


def unpack_portfolio(packed: bytes) -> Portfolio | None:
    """Only what the pair was worth at the end of a kept cycle; None when it does not say."""
    portfolio = from_json(unpack(packed)).get("portfolio")
    return None if portfolio is None else load_json(portfolio, kind=Portfolio)


def dump_json(value: Any, *, kind: type[Any]) -> Any:
    """The value as what `json` can write: dicts, lists, text, numbers."""
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
