"""A GET for a feed: limited in time and size, failures classed and coded.

    url -> fetch -> FeedResponse | TransientError | PermanentError

A client lives for a single fetch: feeds are read every half hour, and each flow may run in a
different event loop. A failure names the cause only; the caller names the feed.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import httpx

from trading.domain.errors import PermanentError, TransientError
from trading.domain.messages import Message, message

TIMEOUT_SECONDS = 8.0
MAX_BODY_BYTES = 2_000_000
MAX_REDIRECTS = 3
USER_AGENT = "Mozilla/5.0 (compatible; Quorum/0.1; news reader)"
"""Several publishers refuse an agent that does not start like a browser's."""

PAYMENT_REQUIRED = 402
FORBIDDEN = 403
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResponse:
    """A 2xx or 304 answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def fetch(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> FeedResponse:
    """
    Read an address.

    Raises:
        TransientError: no answer in time, no connection, 429 or 5xx.
        PermanentError: any other status, or a body above `MAX_BODY_BYTES`.
    """
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            httpx.AsyncClient(
                timeout=timeout_seconds,
                follow_redirects=True,
                max_redirects=MAX_REDIRECTS,
                verify=_tls_context(),
            ) as client,
            client.stream(
                "GET", url, headers={"user-agent": USER_AGENT, **(headers or {})}, params=params
            ) as response,
        ):
            _check_status(response)
            return FeedResponse(
                status=response.status_code,
                headers=dict(response.headers),
                body=await _read(response),
            )
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL):
        raise TransientError(message("feed-no-answer")) from None


@cache
def _tls_context() -> ssl.SSLContext:
    """The trusted authorities, read once per process: reading takes 30 ms of CPU."""
    return httpx.create_ssl_context()


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == 304 or 200 <= status < 300:
        return
    cause = _describe(response)
    if status == TOO_MANY_REQUESTS or status >= 500:
        retry_after = response.headers.get("retry-after", "")
        wait = float(retry_after) if retry_after.isdecimal() else None
        raise TransientError(cause, retry_after_seconds=wait)
    raise PermanentError(cause)


def _describe(response: httpx.Response) -> Message:
    match response.status_code:
        case status if status == PAYMENT_REQUIRED:
            return message("feed-no-credits")
        case status if status == FORBIDDEN:
            return message("feed-forbidden")
        case status if status == TOO_MANY_REQUESTS and (until := _read_reset(response)):
            return message("feed-limited-until", until=until)
        case status:
            return message("feed-status", status=status)


def _read_reset(response: httpx.Response) -> datetime | None:
    """`x-rate-limit-reset`, unix seconds (docs.x.com, rate limits, read 2026-11-30)."""
    reset = response.headers.get("x-rate-limit-reset", "")
    try:
        return datetime.fromtimestamp(int(reset), tz=UTC) if reset.isdecimal() else None
    except (ValueError, OverflowError, OSError):
        return None


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise PermanentError(message("feed-too-large", megabytes=MAX_BODY_BYTES // 1_000_000))
    return bytes(body)
