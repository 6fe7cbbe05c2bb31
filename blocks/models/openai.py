"""Chat completions, through OpenAI's SDK: every provider except Anthropic.

    Prompt, dialect -> POST /chat/completions -> Reply

The dialect decides how the answer is held to the schema and which fields the request has. The body
is parsed from the raw response into our own types, because the SDK builds objects without checks
and lets a JSONDecodeError out. A client lives for a single call: votes are half an hour apart, and
a flow may run in another event loop than the flow before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

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

from blocks.models.answers import SCHEMAS
from blocks.models.base import (
    CONNECT_SECONDS,
    MAX_ATTEMPTS,
    Reply,
    Seat,
    ask_seat,
    build_question,
    tls_context,
)
from blocks.models.faults import Abstained, explain_lost_line, explain_status, has_never_stood
from blocks.models.prices import Tokens
from trading.council.decisions import Abstention, Decision, Exchange, ModelIdentity, Usage
from trading.council.prompts import Edition, Prompt

NO_KEY = "none"
"""Sent to servers that want no key: the SDK insists on one."""

UNREADABLE = "the vendor's answer could not be read"
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
    error: Any = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1, max_length=1)
    usage: Any = None
    error: Any = None
    model: str = ""


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _CompletionDetails(BaseModel):
    reasoning_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int | None = None
    prompt_cache_hit_tokens: int | None = None
    prompt_tokens_details: _PromptDetails | None = None
    completion_tokens_details: _CompletionDetails | None = None


@dataclass(slots=True, kw_only=True)
class OpenAIModel:
    """A client of the chat completions API for a model."""

    seat: Seat
    identity: ModelIdentity = field(init=False)

    def __post_init__(self) -> None:
        self.identity = self.seat.identity

    def compute_bound(self, prompt: Prompt) -> Decimal:
        return self.seat.compute_bound(prompt) * MAX_ATTEMPTS

    async def ask(self, prompt: Prompt) -> Decision:
        return await ask_seat(self.seat, prompt, call=lambda: self._call(prompt))

    async def _call(self, prompt: Prompt) -> Reply:
        since = self.seat.clock()
        options = build_options(self.seat)
        body, request_id = await self._post(prompt, options)
        try:
            completion = _Completion.model_validate_json(body)
        except ValidationError:
            completion = None
        usage = self._count(completion, prompt=prompt, since=since)
        exchange = Exchange(
            options=json.dumps(options, sort_keys=True),
            answer=body.decode(errors="replace"),
            answered_by=completion.model if completion else "",
            request_id=request_id,
        )
        try:
            text = _find_answer(completion, is_tool=self.seat.dialect.held_by == "tool")
        except Abstained as failure:
            failure.usage, failure.exchange = usage, exchange
            raise
        return Reply(text=text, usage=usage, exchange=exchange)

    async def _post(self, prompt: Prompt, options: Mapping[str, Any]) -> tuple[bytes, str]:
        """The body of the answer, and the vendor's id of the call."""
        try:
            async with AsyncOpenAI(
                api_key=self.seat.key.get_secret_value() or NO_KEY,
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
                        {"role": "user", "content": build_question(self.seat, prompt)},
                    ],
                    extra_body=dict(options),
                )
                return bytes(response.content), response.headers.get("x-request-id", "")
        except APIStatusError as error:
            raise explain_status(
                error.status_code, headers=error.response.headers, body=error.response.text
            ) from None
        except APIConnectionError as error:  # the base class of APITimeoutError
            if isinstance(error, APITimeoutError) and not has_never_stood(error.__cause__):
                raise TimeoutError from None
            bound = self.seat.compute_bound(prompt)
            raise explain_lost_line(error.__cause__, bound=bound) from None
        except (OpenAIError, ValueError):  # a JSONDecodeError is a ValueError
            raise Abstained(Abstention.MALFORMED, detail=UNREADABLE) from None

    def _count(self, completion: _Completion | None, *, prompt: Prompt, since: datetime) -> Usage:
        told = None if completion is None else completion.usage
        usage = self.seat.compute_usage(_read_tokens(told), prompt=prompt, since=since)
        charged = _read_charge(told, field_name=self.seat.dialect.cost_field)
        return usage if charged is None else replace_cost(usage, charged)


def build_options(seat: Seat, edition: Edition = Edition.V2) -> dict[str, Any]:
    """The request's fields beside the model and the question."""
    dialect = seat.dialect
    options: dict[str, Any] = {dialect.cap_field: seat.token_cap, **dialect.options}
    if dialect.held_by == "tool":
        function = {
            "name": _TOOL,
            "description": "Cast your vote.",
            "parameters": SCHEMAS[edition],
        }
        options["tools"] = [{"type": "function", "function": function}]
        options["tool_choice"] = {"type": "function", "function": {"name": _TOOL}}
    elif dialect.held_by == "json_schema":
        schema = {"name": _TOOL, "strict": True, "schema": SCHEMAS[edition]}
        options["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        options["response_format"] = {"type": "json_object"}
    return options


def replace_cost(usage: Usage, cost_usd: Decimal) -> Usage:
    """The same tokens at the vendor's own charge."""
    return Usage(
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=cost_usd,
    )


def _read_tokens(told: Any) -> Tokens | None:
    """
    The counts, or None for missing or odd counts.

    Vendors report thinking inside `completion_tokens` or beside the field (xAI); the total tells
    the difference.
    """
    try:
        usage = _Usage.model_validate(told)
    except ValidationError:
        return None
    details, thought = usage.prompt_tokens_details, usage.completion_tokens_details
    cached = usage.prompt_cache_hit_tokens or (details.cached_tokens if details else None) or 0
    cached = min(cached, usage.prompt_tokens)
    written = (details.cache_write_tokens if details else None) or 0
    reasoning = (thought.reasoning_tokens if thought else None) or 0
    output = max(usage.completion_tokens, (usage.total_tokens or 0) - usage.prompt_tokens)
    if reasoning > output:
        output += reasoning
    return Tokens(
        input=usage.prompt_tokens,
        cached=cached,
        written=min(written, usage.prompt_tokens - cached),
        output=output,
    )


def _read_charge(told: Any, *, field_name: str) -> Decimal | None:
    """The dollars charged according to the vendor; None without a credible figure."""
    value = told.get(field_name) if field_name and isinstance(told, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        dollars = Decimal(str(value))
    except InvalidOperation:
        return None
    return dollars if dollars.is_finite() and dollars >= 0 else None


def _find_answer(completion: _Completion | None, *, is_tool: bool) -> str:
    """
    The model's text.

    Raises:
        Abstained: when there is none, or when an error beside the text makes the text worthless.
    """
    if completion is None:
        raise Abstained(Abstention.MALFORMED, detail=UNREADABLE)
    choice = completion.choices[0]
    message, reason = choice.message, choice.finish_reason
    if completion.error or choice.error or reason == "error":
        raise Abstained(Abstention.UNAVAILABLE, detail="the vendor reported an error")
    if message.refusal or reason == "content_filter":
        raise Abstained(Abstention.REFUSED, detail="the model declined")
    if reason == "length":
        raise Abstained(Abstention.MALFORMED, detail="cut off at the token cap")
    if is_tool:
        calls = [call.function for call in message.tool_calls or []]
        if len(calls) == 1 and calls[0].name == _TOOL:
            return calls[0].arguments
    elif message.content and not message.content.isspace():
        return message.content
    raise Abstained(Abstention.MALFORMED, detail="no answer in the answer")
