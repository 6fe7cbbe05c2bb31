"""What all language models share: a deadline, at most one repetition, money, and scrubbed words.

    Prompt -> call() -> Reply -> parse_answer -> Decision
                     -> Abstained --------------> Decision

The SDKs' own retries are off; here a call that failed for a passing reason is repeated once, when
the vendor's Retry-After leaves time for it. Nothing that a vendor wrote reaches a detail: its
error texts quote keys. Answers that were cut off, by the deadline or with the line, are charged at
their bound, because the vendor may charge for them too and does not say how much.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from functools import cache

import httpx
from pydantic import SecretStr

from blocks.models.answers import ANSWER_SCHEMA, MalformedAnswer, parse_answer
from trading.council.decisions import Abstention, Decision, ModelIdentity, Usage
from trading.council.prompts import Prompt
from trading.domain.units import ZERO

MILLION = Decimal(1_000_000)
BYTES_PER_TOKEN = 2
"""At least: real text has three to four in English, more in Russian."""

MAX_ATTEMPTS = 2
CONNECT_SECONDS = 10.0
"""For a connection to stand; shorter than any deadline, so that an outage is known for what it is
and not charged as an answer that was cut off."""

DEFAULT_PAUSE_SECONDS = 0.5
"""Before the repetition, when the vendor names no time."""

_DOLLAR_STEP = Decimal("0.000001")
_SCHEMA_TEXT = json.dumps(ANSWER_SCHEMA)
"""Goes along with every question, and is paid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Dollars per million tokens, each >= 0."""

    input_usd: Decimal
    cached_input_usd: Decimal
    output_usd: Decimal

    def compute_cost(self, *, fresh: int, cached: int, output: int) -> Decimal:
        """Dollars for so many tokens, rounded up to a millionth."""
        cost = self.input_usd * fresh + self.cached_input_usd * cached + self.output_usd * output
        return (cost / MILLION).quantize(_DOLLAR_STEP, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """
    One configured language model.

    Attributes:
        model: the vendor's name for it.
        key: shown by no repr.
        base_url: None for the vendor's own.
        deadline_seconds: for the answer, the repetition included.
        max_output_tokens: the cap of one answer.
    """

    identity: ModelIdentity
    model: str
    key: SecretStr
    base_url: str | None
    prices: Prices
    deadline_seconds: float
    max_output_tokens: int

    def compute_bound(self, prompt: Prompt) -> Decimal:
        """Dollars that one answer can cost at most: what a budget reserves before the call."""
        text = "\n".join(
            (prompt.instructions, prompt.facts_text, prompt.position_text, _SCHEMA_TEXT)
        )
        tokens = len(text.encode()) // BYTES_PER_TOKEN + 1
        return self.prices.compute_cost(fresh=tokens, cached=0, output=self.max_output_tokens)

    def compute_usage(self, *, fresh: int, cached: int, output: int) -> Usage:
        """What the vendor counted, priced."""
        return Usage(
            input_tokens=fresh + cached,
            cached_input_tokens=cached,
            output_tokens=output,
            cost_usd=self.prices.compute_cost(fresh=fresh, cached=cached, output=output),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: the answer's text and what it took."""

    text: str
    usage: Usage


class Abstained(Exception):
    """
    No answer.

    Args:
        abstention: why.
        detail: our words for it.
        usage: what it took all the same.
        pause_seconds: after which one repetition makes sense; None for never.
    """

    def __init__(
        self,
        abstention: Abstention,
        *,
        detail: str,
        usage: Usage | None = None,
        pause_seconds: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.abstention = abstention
        self.detail = detail
        self.usage = usage or Usage()
        self.pause_seconds = pause_seconds


async def ask_seat(
    seat: Seat, prompt: Prompt, *, call: Callable[[], Awaitable[Reply]]
) -> Decision:
    """The vote or the abstention of one seat, within its deadline."""
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
        )
    try:
        proposal = parse_answer(reply.text)
    except MalformedAnswer as failure:
        return replace(
            blank, abstention=Abstention.MALFORMED, detail=str(failure), usage=reply.usage
        )
    return replace(blank, proposal=proposal, abstention=None, detail="", usage=reply.usage)


async def _call_at_most_twice(seat: Seat, *, call: Callable[[], Awaitable[Reply]]) -> Reply:
    """The reply, or why there is none; either costs what the failed attempts cost as well."""
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
            return Reply(text=reply.text, usage=_add_cost(reply.usage, lost))
    raise AssertionError("the last attempt answers or raises")


def _add_cost(usage: Usage, cost_usd: Decimal) -> Usage:
    return replace(usage, cost_usd=usage.cost_usd + cost_usd)


def has_never_stood(cause: BaseException | None) -> bool:
    """Whether a connection failed before anything could be asked."""
    return type(cause).__name__ in {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def explain_lost_line(cause: BaseException | None, *, bound: Decimal) -> Abstained:
    """
    A connection that failed: for nothing if it never stood, else for all that it may have cost.

    Args:
        cause: the HTTP library's own error. It is known by its name: each SDK brings its library.
        bound: of one answer, dollars: the vendor may have made it, and charges for it.
    """
    never_stood = has_never_stood(cause)
    return Abstained(
        Abstention.UNAVAILABLE,
        detail="the connection failed",
        usage=Usage() if never_stood else Usage(cost_usd=bound),
        pause_seconds=DEFAULT_PAUSE_SECONDS,
    )


@cache
def tls_context() -> ssl.SSLContext:
    """
    The trusted authorities, read once per process.

    A client of its own for every call costs 30 ms of CPU, nearly all of it for reading these; with
    them given it costs 0.2 ms.
    """
    return httpx.create_ssl_context()


def explain_status(status: int, *, retry_after: str | None) -> Abstained:
    """
    An HTTP status in our words.

    429, 5xx and 408 may be repeated once, after the vendor's Retry-After; the rest is final.
    """
    detail = _STATUS_DETAILS.get(status, f"the vendor answered {status}")
    is_passing = status in {408, 429} or status >= 500
    pause = _read_pause(retry_after) if is_passing else None
    return Abstained(Abstention.UNAVAILABLE, detail=detail, pause_seconds=pause)


def _read_pause(retry_after: str | None) -> float:
    try:
        seconds = float(retry_after) if retry_after is not None else DEFAULT_PAUSE_SECONDS
    except ValueError:
        seconds = DEFAULT_PAUSE_SECONDS  # an HTTP date: the vendors send seconds
    return seconds if 0 <= seconds < float("inf") else DEFAULT_PAUSE_SECONDS


_STATUS_DETAILS = {
    400: "the vendor refused the request",
    401: "the key was refused",
    402: "the account at the vendor has no funds",
    403: "the key may not do this",
    404: "the vendor knows no such model",
    429: "over the vendor's rate limit",
    529: "the vendor is overloaded",
}
