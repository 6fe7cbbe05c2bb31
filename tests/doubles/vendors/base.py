"""The parts that all vendors' doubles share: scripts, refusals, chat completions.

Fields that a document marks as always present are always sent; optional ones come and go by the
number of the call, so that no client may rely on them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

VOTE: dict[str, Any] = {
    "action": "open_long",
    "confidence": 80,
    "win_probability": 55,
    "stop_pct": 0.9,
    "target_pct": 1.8,
    "reasons": ["1h trends up."],
    "would_change_mind": "A close below the slow average.",
}

type Body = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """
    One answer.

    Attributes:
        text: what the model says; None means `VOTE`. A function gets the request's body.
        latency_seconds: before anything is sent.
        status, headers: of the HTTP answer; above 399 the body is an error that quotes the key.
        code: of that error, in the vendor's form.
        stop: "" for a complete answer, "length" or "refusal".
        body: sent instead of a well-formed answer.
        drop: the line is cut before an answer.
        usage: False leaves the token counts out; an object replaces the counts.
        extra: merged into a well-formed answer.
    """

    text: str | Callable[[Body], str] | None = None
    latency_seconds: float = 0.0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    code: str = "scripted"
    stop: str = ""
    body: bytes | None = None
    drop: bool = False
    usage: bool | Body = True
    extra: Body = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An HTTP error in the vendor's own form."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    One vendor's rules.

    Attributes:
        models: served models with their shutdown date, None without one.
        refuse_model: the error for a model that is not served.
        check: the error for a request that the vendor's document forbids; None for a good one.
        count: token counts of an answer, in the vendor's form and as the vendor bills.
        list_models: the body of `GET /models`.
    """

    name: str
    models: Mapping[str, str | None]
    refuse_model: Callable[[str], Refusal]
    check: Callable[[Body], Refusal | None]
    count: Callable[[Body], Body]
    list_models: Callable[[Mapping[str, str | None]], Any]
    is_messages: bool = False


def say(script: Script, body: Body) -> str:
    """The text of a scripted answer."""
    if callable(script.text):
        return script.text(body)
    return json.dumps(VOTE) if script.text is None else script.text


def refuse(status: int, message: str, *, code: str | int | None, kind: str) -> Refusal:
    """An error in OpenAI's form."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Refusal(status=status, body={"error": error})


def list_openai_style(models: Mapping[str, str | None]) -> Body:
    """`GET /models` without dates."""
    rows = [{"id": name, "object": "model", "created": 1, "owned_by": "x"} for name in models]
    return {"object": "list", "data": rows}


def is_forced_tool(body: Body) -> bool:
    """Whether the request forces a tool call."""
    return "tools" in body and str(body.get("tool_choice", "auto")) not in {"auto", "none"}


def asks_for_schema(body: Body) -> bool:
    """Whether the request is held to a JSON schema by `response_format`."""
    return (body.get("response_format") or {}).get("type") == "json_schema"


def asks_for_json(body: Body) -> bool:
    """Whether the request uses JSON mode."""
    return (body.get("response_format") or {}).get("type") == "json_object"


def find_loose_schema(body: Body) -> str:
    """The rule of strict schemas that the request breaks; empty when none."""
    schema = body["response_format"]["json_schema"]
    shape = schema["schema"]
    if not schema.get("strict") or shape.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false"
    if set(shape["required"]) != set(shape["properties"]):
        return "'required' is required to include every key in properties"
    return ""


def build_chat(script: Script, body: Body, *, usage: Body, number: int) -> Body:
    """A chat completion."""
    text = say(script, body)
    message: Body = {"role": "assistant", "content": text}
    if "tools" in body:
        function = {"name": body["tools"][0]["function"]["name"], "arguments": text}
        call = {"id": "call_1", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    if script.stop == "refusal":
        message |= {"content": None, "refusal": "I can't help with that."}
    elif number % 2:
        message |= {"refusal": None, "annotations": []}
    stop = "length" if script.stop == "length" else "stop"
    reply: Body = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "finish_reason": stop, "message": message}],
    }
    if number % 3:
        reply["system_fingerprint"] = "fp_1"
    if script.usage:
        reply["usage"] = usage if script.usage is True else script.usage
    return reply | script.extra
