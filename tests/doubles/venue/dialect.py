"""What both dialects share: a question, a reply, a window of weights, the public prices."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """Of the query and a form body."""
        form = dict(parse_qsl(self.body)) if self.body and self.body[0] != "{" else {}
        return {**dict(parse_qsl(self.query)), **form}

    @property
    def json(self) -> dict[str, Any]:
        """Of a JSON body, numbers exact."""
        found: dict[str, Any] = json.loads(self.body, parse_float=Decimal) if self.body else {}
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer."""

    body: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeated: bool = False


@dataclass(slots=True)
class Counter:
    """Weights in windows; how long everything is refused."""

    limit: int
    window_ms: int
    window: int = -1
    used: int = 0
    blocked_until: int = 0

    def take(self, weight: int, *, now_ms: int) -> int:
        """Milliseconds to stay away, 0 when it is fine."""
        if now_ms < self.blocked_until:
            return self.blocked_until - now_ms
        if now_ms // self.window_ms != self.window:
            self.window, self.used = now_ms // self.window_ms, 0
        self.used += weight
        if self.used > self.limit:
            self.blocked_until = (self.window + 1) * self.window_ms
            return self.blocked_until - now_ms
        return 0


def sign(secret: str, text: str) -> str:
    """HMAC-SHA256 in hex, as both venues want it."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def write(number: Decimal) -> str:
    """Plain digits."""
    return format(number, "f")
