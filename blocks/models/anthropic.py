"""Claude, through Anthropic's SDK and messages.

    Prompt -> POST /v1/messages -> Reply

The answer is held to the schema by `output_config`. The body is read by our own types from the
raw response, for the reasons given in `blocks.models.openai`; so is the client's short life.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncAnthropic,
    DefaultAsyncHttpxClient,
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


class _Block(BaseModel):
    type: str
    text: str | None = None


class _Usage(BaseModel):
    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_read_input_tokens: int | None = Field(None, ge=0)
    cache_creation_input_tokens: int | None = Field(None, ge=0)


class _Reply(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage | None = None


@dataclass(slots=True, kw_only=True)
class AnthropicModel:
    """A model that speaks messages."""

    seat: Seat
    identity: ModelIdentity = field(init=False)

    def __post_init__(self) -> None:
        self.identity = self.seat.identity

    def compute_bound(self, prompt: Prompt) -> Decimal:
        return self.seat.compute_bound(prompt) * MAX_ATTEMPTS

    async def ask(self, prompt: Prompt) -> Decision:
        return await ask_seat(self.seat, prompt, call=lambda: self._call(prompt))

    async def _call(self, prompt: Prompt) -> Reply:
        body = await self._post(prompt)
        try:
            reply = _Reply.model_validate_json(body)
        except ValidationError:
            raise Abstained(
                Abstention.MALFORMED,
                detail="the vendor's answer could not be read",
                usage=Usage(cost_usd=self.seat.compute_bound(prompt)),
            ) from None
        usage = self._count(reply.usage, prompt)
        return Reply(text=_find_answer(reply, usage), usage=usage)

    async def _post(self, prompt: Prompt) -> bytes:
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
                    max_tokens=self.seat.max_output_tokens,
                    system=prompt.instructions,
                    messages=[
                        {
                            "role": "user",
                            "content": f"{prompt.facts_text}\n\n{prompt.position_text}",
                        }
                    ],
                    output_config={"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}},
                )
                return await response.read()
        except APIStatusError as error:
            retry_after = error.response.headers.get("retry-after")
            raise explain_status(error.status_code, retry_after=retry_after) from None
        except APIConnectionError as error:  # an APITimeoutError is one
            if isinstance(error, APITimeoutError) and not has_never_stood(error.__cause__):
                raise TimeoutError from None
            bound = self.seat.compute_bound(prompt)
            raise explain_lost_line(error.__cause__, bound=bound) from None
        except (AnthropicError, ValueError):  # a JSONDecodeError is a ValueError
            raise Abstained(
                Abstention.MALFORMED, detail="the vendor's answer could not be read"
            ) from None

    def _count(self, usage: _Usage | None, prompt: Prompt) -> Usage:
        if usage is None:
            return Usage(cost_usd=self.seat.compute_bound(prompt))
        return self.seat.compute_usage(
            fresh=usage.input_tokens + (usage.cache_creation_input_tokens or 0),
            cached=usage.cache_read_input_tokens or 0,
            output=usage.output_tokens,
        )


def _find_answer(reply: _Reply, usage: Usage) -> str:
    if reply.stop_reason == "refusal":
        raise Abstained(Abstention.REFUSED, detail="the model declined", usage=usage)
    if reply.stop_reason in {"max_tokens", "model_context_window_exceeded"}:
        raise Abstained(Abstention.MALFORMED, detail="cut off at the token cap", usage=usage)
    texts = [block.text for block in reply.content if block.type == "text" and block.text]
    if len(texts) != 1:
        raise Abstained(Abstention.MALFORMED, detail="no answer in the answer", usage=usage)
    return texts[0]
