"""Claude, through Anthropic's SDK and messages.

    Prompt, dialect -> POST /v1/messages -> Reply

The answer is held to the schema by `output_config`. The body is read by our own types from the
raw response, for the reasons given in `blocks.models.openai`; so is the client's short life.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
    DefaultAsyncHttpxClient,
    Timeout,
)
from pydantic import BaseModel, ValidationError

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
from trading.council.decisions import Abstention, Decision, Exchange, ModelIdentity
from trading.council.prompts import Edition, Prompt

UNREADABLE = "the vendor's answer could not be read"


class _Block(BaseModel):
    type: str
    text: str | None = None


class _Reply(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: Any = None
    error: Any = None
    model: str = ""


class _Usage(BaseModel):
    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


@dataclass(slots=True, kw_only=True)
class AnthropicModel:
    """A client of the messages API for a model."""

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
            reply = _Reply.model_validate_json(body)
        except ValidationError:
            reply = None
        tokens = None if reply is None else _read_tokens(reply.usage)
        usage = self.seat.compute_usage(tokens, prompt=prompt, since=since)
        exchange = Exchange(
            options=json.dumps(options, sort_keys=True),
            answer=body.decode(errors="replace"),
            answered_by=reply.model if reply else "",
            request_id=request_id,
        )
        try:
            text = _find_answer(reply)
        except Abstained as failure:
            failure.usage, failure.exchange = usage, exchange
            raise
        return Reply(text=text, usage=usage, exchange=exchange)

    async def _post(self, prompt: Prompt, options: dict[str, Any]) -> tuple[bytes, str]:
        """The body of the answer, and the vendor's id of the call."""
        try:
            async with AsyncAnthropic(
                api_key=self.seat.key.get_secret_value(),
                base_url=self.seat.base_url,
                http_client=DefaultAsyncHttpxClient(
                    verify=tls_context(),
                    timeout=Timeout(self.seat.deadline_seconds, connect=CONNECT_SECONDS),
                ),
                max_retries=0,
            ) as client:
                response = await client.messages.with_raw_response.create(
                    model=self.seat.model,
                    max_tokens=self.seat.token_cap,
                    system=prompt.instructions,
                    messages=[{"role": "user", "content": build_question(self.seat, prompt)}],
                    extra_body=options,
                )
                return await response.read(), response.headers.get("request-id", "")
        except APIStatusError as error:
            raise explain_status(
                error.status_code, headers=error.response.headers, body=error.response.text
            ) from None
        except APIConnectionError as error:  # the base class of APITimeoutError
            if isinstance(error, APITimeoutError) and not has_never_stood(error.__cause__):
                raise TimeoutError from None
            bound = self.seat.compute_bound(prompt)
            raise explain_lost_line(error.__cause__, bound=bound) from None
        except (AnthropicError, ValueError):  # a JSONDecodeError is a ValueError
            raise Abstained(Abstention.MALFORMED, detail=UNREADABLE) from None


def build_options(seat: Seat, edition: Edition = Edition.V2) -> dict[str, Any]:
    """The request's fields beside the model, the cap and the question."""
    schema = {"type": "json_schema", "schema": SCHEMAS[edition]}
    return {**seat.dialect.options, "output_config": {"format": schema}}


def _read_tokens(told: Any) -> Tokens | None:
    """The counts, or None for missing or odd counts; `input_tokens` lacks the cached tokens."""
    try:
        usage = _Usage.model_validate(told)
    except ValidationError:
        return None
    cached = usage.cache_read_input_tokens or 0
    written = usage.cache_creation_input_tokens or 0
    return Tokens(
        input=usage.input_tokens + cached + written,
        cached=cached,
        written=written,
        output=usage.output_tokens,
    )


def _find_answer(reply: _Reply | None) -> str:
    """
    The model's text; thinking blocks may stand before the text.

    Raises:
        Abstained: when there is none.
    """
    if reply is None:
        raise Abstained(Abstention.MALFORMED, detail=UNREADABLE)
    if reply.error:
        raise Abstained(Abstention.UNAVAILABLE, detail="the vendor reported an error")
    if reply.stop_reason == "refusal":
        raise Abstained(Abstention.REFUSED, detail="the model declined")
    if reply.stop_reason in {"max_tokens", "model_context_window_exceeded"}:
        raise Abstained(Abstention.MALFORMED, detail="cut off at the token cap")
    texts = [block.text for block in reply.content if block.type == "text" and block.text]
    if len(texts) != 1 or texts[0].isspace():
        raise Abstained(Abstention.MALFORMED, detail="no answer in the answer")
    return texts[0]
