"""OpenAI's double.

Read 2026-11-30: developers.openai.com/api/docs/models/gpt-6-luna (efforts none, low, medium, high,
xhigh, max; function tools on chat completions only with effort none), /api/docs/deprecations
(gpt-5-mini shuts down 2026-12-11; `shutdown_date` in GET /v1/models, a date or null), the
structured outputs guide (strict schemas), the SDK's types (reasoning models refuse max_tokens).
"""

from collections.abc import Mapping

from tests.doubles.vendors.base import (
    Body,
    Refusal,
    Vendor,
    asks_for_schema,
    find_loose_schema,
    refuse,
)

EFFORTS = {"none", "low", "medium", "high", "xhigh", "max"}
KIND = "invalid_request_error"


def _refuse_model(model: str) -> Refusal:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refuse(404, message, code="model_not_found", kind=KIND)


def _check(body: Body) -> Refusal | None:
    if "max_tokens" in body:
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        return refuse(400, message, code="unsupported_parameter", kind=KIND)
    if body.get("temperature", 1) != 1:
        message = "Unsupported value: 'temperature' does not support this value."
        return refuse(400, message, code="unsupported_value", kind=KIND)
    effort = body.get("reasoning_effort", "medium")
    if effort not in EFFORTS:
        message = f"Unsupported value: 'reasoning_effort' does not support '{effort}'."
        return refuse(400, message, code="unsupported_value", kind=KIND)
    if "tools" in body and effort != "none":
        message = "Function tools with reasoning_effort are not supported in chat completions."
        return refuse(400, message, code="unsupported_parameter", kind=KIND)
    if asks_for_schema(body) and (loose := find_loose_schema(body)):
        return refuse(400, f"Invalid schema: {loose}", code="invalid_json_schema", kind=KIND)
    return None


def _count(body: Body) -> Body:
    del body
    return {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 400, "cache_write_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }


def _list(models: Mapping[str, str | None]) -> Body:
    rows = [
        {"id": name, "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": until}
        for name, until in models.items()
    ]
    return {"object": "list", "data": rows}


OPENAI = Vendor(
    name="openai",
    models={
        "gpt-6-luna": None,
        "gpt-6.1-terra": None,
        "gpt-6.1-sol": None,
        "gpt-5-mini": "2026-12-11",
    },
    refuse_model=_refuse_model,
    check=_check,
    count=_count,
    list_models=_list,
)
