"""Doubles of the providers that speak chat completions with differences of their own.

Read 2026-11-30:
- OpenRouter: openrouter.ai/docs/use-cases/usage-accounting (`usage.cost` in dollars always),
  /docs/api/reference/errors (an error may come with status 200), /docs/structured-outputs.
- Gemini: ai.google.dev/gemini-api/docs/openai (ids listed as models/NAME; errors in a list).
- xAI: docs.x.ai/developers/models (Grok 4.3: efforts none, low, medium, high, xhigh); thinking is
  counted beside `completion_tokens` and inside `total_tokens`.
- Qwen: alibabacloud.com/help/en/model-studio (JSON mode wants the word json and no thinking).
- Ollama: docs/api/openai-compatibility.mdx in ollama/ollama (max_tokens, response_format,
  reasoning_effort; no max_completion_tokens, no tool_choice).
- compatible: a vLLM server.
"""

from collections.abc import Mapping

from tests.doubles.vendors.base import (
    Body,
    Refusal,
    Vendor,
    asks_for_json,
    asks_for_schema,
    find_loose_schema,
    list_openai_style,
    refuse,
)

KIND = "invalid_request_error"
COUNTS = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}


def _refuse_openrouter(model: str) -> Refusal:
    body = {"error": {"message": f"{model} is not a valid model ID", "code": 400}}
    return Refusal(status=400, body=body)


def _refuse_gemini(model: str) -> Refusal:
    message = f"models/{model} is not found for API version v1main"
    error = {"code": 404, "message": message, "status": "NOT_FOUND"}
    return Refusal(status=404, body=[{"error": error}])


def _refuse_xai(model: str) -> Refusal:
    body = {
        "code": "Some requested entity was not found",
        "error": f"The model {model} does not exist or your team does not have access to it.",
    }
    return Refusal(status=404, body=body)


def _refuse_qwen(model: str) -> Refusal:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refuse(404, message, code="model_not_found", kind=KIND)


def _refuse_ollama(model: str) -> Refusal:
    return refuse(404, f"model '{model}' not found", code=None, kind="not_found_error")


def _refuse_compatible(model: str) -> Refusal:
    return refuse(404, f"The model `{model}` does not exist.", code=404, kind="NotFoundError")


def _check_schema(body: Body) -> Refusal | None:
    if asks_for_schema(body) and (loose := find_loose_schema(body)):
        return refuse(400, f"Invalid schema: {loose}", code=400, kind=KIND)
    return None


def _check_openrouter(body: Body) -> Refusal | None:
    if not body.get("provider", {}).get("require_parameters"):
        return refuse(400, "the schema would be ignored", code=400, kind=KIND)
    return _check_schema(body)


def _check_xai(body: Body) -> Refusal | None:
    efforts = {"none", "low", "medium", "high", "xhigh"}
    if body.get("reasoning_effort", "low") not in efforts:
        return Refusal(status=400, body={"code": "Client specified an invalid argument"})
    return _check_schema(body)


def _check_qwen(body: Body) -> Refusal | None:
    if asks_for_json(body) and "json" not in str(body["messages"]).lower():
        message = "'messages' must contain the word 'json' in some form"
        return refuse(400, message, code="invalid_parameter_error", kind=KIND)
    if asks_for_json(body) and body.get("enable_thinking", True):
        message = "Json mode response is not supported when enable_thinking is true"
        return refuse(400, message, code="invalid_parameter_error", kind=KIND)
    if asks_for_schema(body):
        message = "response_format json_schema is not supported by this model"
        return refuse(400, message, code="invalid_parameter_error", kind=KIND)
    return None


def _check_ollama(body: Body) -> Refusal | None:
    if "max_completion_tokens" in body or "tool_choice" in body:
        return refuse(400, "a field that Ollama would ignore", code=None, kind=KIND)
    return None


def _count_openrouter(body: Body) -> Body:
    del body
    return COUNTS | {"cost": 0.000321, "prompt_tokens_details": {"cached_tokens": 400}}


def _count_beside(body: Body) -> Body:
    """Thinking is billed beside the completion."""
    del body
    return {
        "prompt_tokens": 1000,
        "completion_tokens": 12,
        "total_tokens": 3012,
        "prompt_tokens_details": {"cached_tokens": 400},
        "completion_tokens_details": {"reasoning_tokens": 2000},
    }


def _count_plain(body: Body) -> Body:
    del body
    return dict(COUNTS)


def _list_gemini(models: Mapping[str, str | None]) -> Body:
    return list_openai_style({f"models/{name}": None for name in models})


OPENROUTER = Vendor(
    name="openrouter",
    models={"qwen/qwen3.7-plus": None, "mistralai/mistral-large": None},
    refuse_model=_refuse_openrouter,
    check=_check_openrouter,
    count=_count_openrouter,
    list_models=list_openai_style,
)
GEMINI = Vendor(
    name="gemini",
    models={"gemini-3.8-flash": None},
    refuse_model=_refuse_gemini,
    check=_check_schema,
    count=_count_beside,
    list_models=_list_gemini,
)
XAI = Vendor(
    name="xai",
    models={"grok-4.3": None},
    refuse_model=_refuse_xai,
    check=_check_xai,
    count=_count_beside,
    list_models=list_openai_style,
)
QWEN = Vendor(
    name="qwen",
    models={"qwen3.7-plus": None},
    refuse_model=_refuse_qwen,
    check=_check_qwen,
    count=_count_plain,
    list_models=list_openai_style,
)
OLLAMA = Vendor(
    name="ollama",
    models={"qwen3:8b": None, "gpt-oss:20b": None},
    refuse_model=_refuse_ollama,
    check=_check_ollama,
    count=_count_plain,
    list_models=list_openai_style,
)
COMPATIBLE = Vendor(
    name="compatible",
    models={"Mistral-Small-4": None},
    refuse_model=_refuse_compatible,
    check=_check_schema,
    count=_count_plain,
    list_models=list_openai_style,
)
