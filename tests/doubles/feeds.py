"""The feed double: an HTTP server with one scripted answer, and what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(slots=True, kw_only=True)
class FeedDouble:
    """
    A running double.

    Attributes:
        etag: when set, sent, and answered with 304 when it comes back.
        asked: the headers and query of each request, names in lower case.
    """

    url: str = ""
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    latency_seconds: float = 0.0
    drop: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        names = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(names | dict(request.query))
        await asyncio.sleep(self.latency_seconds)
        if self.drop:
            assert request.transport is not None
            request.transport.abort()
        headers = self.headers | ({"ETag": self.etag} if self.etag else {})
        if self.etag and names.get("if-none-match") == self.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self.body, status=self.status, headers=headers)


@asynccontextmanager
async def serve_feed() -> AsyncIterator[FeedDouble]:
    """A double on a free loopback port; every path answers the same."""
    double = FeedDouble()
    app = web.Application()
    app.router.add_get("/{path:.*}", double.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()
