"""Anthropic's double.

Read 2026-11-30 on platform.claude.com/docs: the migration guide of Haiku 5.5 (no sampling
parameters, no prefill, `thinking: enabled` with a budget refused, blocks to be chosen by type),
what's new in Sonnet 5.5 (thinking is adaptive or between_tools, forced tools are errors), the
errors page (form of an error, request-id). Input counts leave out cache reads and writes.
"""

from collections.abc import Mapping

from tests.doubles.vendors.base import Body, Refusal, Script, Vendor, say

SAMPLING = ("temperature", "top_p", "top_k")
THINKING = {
    "claude-haiku-5-5": {"adaptive", "disabled"},
    "claude-sonnet-5-5": {"adaptive", "between_tools"},
    "claude-opus-5-5": {"adaptive"},
}
QUIET = {"disabled", "between_tools"}


def refuse_messages(status: int, kind: str, message: str) -> Refusal:
    """An error in Anthropic's form."""
    error = {"type": kind, "message": message}
    return Refusal(status=status, body={"type": "error", "error": error, "request_id": "req_1"})


def _refuse_model(model: str) -> Refusal:
    return refuse_messages(404, "not_found_error", f"model: {model}")


def _check(body: Body) -> Refusal | None:
    wrong = _find_fault(body)
    return refuse_messages(400, "invalid_request_error", wrong) if wrong else None


def _find_fault(body: Body) -> str:
    if sent := [name for name in SAMPLING if name in body]:
        return f"{sent[0]} is not supported on this model"
    if body["messages"][-1]["role"] == "assistant":
        return "This model does not support assistant message prefill."
    mode = body.get("thinking", {}).get("type", "adaptive")
    if mode not in THINKING[body["model"]]:
        return f"thinking.type.{mode} is not supported on this model"
    forced = body.get("tool_choice", {}).get("type") in {"tool", "any"}
    if forced and (body["model"] != "claude-haiku-5-5" or mode != "disabled"):
        return "tool_choice: forced tool use is not supported on this model"
    return "response_format: Extra inputs are not permitted" if "response_format" in body else ""


def _count(body: Body) -> Body:
    del body
    return {
        "input_tokens": 600,
        "cache_read_input_tokens": 400,
        "cache_creation_input_tokens": 0,
        "output_tokens": 100,
    }


def _list(models: Mapping[str, str | None]) -> Body:
    rows = [
        {"id": name, "type": "model", "display_name": name, "created_at": "2026-10-07T00:00:00Z"}
        for name in models
    ]
    return {"data": rows, "has_more": False, "first_id": None, "last_id": None}


def build_message(script: Script, body: Body, *, usage: Body, number: int) -> Body:
    """A message; a thinking block stands first unless thinking is off."""
    stops = {"": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    content: list[Body] = []
    if body.get("thinking", {}).get("type") not in QUIET:
        content.append({"type": "thinking", "thinking": "", "signature": "x"})
    if script.stop != "refusal":
        content.append({"type": "text", "text": say(script, body)})
    reply: Body = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stops[script.stop],
        "stop_sequence": None,
    }
    if script.usage:
        reply["usage"] = usage if script.usage is True else script.usage
    return reply | script.extra


ANTHROPIC = Vendor(
    name="anthropic",
    models=dict.fromkeys(THINKING),
    refuse_model=_refuse_model,
    check=_check,
    count=_count,
    list_models=_list,
    is_messages=True,
)
