"""Shared work: done once, seen by every run as Cached, kept as JSON of our own values.

    ShareKey -> SharedWork (Prefect's cache policy, SERIALIZABLE under a lock) -> ValueSerializer

The key names everything that the answer depends on: which market (`namespace`: a live venue, one
sample's seed, one replay), the work, its subject. Runs that ask for the same key wait for the one
that got the lock and read its result. Results are JSON, never pickles: a pickle runs code for
whoever can write the folder. A failure is kept like an answer (`Unavailable`), so that a venue
that is down is asked once per cycle and not once per user.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypedDict

from prefect.cache_policies import CachePolicy
from prefect.context import TaskRunContext
from prefect.locking.protocol import LockManager
from prefect.serializers import Serializer
from prefect.transactions import IsolationLevel
from pydantic import TypeAdapter, create_model

from tasks.runtime.locks import FileLocks
from tasks.runtime.settings import task_settings
from trading.council.decisions import Decision
from trading.domain.instruments import Instrument
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSnapshot
from trading.news.items import NewsDigest

RESULTS = task_settings().results
"""Folder of shared results; fixed when the process starts."""

MEMO_SIZE = 32
"""Parsed results that a warm process keeps: a snapshot is about 1 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareKey:
    """
    What an answer depends on.

    Attributes:
        namespace: the identity of the market source; runs in different ones share nothing.
        work: the task's name, for people who look into the folder.
        subject: the rest, in a fixed order.
    """

    namespace: str
    work: str
    subject: tuple[str, ...]

    @property
    def text(self) -> str:
        """A file name: the work and 32 hex digits of all of it."""
        whole = "\x1f".join((self.namespace, self.work, *self.subject))
        return f"{self.work}-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """Shared work that failed for good; `sentence` says why, for people."""

    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketLook:
    """
    One look at a pair's market.

    Attributes:
        instrument: the rules that the pair trades by.
        findings: what the quality check objects to; empty means good.
        indicators: of the intervals that have candles.
    """

    snapshot: MarketSnapshot
    instrument: Instrument
    findings: tuple[str, ...]
    indicators: dict[Interval, Indicators]


_SHARED_TYPES: dict[str, Any] = {
    "look": MarketLook | Unavailable,
    "news": NewsDigest,
    "decision": Decision,
}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_SHARED_TYPES[name])


@cache
def _format_of(name: str) -> str:
    """Changes with the shape of the values, so that a release never reads another's results."""
    schema = str(_adapter(name).json_schema()) + str(_SHARED_TYPES[name])
    return hashlib.sha256(schema.encode()).hexdigest()[:8]


class ValueSerializer(Serializer):
    """
    JSON of one of our shared values; frozen values are parsed once per process and shared.

    A class for each value: Prefect's server keeps the `type` of a serializer and drops the rest.
    """

    type: Literal["quorum-value"] = "quorum-value"

    @property
    def value(self) -> str:
        """The name of the value's type in `_SHARED_TYPES`."""
        return self.type.removeprefix(_PREFIX)

    def dumps(self, obj: Any) -> bytes:
        """Encode."""
        return _adapter(self.value).dump_json(obj)

    def loads(self, blob: bytes) -> Any:
        """Decode; raises pydantic's ValidationError for anything that is not our value."""
        return _MEMO.load(self.value, blob)


_PREFIX = "quorum-"
SERIALIZERS: dict[str, ValueSerializer] = {
    name: create_model(
        f"{name.title()}Serializer",
        __base__=ValueSerializer,
        type=(Literal[f"{_PREFIX}{name}"], f"{_PREFIX}{name}"),
    )()
    for name in _SHARED_TYPES
}


class _Memo:
    """The last parsed results by their bytes."""

    def __init__(self) -> None:
        self._parsed: OrderedDict[tuple[str, bytes], Any] = OrderedDict()

    def load(self, name: str, blob: bytes) -> Any:
        key = (name, hashlib.sha256(blob).digest())
        if key not in self._parsed:
            self._parsed[key] = _adapter(name).validate_json(blob)
            if len(self._parsed) > MEMO_SIZE:
                self._parsed.popitem(last=False)
        self._parsed.move_to_end(key)
        return self._parsed[key]


_MEMO = _Memo()


def build_locks() -> LockManager:
    """The lock manager of this installation: files on one machine."""
    return FileLocks(RESULTS / "locks")


_LOCKS = build_locks()


@dataclass
class SharedWork(CachePolicy):
    """
    Prefect's cache policy for tasks whose first parameter is `key: ShareKey`.

    Attributes:
        value: the name of the result's type in `SERIALIZERS`.
    """

    value: str = ""
    isolation_level: Literal["READ_COMMITTED", "SERIALIZABLE"] | IsolationLevel | None = (
        IsolationLevel.SERIALIZABLE
    )
    lock_manager: LockManager | None = field(default_factory=lambda: _LOCKS)

    def compute_key(  # signature: Prefect's
        self,
        task_ctx: TaskRunContext,  # noqa: ARG002, the port's
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],  # noqa: ARG002, the port's
        **kwargs: Any,  # noqa: ARG002, the port's
    ) -> str | None:
        """The file name of the result: the key and the format of its value."""
        key: ShareKey = inputs["key"]
        return f"{key.text}-{_format_of(self.value)}"


class SharedOptions(TypedDict):
    """Options of `prefect.task` for shared work."""

    cache_policy: SharedWork
    cache_expiration: timedelta
    cache_result_in_memory: bool
    result_storage: Path
    result_serializer: ValueSerializer


def shared(value: str, *, life: timedelta) -> SharedOptions:
    """Options of a shared task whose result is of the type named `value`, for so long."""
    return SharedOptions(
        cache_policy=SharedWork(value=value),
        cache_expiration=life,
        cache_result_in_memory=False,
        result_storage=RESULTS,
        result_serializer=SERIALIZERS[value],
    )
