"""A GET for a feed: limited in time and size, failures classed and in our words.

    url -> fetch -> Fetched | TransientError | PermanentError

A client lives for a single fetch: feeds are read every half hour, and each flow may run in a
different event loop.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import httpx

from trading.domain.errors import PermanentError, TransientError

TIMEOUT_SECONDS = 10.0
MAX_BODY_BYTES = 1_000_000
MAX_REDIRECTS = 3
USER_AGENT = "Quorum/0.1 (news reader)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedResponse:
    """A 2xx or 304 answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def fetch(
    url: str,
    *,
    feed: str,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> FeedResponse:
    """
    Read an address for the named feed.

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
            _check_status(response, feed=feed)
            return FeedResponse(
                status=response.status_code,
                headers=dict(response.headers),
                body=await _read(response, feed=feed),
            )
    except TimeoutError:
        raise TransientError(f"{feed}: no answer in {timeout_seconds:g} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise TransientError(f"{feed}: the connection failed.") from None


@cache
def _tls_context() -> ssl.SSLContext:
    """The trusted authorities, read once per process: reading takes 30 ms of CPU."""
    return httpx.create_ssl_context()


def _check_status(response: httpx.Response, *, feed: str) -> None:
    status = response.status_code
    if status == 304 or 200 <= status < 300:
        return
    sentence = f"{feed}: answered {status}."
    if status == 429 or status >= 500:
        retry_after = response.headers.get("retry-after", "")
        wait = float(retry_after) if retry_after.isdecimal() else None
        raise TransientError(sentence, retry_after_seconds=wait)
    raise PermanentError(sentence)


async def _read(response: httpx.Response, *, feed: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise PermanentError(f"{feed}: sent more than {MAX_BODY_BYTES // 1_000_000} MB.")
    return bytes(body)
