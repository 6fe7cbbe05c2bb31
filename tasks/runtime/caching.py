"""Shared work: done once, seen by every run as Cached, kept as JSON of our own values.

    ShareKey -> SharedWork (Prefect's cache policy, SERIALIZABLE under a lock) -> ValueSerializer

The key contains all inputs of the answer: the market (`namespace`: a live venue, a sample's seed,
a replay), the work, the subject. Runs with the same key wait for the holder of the lock and read
the holder's result. Results are JSON, never pickles: a pickle would run the code of anyone with
write access to the folder. A failure is stored like an answer (`Unavailable`), so a venue without
an answer is asked once per cycle and not once per user.
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
from prefect.utilities.dispatch import get_registry_for_type
from pydantic import TypeAdapter, create_model

from tasks.runtime.locks import FileLocks
from tasks.runtime.settings import task_settings
from trading.council.decisions import Decision
from trading.domain.errors import PermanentError
from trading.domain.instruments import Instrument
from trading.domain.messages import KeptMessage, message
from trading.indicators.values import Indicators, LeaderView
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
    The inputs of a shared answer.

    Attributes:
        namespace: the identity of the market source; runs in different ones share nothing.
        work: the task's name, readable in the folder.
        subject: the rest, in a fixed order.
    """

    namespace: str
    work: str
    subject: tuple[str, ...]

    @property
    def text(self) -> str:
        """A file name: the work and 32 hex digits of the whole key's hash."""
        whole = "\x1f".join((self.namespace, self.work, *self.subject))
        return f"{self.work}-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """The failure of shared work; `sentence` gives people the reason."""

    reason: KeptMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketAnalysis:
    """
    The checked market data and indicators of a pair.

    Attributes:
        instrument: the trading rules of the pair.
        findings: of the quality check; empty means good.
        indicators: of the intervals with candles.
        leader: trend of BTC; None for BTC itself and where unknown.
    """

    snapshot: MarketSnapshot
    instrument: Instrument
    findings: tuple[str, ...]
    indicators: dict[Interval, Indicators]
    leader: LeaderView | None = None


_SHARED_TYPES: dict[str, Any] = {
    "analysis": MarketAnalysis | Unavailable,
    "news": NewsDigest,
    "decision": Decision,
}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_SHARED_TYPES[name])


@cache
def _format_of(name: str) -> str:
    """A hash of the value's schema, so a release never reads results in another format."""
    schema = str(_adapter(name).json_schema()) + str(_SHARED_TYPES[name])
    return hashlib.sha256(schema.encode()).hexdigest()[:8]


class ValueSerializer(Serializer):
    """
    Serializes a shared value as JSON; frozen values are parsed once per process and shared.

    Each value has a class: Prefect's server stores only the `type` of a serializer.
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
        """Decode; raises pydantic's ValidationError for any other format."""
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


def refuse_foreign_results() -> None:
    """
    Let no serializer of Prefect read a stored result in this process.

    Prefect reads a stored result by the serializer that the file itself names: a pickle in the
    folder of the results would run code. Quorum's own tasks read only `ValueSerializer`.
    """
    for kind in (get_registry_for_type(Serializer) or {}).values():
        if not issubclass(kind, ValueSerializer):
            setattr(kind, "loads", _refuse)  # noqa: B010 - no setting forbids a serializer


def _refuse(serializer: Any, _blob: bytes) -> Any:
    raise PermanentError(message("foreign-result", kind=str(serializer.type)[:40]))


refuse_foreign_results()


class _Memo:
    """A cache of parsed results by the hash of the bytes."""

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
    """The lock manager of this installation: lock files on a single machine."""
    return FileLocks(RESULTS / "locks")


_LOCKS = build_locks()


@dataclass
class SharedWork(CachePolicy):
    """
    Prefect's cache policy for tasks with the parameter `key: ShareKey`.

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
        """The file name of the result: the key and the hash of the value's format."""
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
    """Options of a shared task with a result of the type named `value`, kept for `life`."""
    return SharedOptions(
        cache_policy=SharedWork(value=value),
        cache_expiration=life,
        cache_result_in_memory=False,
        result_storage=RESULTS,
        result_serializer=SERIALIZERS[value],
    )
