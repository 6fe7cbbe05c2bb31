"""GPT, and DeepSeek by its base URL, through OpenAI's SDK and chat completions.

    Prompt -> POST /chat/completions -> Reply

GPT is held to the schema by `response_format`, DeepSeek by a forced tool call: each by its own
vendor's means. The body is read by our own types from the raw response, because the SDK builds its
objects without checking them and lets a JSONDecodeError out. A client lives for one call: votes
are half an hour apart, and a flow may run in another event loop than the one before.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    OpenAIError,
    Timeout,
)
from pydantic import BaseModel, Field, ValidationError

from blocks.models.answers import ANSWER_SCHEMA
from blocks.models.base import (
    CONNECT_SECONDS,
    MAX_ATTEMPTS,
    Abstained,
    Reply,
    Seat,
    ask_seat,
    explain_lost_line,
    explain_status,
    has_never_stood,
    tls_context,
)
from trading.council.decisions import Abstention, Decision, ModelIdentity, Usage
from trading.council.prompts import Prompt

type OutputMode = Literal["json_schema", "tool"]

_TOOL = "vote"


class _Function(BaseModel):
    name: str
    arguments: str


class _ToolCall(BaseModel):
    function: _Function


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(BaseModel):
    finish_reason: str | None = None
    message: _Message


class _CachedTokens(BaseModel):
    cached_tokens: int | None = Field(None, ge=0)


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    prompt_tokens_details: _CachedTokens | None = None
    prompt_cache_hit_tokens: int | None = Field(None, ge=0)

    @property
    def cached(self) -> int:
        """Never more than there were; OpenAI and DeepSeek say it in different places."""
        details = self.prompt_tokens_details
        told = self.prompt_cache_hit_tokens or (details.cached_tokens if details else None) or 0
        return min(told, self.prompt_tokens)


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1, max_length=1)
    usage: _Usage | None = None


@dataclass(slots=True, kw_only=True)
class OpenAIModel:
    """A model that speaks chat completions."""

    seat: Seat
    identity: ModelIdentity = field(init=False)
    output_mode: OutputMode = "json_schema"
    reasoning_effort: str | None = None

    def __post_init__(self) -> None:
        self.identity = self.seat.identity

    def compute_bound(self, prompt: Prompt) -> Decimal:
        return self.seat.compute_bound(prompt) * MAX_ATTEMPTS

    async def ask(self, prompt: Prompt) -> Decision:
        return await ask_seat(self.seat, prompt, call=lambda: self._call(prompt))

    async def _call(self, prompt: Prompt) -> Reply:
        body = await self._post(prompt)
        try:
            completion = _Completion.model_validate_json(body)
        except ValidationError:
            raise Abstained(
                Abstention.MALFORMED,
                detail="the vendor's answer could not be read",
                usage=Usage(cost_usd=self.seat.compute_bound(prompt)),
            ) from None
        usage = self._count(completion.usage, prompt)
        return Reply(text=self._find_answer(completion.choices[0], usage), usage=usage)

    async def _post(self, prompt: Prompt) -> bytes:
        try:
            async with AsyncOpenAI(
                api_key=self.seat.key.get_secret_value(),
                base_url=self.seat.base_url,
                http_client=DefaultAsyncHttpxClient(
                    verify=tls_context(),
                    timeout=Timeout(self.seat.deadline_seconds, connect=CONNECT_SECONDS),
                ),
                max_retries=0,
            ) as client:
                response = await client.chat.completions.with_raw_response.create(
                    model=self.seat.model,
                    messages=[
                        {"role": "system", "content": prompt.instructions},
                        {
                            "role": "user",
                            "content": f"{prompt.facts_text}\n\n{prompt.position_text}",
                        },
                    ],
                    **self._options(),
                )
                return bytes(response.content)
        except APIStatusError as error:
            retry_after = error.response.headers.get("retry-after")
            raise explain_status(error.status_code, retry_after=retry_after) from None
        except APIConnectionError as error:  # an APITimeoutError is one
            if isinstance(error, APITimeoutError) and not has_never_stood(error.__cause__):
                raise TimeoutError from None
            bound = self.seat.compute_bound(prompt)
            raise explain_lost_line(error.__cause__, bound=bound) from None
        except (OpenAIError, ValueError):  # a JSONDecodeError is a ValueError
            raise Abstained(
                Abstention.MALFORMED, detail="the vendor's answer could not be read"
            ) from None

    def _options(self) -> dict[str, Any]:
        if self.output_mode == "tool":
            function = {
                "name": _TOOL,
                "description": "Cast your vote.",
                "parameters": ANSWER_SCHEMA,
            }
            return {
                "max_tokens": self.seat.max_output_tokens,
                "tools": [{"type": "function", "function": function}],
                "tool_choice": {"type": "function", "function": {"name": _TOOL}},
            }
        schema = {"name": _TOOL, "strict": True, "schema": ANSWER_SCHEMA}
        options: dict[str, Any] = {
            "max_completion_tokens": self.seat.max_output_tokens,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        if self.reasoning_effort:
            options["reasoning_effort"] = self.reasoning_effort
        return options

    def _count(self, usage: _Usage | None, prompt: Prompt) -> Usage:
        if usage is None:
            return Usage(cost_usd=self.seat.compute_bound(prompt))
        return self.seat.compute_usage(
            fresh=usage.prompt_tokens - usage.cached,
            cached=usage.cached,
            output=usage.completion_tokens,
        )

    def _find_answer(self, choice: _Choice, usage: Usage) -> str:
        message, reason = choice.message, choice.finish_reason
        if message.refusal or reason == "content_filter":
            raise Abstained(Abstention.REFUSED, detail="the model declined", usage=usage)
        if reason == "length":
            raise Abstained(Abstention.MALFORMED, detail="cut off at the token cap", usage=usage)
        if self.output_mode == "tool":
            calls = [call.function for call in message.tool_calls or []]
            if len(calls) == 1 and calls[0].name == _TOOL:
                return calls[0].arguments
        elif message.content:
            return message.content
        raise Abstained(Abstention.MALFORMED, detail="no answer in the answer", usage=usage)
