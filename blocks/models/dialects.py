"""Providers and dialects: the request format of each model family, as data.

    provider, model -> find_provider, find_dialect -> the client's request

A new model of a known family needs no code; a new family needs a single row. Facts were read on
2026-11-30 in: api-docs.deepseek.com (thinking mode, pricing), platform.claude.com (migration
guides of Haiku 5.5 and Sonnet 5.5), developers.openai.com (gpt-6-luna, deprecations), docs.x.ai
(Grok 4.3), ai.google.dev (OpenAI compatibility), docs.ollama.com and openrouter.ai/docs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from trading.domain.errors import PermanentError
from trading.domain.messages import message

type HeldBy = Literal["json_schema", "tool", "json_object"]

THINKING_TOKENS = 6000
"""Output tokens added to the cap of a model whose thinking counts toward the cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    Request format of a model family.

    Attributes:
        held_by: what holds the answer to the schema; json_object adds the schema to the question.
        cap_field: name of the request field that caps the output.
        options: further fields of the request body.
        thinks: thinking can't be switched off, so the cap grows by `THINKING_TOKENS`.
        cost_field: field of `usage` with the dollars that the vendor charged; empty for none.
    """

    held_by: HeldBy = "json_schema"
    cap_field: str = "max_tokens"
    options: Mapping[str, Any] = field(default_factory=dict)
    thinks: bool = False
    cost_field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """
    An address that serves models.

    Attributes:
        base_url: the provider's own address; empty when the operator has to name one.
        dialects: dialects by the beginning of the model's name; the first match counts.
        maker: maker of all models; empty when the model's name tells the maker.
        price_list: id in `genai-prices`; empty without a list.
        default_model, strong_model: for a seat that names no model; empty when there is none.
        needs_key: False for servers on the operator's own machine.
        is_messages: speaks Anthropic's messages instead of OpenAI's chat completions.
        is_free: calls cost nothing, except of models that `FOREIGN_MARK` names.
    """

    base_url: str
    dialects: tuple[tuple[str, Dialect], ...]
    maker: str = ""
    price_list: str = ""
    default_model: str = ""
    strong_model: str = ""
    needs_key: bool = True
    is_messages: bool = False
    is_free: bool = False


_LOW_EFFORT = Dialect(
    cap_field="max_completion_tokens", options={"reasoning_effort": "low"}, thinks=True
)
_THINKING_OFF = {"thinking": {"type": "disabled"}}

PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        base_url="https://api.openai.com/v1",
        # gpt-6 takes effort none, low, medium, high, xhigh and max; no "minimal".
        dialects=(
            ("gpt-5", _LOW_EFFORT),
            ("gpt-6", _LOW_EFFORT),
            ("o", _LOW_EFFORT),
            ("", Dialect(cap_field="max_completion_tokens")),
        ),
        maker="openai",
        price_list="openai",
        default_model="gpt-6-luna",
        strong_model="gpt-6.1-terra",
    ),
    "anthropic": Provider(
        base_url="https://api.anthropic.com",
        # Thinking counts toward max_tokens. Sonnet 5.5 refuses "disabled"; Opus 5.5 always thinks.
        dialects=(
            ("claude-haiku-5", Dialect(options=_THINKING_OFF)),
            ("claude-sonnet-5-5", Dialect(options={"thinking": {"type": "between_tools"}})),
            ("claude-haiku-4", Dialect()),
            ("", Dialect(thinks=True)),
        ),
        maker="anthropic",
        price_list="anthropic",
        default_model="claude-haiku-5-5",
        strong_model="claude-sonnet-5-5",
        is_messages=True,
    ),
    "deepseek": Provider(
        base_url="https://api.deepseek.com/v1",
        # Thinks by default and refuses a forced tool then; json_schema is refused always.
        dialects=(("", Dialect(held_by="tool", options=_THINKING_OFF)),),
        maker="deepseek",
        price_list="deepseek",
        default_model="deepseek-flash",
        strong_model="deepseek-v4-pro",
    ),
    "openrouter": Provider(
        base_url="https://openrouter.ai/api/v1",
        # Without require_parameters a host may answer and ignore response_format.
        dialects=(
            (
                "",
                Dialect(
                    options={"provider": {"require_parameters": True}},
                    thinks=True,
                    cost_field="cost",
                ),
            ),
        ),
        price_list="openrouter",
    ),
    "gemini": Provider(
        base_url="https://generativelanguage.googleapis.com/v1beta/openai/",
        dialects=(("", Dialect(options={"reasoning_effort": "low"}, thinks=True)),),
        maker="google",
        price_list="google",
        default_model="gemini-3.8-flash",
    ),
    "xai": Provider(
        base_url="https://api.x.ai/v1",
        # Grok 4.3 and later take an effort; earlier models refuse the field.
        dialects=(
            ("grok-4.3", _LOW_EFFORT),
            ("grok-4.5", _LOW_EFFORT),
            ("", Dialect(cap_field="max_completion_tokens", thinks=True)),
        ),
        maker="xai",
        price_list="x-ai",
        default_model="grok-4.3",
    ),
    "qwen": Provider(
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        # Only some models take json_schema; JSON mode wants the word JSON in the question.
        dialects=(("", Dialect(held_by="json_object", options={"enable_thinking": False})),),
        maker="qwen",
        default_model="qwen3.7-plus",
    ),
    "ollama": Provider(
        base_url="http://localhost:11434/v1",
        dialects=(("", Dialect(options={"reasoning_effort": "none"})),),
        needs_key=False,
        is_free=True,
    ),
    "compatible": Provider(
        base_url="",
        dialects=(("", Dialect(thinks=True)),),
        needs_key=False,
    ),
}
"""Providers by the name that a seat begins with."""

FOREIGN_MARK = "cloud"
"""How the tag of an Ollama model ends that runs, and costs, at Ollama's own servers."""

