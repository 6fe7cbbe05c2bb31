"""The seat shared by all language models: a deadline, at most a single second try, and money.

    Prompt -> call() -> Reply -> parse_answer -> Decision
                     -> Abstained --------------> Decision

The SDKs' own retries are off: a call with a transient failure is repeated once here, when
the vendor's Retry-After leaves time for a second try. Interrupted answers, and answers with
missing or odd token counts, are charged their maximum cost: the vendor may have charged for both.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

import httpx
from pydantic import SecretStr

from blocks.models.answers import SCHEMAS, MalformedAnswer, parse_answer
from blocks.models.dialects import THINKING_TOKENS, Dialect
from blocks.models.faults import Abstained
from blocks.models.prices import Prices, Tokens
from trading.council.decisions import Abstention, Decision, Exchange, ModelIdentity, Usage
from trading.council.prompts import Prompt
from trading.council.question.fabrication import find_fabrication
from trading.domain.units import ZERO
from trading.ports import Clock

BYTES_PER_TOKEN = 2
"""At least: real text has three to four in English, more in Russian."""

MAX_ATTEMPTS = 2
CONNECT_SECONDS = 10.0
"""Time for a connection to stand. Shorter than any deadline, so that an outage is recognized as an
outage and not charged as an interrupted answer."""

MOST_TOKENS = 100_000_000
"""A count above this is an error of the vendor, not a count."""

_SCHEMA_TEXTS = {edition: json.dumps(schema) for edition, schema in SCHEMAS.items()}
"""Sent along with every question, and paid for."""


def read_clock() -> datetime:
    """The current instant, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """
    A configured language model.

    Attributes:
        model: the vendor's name of the model.
        key: shown by no repr.
        base_url: the address that gets the key; never empty.
        deadline_seconds: for the answer, the second try included.
        max_output_tokens: the cap of one answer, thinking not counted.
    """

    identity: ModelIdentity
    model: str
    key: SecretStr
    base_url: str
    dialect: Dialect
    prices: Prices
    deadline_seconds: float
    max_output_tokens: int
    clock: Clock = read_clock

    @property
    def token_cap(self) -> int:
        """The cap of the request: thinking counts toward the vendor's cap."""
        return self.max_output_tokens + (THINKING_TOKENS if self.dialect.thinks else 0)

    def compute_bound(self, prompt: Prompt) -> Decimal:
        """Maximum dollars of an answer, at the dearest hour with the whole question uncached."""
        schema = _SCHEMA_TEXTS[prompt.edition]
        text = f"{build_question(self, prompt)}{prompt.instructions}{schema}"
        question = len(text.encode()) // BYTES_PER_TOKEN + 1
        return max(
            self.prices.compute_highest(
                Tokens(input=question, written=written, output=self.token_cap)
            )
            for written in (0, question)
        )

    def compute_usage(self, tokens: Tokens | None, *, prompt: Prompt, since: datetime) -> Usage:
        """
        Usage of an answer: priced by the vendor's counts, at the bound without credible counts.

        Args:
            since: when the question was sent; the dearer hour of sending and answering counts.
        """
        if tokens is None or not _is_credible(tokens):
            return Usage(cost_usd=self.compute_bound(prompt))
        hours = (since, self.clock())
        return Usage(
            input_tokens=tokens.input,
            cached_input_tokens=tokens.cached,
            output_tokens=tokens.output,
            cost_usd=max(self.prices.compute_cost(tokens, at=at) for at in hours),
        )


def build_question(seat: Seat, prompt: Prompt) -> str:
    """The user's message; with the schema where nothing else holds the answer to the schema."""
    question = f"{prompt.facts_text}\n\n{prompt.position_text}"
    if seat.dialect.held_by != "json_object":
        return question
    schema = _SCHEMA_TEXTS[prompt.edition]
    return f"{question}\n\nAnswer with one JSON object of this JSON schema:\n{schema}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A vendor's answer: the text, tokens and cost of the call, the raw body for the cassette."""

    text: str
    usage: Usage
    exchange: Exchange | None = None


async def ask_seat(
    seat: Seat, prompt: Prompt, *, call: Callable[[], Awaitable[Reply]]
) -> Decision:
    """The vote or the abstention of a seat, within the seat's deadline."""
    started = time.monotonic()
    decision = await _decide(seat, prompt, call=call)
    latency_ms = round((time.monotonic() - started) * 1000)
    return replace(decision, usage=replace(decision.usage, latency_ms=latency_ms))


async def _decide(seat: Seat, prompt: Prompt, *, call: Callable[[], Awaitable[Reply]]) -> Decision:
    blank = Decision(
        model=seat.identity,
        proposal=None,
        abstention=Abstention.DEADLINE,
        detail=f"no answer in {seat.deadline_seconds:g} s",
        usage=Usage(cost_usd=seat.compute_bound(prompt) * MAX_ATTEMPTS),
        prompt_hash=prompt.digest,
        prompt_version=prompt.version,
    )
    try:
        async with asyncio.timeout(seat.deadline_seconds):
            reply = await _call_at_most_twice(seat, call=call)
    except TimeoutError:
        return blank
    except Abstained as failure:
        return replace(
            blank,
            abstention=failure.abstention,
            detail=failure.detail,
            usage=failure.usage,
            exchange=failure.exchange,
        )
    answered = replace(blank, usage=reply.usage, exchange=reply.exchange)
    try:
        proposal = parse_answer(reply.text, edition=prompt.edition)
    except MalformedAnswer as failure:
        return replace(answered, abstention=Abstention.MALFORMED, detail=str(failure))
    if made_up := find_fabrication(proposal, prompt.sheet):
        return replace(answered, abstention=Abstention.FABRICATED, detail=made_up)
    return replace(answered, proposal=proposal, abstention=None, detail="")


async def _call_at_most_twice(seat: Seat, *, call: Callable[[], Awaitable[Reply]]) -> Reply:
    """The reply or the failure; either includes the cost of the failed first try."""
    ends_at = time.monotonic() + seat.deadline_seconds
    lost = ZERO
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            reply = await call()
        except Abstained as failure:
            failure.usage = _add_cost(failure.usage, lost)
            pause, lost = failure.pause_seconds, failure.usage.cost_usd
            if attempt == MAX_ATTEMPTS or pause is None or time.monotonic() + pause > ends_at:
                raise
            await asyncio.sleep(pause)
        else:
            return replace(reply, usage=_add_cost(reply.usage, lost))
    raise AssertionError("the last attempt answers or raises")


def _add_cost(usage: Usage, cost_usd: Decimal) -> Usage:
    return replace(usage, cost_usd=usage.cost_usd + cost_usd)


def _is_credible(tokens: Tokens) -> bool:
    return (
        0 <= tokens.cached + tokens.written <= tokens.input <= MOST_TOKENS
        and min(tokens.cached, tokens.written) >= 0
        and tokens.input > 0
        and 0 <= tokens.output <= MOST_TOKENS
    )


@cache
def tls_context() -> ssl.SSLContext:
    """
    The trusted authorities, read once per process.

    A new client for every call costs 30 ms of CPU, nearly all for reading the authorities; with
    the authorities given, a client costs 0.2 ms.
    """
    return httpx.create_ssl_context()
