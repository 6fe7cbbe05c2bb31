"""The model double: an HTTP server that answers, refuses and bills as nine providers do.

    unchanged SDK -> POST /openai/v1/chat/completions | /anthropic/v1/messages | GET /.../models

Each vendor answers from its own script, the last entry for ever; `tests.doubles.vendors` says what
each refuses. Every request is in the journal, with its body and the time of its arrival, so that a
test can count calls and search prompts. Faults are scripted like answers.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.doubles.vendors.anthropic import ANTHROPIC, build_message
from tests.doubles.vendors.base import VOTE, Script, Vendor, build_chat
from tests.doubles.vendors.compatible import COMPATIBLE, GEMINI, OLLAMA, OPENROUTER, QWEN, XAI
from tests.doubles.vendors.deepseek import DEEPSEEK
from tests.doubles.vendors.openai import OPENAI

VENDORS = (
    OPENAI,
    DEEPSEEK,
    ANTHROPIC,
    OPENROUTER,
    GEMINI,
    XAI,
    QWEN,
    OLLAMA,
    COMPATIBLE,
)
VENDOR_NAMES = tuple(vendor.name for vendor in VENDORS)

__all__ = ["VOTE", "Call", "ModelDouble", "Script", "VendorDouble", "answer_text", "serve_models"]


def answer_text(action: str, **changes: Any) -> str:
    """A well-formed answer with that action."""
    levels = {} if action.startswith("open") else {"stop_pct": None, "target_pct": None}
    return json.dumps(VOTE | {"action": action} | levels | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: its path, headers and body, and when it came (monotonic seconds)."""

    vendor: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


@dataclass(slots=True, kw_only=True)
class VendorDouble:
    """One vendor's script, and the models it serves today."""

    vendor: Vendor
    script: list[Script] = field(default_factory=lambda: [Script()])
    models: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        self.models = dict(self.vendor.models)

    @property
    def name(self) -> str:
        return self.vendor.name

    def answer_with(self, *script: Script) -> None:
        """Replace the script; its last entry is repeated for ever."""
        self.script = list(script)

    def retire(self, model: str) -> None:
        """Serve a model no longer."""
        del self.models[model]

    def next(self) -> Script:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


def _open_vendors() -> dict[str, VendorDouble]:
    return {vendor.name: VendorDouble(vendor=vendor) for vendor in VENDORS}


@dataclass(slots=True, kw_only=True)
class ModelDouble:
    """A running double; `url` ends without a slash. Each vendor is an attribute by its name."""

    url: str = ""
    journal: list[Call] = field(default_factory=list)
    vendors: dict[str, VendorDouble] = field(default_factory=_open_vendors)

    def __getattr__(self, name: str) -> VendorDouble:
        if name not in VENDOR_NAMES:
            raise AttributeError(name)
        return self.vendors[name]

    def base_url(self, vendor: str) -> str:
        """What an SDK of that vendor takes as its base URL."""
        return f"{self.url}/{vendor}" + ("" if vendor == "anthropic" else "/v1")

    def count(self, vendor: str) -> int:
        return sum(call.vendor == vendor for call in self.journal)


@asynccontextmanager
async def serve_models() -> AsyncIterator[ModelDouble]:
    """A double on a free loopback port."""
    double = ModelDouble()
    app = web.Application()
    for served in double.vendors.values():
        path = "messages" if served.vendor.is_messages else "chat/completions"
        app.router.add_post(f"/{served.name}/v1/{path}", _answer(double, served))
        app.router.add_get(f"/{served.name}/v1/models", _list_models(served))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()


def _answer(double: ModelDouble, served: VendorDouble) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        double.journal.append(
            Call(
                vendor=served.name,
                headers=dict(request.headers),
                body=body,
                at=time.monotonic(),
            )
        )
        script = served.next()
        await asyncio.sleep(script.latency_seconds)
        if script.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return _respond(request, script, body=body, served=served, number=len(double.journal))

    return handle


def _respond(
    request: web.Request,
    script: Script,
    *,
    body: dict[str, Any],
    served: VendorDouble,
    number: int,
) -> web.Response:
    vendor, headers = served.vendor, script.headers
    if script.status >= 400:
        key = request.headers.get("authorization") or request.headers.get("x-api-key", "")
        error = {"type": script.code, "code": script.code, "message": f"Key {key} is at fault"}
        return web.json_response({"error": error}, status=script.status, headers=headers)
    if script.body is not None:
        return web.Response(body=script.body, content_type="application/json", headers=headers)
    if body["model"] not in served.models:
        refusal = vendor.refuse_model(body["model"])
        return web.json_response(refusal.body, status=refusal.status)
    if (refused := vendor.check(body)) is not None:
        return web.json_response(refused.body, status=refused.status)
    build = build_message if vendor.is_messages else build_chat
    reply = build(script, body, usage=vendor.count(body), number=number)
    return web.json_response(reply, headers={"x-request-id": f"req-{number}"} | headers)


def _list_models(served: VendorDouble) -> Callable[[web.Request], Any]:
    async def handle(_: web.Request) -> web.Response:
        return web.json_response(served.vendor.list_models(served.models))

    return handle