_MAKERS = {
    "openai": "openai",
    "gpt": "openai",
    "anthropic": "anthropic",
    "claude": "anthropic",
    "deepseek": "deepseek",
    "google": "google",
    "gemini": "google",
    "gemma": "google",
    "x-ai": "xai",
    "grok": "xai",
    "qwen": "qwen",
    "qwq": "qwen",
    "alibaba": "qwen",
    "mistral": "mistral",
    "mixtral": "mistral",
    "ministral": "mistral",
    "magistral": "mistral",
    "meta-llama": "meta",
    "llama": "meta",
    "phi": "microsoft",
    "microsoft": "microsoft",
    "z-ai": "zai",
    "glm": "zai",
    "moonshotai": "moonshotai",
    "kimi": "moonshotai",
}
"""Makers by how a model's name, or the folder in front of the name, begins."""


def find_provider(name: str) -> Provider:
    """
    Find the provider with the name.

    Raises:
        PermanentError: for an unknown name.
    """
    if name not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise PermanentError(message("seat-provider-unknown", provider=name, known=known))
    return PROVIDERS[name]


def find_dialect(provider: str, model: str) -> Dialect:
    """The dialect of a model: the first row whose beginning the model's name has."""
    rows = find_provider(provider).dialects
    return next(dialect for start, dialect in rows if model.startswith(start))


def find_maker(provider: str, model: str) -> str:
    """
    The maker of a model: the voice of the model in the council.

    Models of an unknown maker at the same host share the host's voice, so that several names for
    the same model never make a quorum.
    """
    if maker := find_provider(provider).maker:
        return maker
    folder, _, name = model.lower().lstrip("~").partition("/")
    for part in (folder, name.rpartition("/")[2]):
        for start, maker in _MAKERS.items():
            if part.startswith(start):
                return maker
    return folder if provider == "openrouter" and name else provider
