"""DeepSeek's double.

Read 2026-11-30: api-docs.deepseek.com/guides/thinking_mode (thinking is on by default),
/guides/json_mode (the word json in the question; text that is no JSON comes back as blanks with
finish reason stop), /quick_start/pricing (deepseek-flash, deepseek-v4-pro; deepseek-chat was
retired on 2026-07-24), /quick_start/error_codes (400 401 402 422 429 500 503). Texts of refusals:
github.com/deepseek-ai/DeepSeek-V3/issues/1376 and github.com/can1357/oh-my-pi/issues/11505.
"""

from tests.doubles.vendors.base import (
    Body,
    Refusal,
    Vendor,
    asks_for_json,
    asks_for_schema,
    is_forced_tool,
    list_openai_style,
    refuse,
)

KIND = "invalid_request_error"


def _refuse_model(model: str) -> Refusal:
    del model
    return refuse(400, "Model Not Exist", code=KIND, kind=KIND)


def _check(body: Body) -> Refusal | None:
    thinks = body.get("thinking", {}).get("type", "enabled") != "disabled"
    message = ""
    if is_forced_tool(body) and thinks:
        message = "Thinking mode does not support this tool_choice"
    elif asks_for_schema(body):
        message = "This response_format type is unavailable now"
    elif asks_for_json(body) and "json" not in str(body["messages"]).lower():
        message = "Prompt must contain the word 'json' in some form"
    return refuse(400, message, code=KIND, kind=KIND) if message else None


def _count(body: Body) -> Body:
    del body
    return {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_cache_hit_tokens": 400,
        "prompt_cache_miss_tokens": 600,
    }


DEEPSEEK = Vendor(
    name="deepseek",
    models={"deepseek-flash": None, "deepseek-v4-pro": None},
    refuse_model=_refuse_model,
    check=_check,
    count=_count,
    list_models=list_openai_style,
)
