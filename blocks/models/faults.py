"""Faults: why a vendor gave no answer, in our words, and whether a second try makes sense.

    status, headers, body of an error -> explain_status -> Abstained
    a failed connection               -> explain_lost_line -> Abstained

Vendors' error texts quote keys, so only known marks are looked for and no word is passed on.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from trading.council.decisions import Abstention, Exchange, Usage
from trading.council.seat_faults import SeatFault

DEFAULT_PAUSE_SECONDS = 0.5
"""Before the second try, when the vendor names no time."""


class Abstained(Exception):
    """
    No answer.

    Args:
        abstention: the kind of failure.
        detail: the failure in our words.
        usage: tokens and dollars that the failed call took.
        pause_seconds: after which a second try makes sense; None for never.
        exchange: the raw answer, when the vendor sent one.
    """

    def __init__(
        self,
        abstention: Abstention,
        *,
        detail: str,
        usage: Usage | None = None,
        pause_seconds: float | None = None,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__(detail)
        self.abstention = abstention
        self.detail = detail
        self.usage = usage or Usage()
        self.pause_seconds = pause_seconds
        self.exchange = exchange


def has_never_stood(cause: BaseException | None) -> bool:
    """Whether a request failed before any byte of the question left this machine."""
    return type(cause).__name__ in _NEVER_SENT


def explain_lost_line(cause: BaseException | None, *, bound: Decimal) -> Abstained:
    """
    A connection that failed: free before the question was sent, else charged at the bound.

    Args:
        cause: the HTTP library's own error, recognized by name: each SDK brings its library.
        bound: maximum dollars of an answer: the vendor may have made and charged the answer.
    """
    return Abstained(
        Abstention.UNAVAILABLE,
        detail=SeatFault.LINE,
        usage=Usage() if has_never_stood(cause) else Usage(cost_usd=bound),
        pause_seconds=DEFAULT_PAUSE_SECONDS,
    )


def explain_status(status: int, *, headers: Mapping[str, str], body: str) -> Abstained:
    """
    An HTTP error in our words.

    408, 429 and 5xx may be tried once more after the vendor's Retry-After, unless the body names a
    lasting cause or the vendor sends `x-should-retry: false`; every other status is final.
    """
    lasting = _find_lasting_fault(status, body.lower())
    fault = lasting or _STATUS_FAULTS.get(status)
    is_passing = lasting is None and (status in {408, 429} or status >= 500)
    may_retry = is_passing and headers.get("x-should-retry", "").lower() != "false"
    return Abstained(
        Abstention.UNAVAILABLE,
        detail=fault or f"the vendor answered {status}",
        pause_seconds=_read_pause(headers) if may_retry else None,
    )


def _find_lasting_fault(status: int, body: str) -> SeatFault | None:
    if status >= 500 or status == 401:
        return None
    return next((fault for mark, fault in _MARKS.items() if mark in body), None)


def _read_pause(headers: Mapping[str, str]) -> float:
    """Seconds from `retry-after-ms`, or from `retry-after` as seconds or as an HTTP date."""
    milliseconds, text = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            seconds = float(milliseconds) / 1000
        else:
            seconds = DEFAULT_PAUSE_SECONDS if text is None else float(text)
    except ValueError:
        seconds = _read_date(text or "")
    return seconds if 0 <= seconds < float("inf") else DEFAULT_PAUSE_SECONDS


def _read_date(text: str) -> float:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return DEFAULT_PAUSE_SECONDS
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


_NEVER_SENT = {
    "ConnectError",
    "ConnectTimeout",
    "PoolTimeout",
    "ProxyError",
    "LocalProtocolError",
    "UnsupportedProtocol",
}

_STATUS_FAULTS = {
    400: SeatFault.REQUEST,
    401: SeatFault.KEY,
    402: SeatFault.FUNDS,
    403: SeatFault.RIGHTS,
    404: SeatFault.GONE,
    410: SeatFault.GONE,
    422: SeatFault.REQUEST,
    429: SeatFault.RATE,
    451: SeatFault.REGION,
    529: SeatFault.LOAD,
}

_MARKS = {
    "insufficient_quota": SeatFault.QUOTA,
    "credit balance is too low": SeatFault.FUNDS,
    "insufficient balance": SeatFault.FUNDS,
    "arrearage": SeatFault.FUNDS,
    "unsupported_country_region_territory": SeatFault.REGION,
    "user location is not supported": SeatFault.REGION,
    "api key not valid": SeatFault.KEY,
    "incorrect api key": SeatFault.KEY,
    "model_not_found": SeatFault.GONE,
    "model not exist": SeatFault.GONE,
    "is not a valid model id": SeatFault.GONE,
}
"""Lasting causes by a mark in the error's body: OpenAI, Anthropic, DeepSeek, DashScope, OpenAI,
Gemini, Gemini, xAI, OpenAI and DashScope, DeepSeek, OpenRouter (read 2026-11-30)."""
