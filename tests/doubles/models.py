"""The model double: an HTTP server that speaks chat completions and messages.

    unchanged SDK -> POST /openai/v1/chat/completions | /anthropic/v1/messages -> scripted answer

Each vendor answers from its own script, the last entry for ever. Every request is in the journal,
with its body and the time of its arrival, so that a test can count calls and search prompts.
Faults are scripted like answers: statuses, a Retry-After, a cut body, a dropped line.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

VOTE: dict[str, Any] = {
    "action": "open_long",
    "confidence": 80,
    "stop_pct": 0.9,
    "target_pct": 1.8,
    "reasons": ["1h trends up."],
    "would_change_mind": "A close below the slow average.",
}


def answer_text(action: str, **changes: Any) -> str:
    """A well-formed answer with that action."""
    levels = {} if action.startswith("open") else {"stop_pct": None, "target_pct": None}
    return json.dumps(VOTE | {"action": action} | levels | changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """
    One answer.

    Attributes:
        text: what the model says; None means `VOTE`. A function gets the request's body.
        latency_seconds: before anything is sent.
        status, headers: of the HTTP answer; above 399 the body is an error that quotes the key.
        stop: "" for a complete answer, "length" or "refusal".
        body: sent instead of a well-formed answer.
        drop: the line is cut before an answer.
        usage: False leaves the token counts out.
    """

    text: str | Callable[[dict[str, Any]], str] | None = None
    latency_seconds: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stop: str = ""
    body: bytes | None = None
    drop: bool = False
    usage: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: its path, headers and body, and when it came (monotonic seconds)."""

    vendor: str
    headers: dict[str, str]
    body: dict[str, Any]
    at: float


@dataclass(slots=True, kw_only=True)
class VendorDouble:
    """One vendor's script."""

    name: str
    script: list[Script] = field(default_factory=lambda: [Script()])

    def answer_with(self, *script: Script) -> None:
        """Replace the script; its last entry is repeated for ever."""
        self.script = list(script)

    def next(self) -> Script:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@dataclass(slots=True, kw_only=True)
class ModelDouble:
    """A running double; `url` ends without a slash."""

    url: str = ""
    journal: list[Call] = field(default_factory=list)
    openai: VendorDouble = field(default_factory=lambda: VendorDouble(name="openai"))
    deepseek: VendorDouble = field(default_factory=lambda: VendorDouble(name="deepseek"))
    anthropic: VendorDouble = field(default_factory=lambda: VendorDouble(name="anthropic"))

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
    for vendor in (double.openai, double.deepseek):
        app.router.add_post(f"/{vendor.name}/v1/chat/completions", _handler(double, vendor, _chat))
    app.router.add_post("/anthropic/v1/messages", _handler(double, double.anthropic, _message))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    double.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield double
    finally:
        await runner.cleanup()


def _handler(
    double: ModelDouble, vendor: VendorDouble, build: Callable[[Script, dict[str, Any]], Any]
) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        double.journal.append(
            Call(
                vendor=vendor.name,
                headers=dict(request.headers),
                body=body,
                at=time.monotonic(),
            )
        )
        script = vendor.next()
        await asyncio.sleep(script.latency_seconds)
        if script.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if script.status >= 400:
            key = request.headers.get("authorization") or request.headers.get("x-api-key", "")
            error = {"error": {"type": "scripted", "message": f"Incorrect API key: {key}"}}
            return web.json_response(error, status=script.status, headers=script.headers)
        if script.body is not None:
            return web.Response(
                body=script.body, content_type="application/json", headers=script.headers
            )
        return web.json_response(build(script, body), headers=script.headers)

    return handle


def _say(script: Script, body: dict[str, Any]) -> str:
    if callable(script.text):
        return script.text(body)
    return json.dumps(VOTE) if script.text is None else script.text


def _chat(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    text = _say(script, body)
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": None}
    if "tools" in body:
        function = {"name": body["tools"][0]["function"]["name"], "arguments": text}
        call = {"id": "call_1", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    if script.stop == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    reply: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if script.stop == "length" else "stop",
                "message": message,
            }
        ],
    }
    if script.usage:
        cached = (
            {"prompt_cache_hit_tokens": 400}
            if "tools" in body
            else {"prompt_tokens_details": {"cached_tokens": 400}}
        )
        reply["usage"] = {"prompt_tokens": 1000, "completion_tokens": 100, **cached}
    return reply


def _message(script: Script, body: dict[str, Any]) -> dict[str, Any]:
    stops = {"": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    content = [] if script.stop == "refusal" else [{"type": "text", "text": _say(script, body)}]
    reply: dict[str, Any] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stops[script.stop],
        "stop_sequence": None,
    }
    if script.usage:
        reply["usage"] = {
            "input_tokens": 600,
            "cache_read_input_tokens": 400,
            "cache_creation_input_tokens": 0,
            "output_tokens": 100,
        }
    return reply
