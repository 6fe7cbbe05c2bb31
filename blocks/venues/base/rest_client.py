"""One user's signed questions to a venue: asked once, answered raw, without a word of ccxt's.

endpoint, parameters -> budget -> ccxt (signs) -> HTTP -> RawAnswer -> read: JSON or a failure
                                                                    -> write: the truth table

Only ccxt's raw endpoints are used: its unified methods round through floats, return orders without
an id, and look up by client id wrongly at Bybit (VENUES.md, findings 2 to 4). What came over the
wire is taken from ccxt's hook before ccxt interprets it. An exception of ccxt's is never let
through: its text holds the signed URL. Timestamps are those of our clock, so that a test's virtual
time signs too. `maxRetriesOnFailure` stays 0: it would repeat writes.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import ccxt.async_support as ccxt

from blocks.venues.base.parsing import to_milliseconds
from blocks.venues.base.rate_limiter import MAX_WAIT_SECONDS, Budget
from blocks.venues.base.response_classifier import (
    NO_ANSWER,
    RawAnswer,
    TruthTable,
    classify,
    find_code,
)
from trading.domain.credentials import Credentials, Environment
from trading.domain.errors import BadInput, PermanentError, TransientError
from trading.domain.orders import Outcome
from trading.ports import Clock

# At DEBUG ccxt logs the key and the signed body of every request.
logging.getLogger("ccxt").setLevel(logging.INFO)

DEADLINE_SECONDS = 10.0
RECEIVE_WINDOW_MS = 5000
"""How late the venue may still accept a request: bounds how late a stuck one can execute."""
MAX_CLOCK_OFFSET = timedelta(milliseconds=500)
CLOCK_LIFE = timedelta(minutes=5)

MALFORMED = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, BadInput)
"""What reading an answer raises that is not as the venue documents."""

_WIRE: ContextVar[RawAnswer | None] = ContextVar("wire", default=None)

type FindWait = Callable[[RawAnswer], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    What differs between the venues' private sides.

    Attributes:
        name: for people.
        build: ccxt's class.
        denied: codes of reads that asking again can't change.
        find_wait: seconds that a refusal asks us to stay away.
    """

    name: str
    build: Callable[[dict[str, Any]], Any]
    table: TruthTable
    denied: frozenset[str]
    find_wait: FindWait


class PrivateClient:
    """
    One user's signed access; never shared between users.

    Args:
        budget: of the address that all users share; it is asked before every request.
        urls: by ccxt's name of the interface, in place of the venue's own; None for those.

    Attributes:
        may_transfer: the owner wants profit moved to the funding wallet: the key may do that.
        has_entered: an entry went out by this connection: whatever it asks from then on leads to
            its stop and may use the budget's reserve.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        credentials: Credentials,
        clock: Clock,
        budget: Budget,
        urls: Mapping[str, str] | None = None,
    ) -> None:
        self.name = dialect.name
        self.table = dialect.table
        self.clock = clock
        self._dialect = dialect
        self._budget = budget
        self._exchange = _connect(dialect, credentials, urls=urls)
        self._exchange.milliseconds = lambda: to_milliseconds(clock())
        self._measured_at: datetime | None = None
        is_real = credentials.environment is Environment.REAL  # a demo can't move money
        self.may_transfer = is_real and credentials.moves_profit
        self.has_entered = False

    async def ask(
        self,
        endpoint: str,
        parameters: Mapping[str, object],
        *,
        weight: int = 1,
        is_urgent: bool = False,
        patience: float = MAX_WAIT_SECONDS,
    ) -> RawAnswer:
        """
        Ask exactly once; whatever goes wrong on the way is `NO_ANSWER`.

        Args:
            weight: what the venue counts for it.
            is_urgent: exits and cancels: they may use the budget's reserve.
            patience: seconds that the budget may make us wait.

        Raises:
            TransientError: when the budget is used up; nothing was sent.
        """
        await self._budget.spend(
            weight, is_urgent=is_urgent or self.has_entered, now=self.clock(), patience=patience
        )
        _WIRE.set(None)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await getattr(self._exchange, endpoint)(dict(parameters))
        except (TimeoutError, ccxt.BaseError, ValueError, TypeError):
            # ccxt's verdict is not ours: what came over the wire is judged by the truth table.
            pass
        answer = _WIRE.get() or NO_ANSWER
        self._budget.note(answer, wait=self.find_wait(answer), now=self.clock())
        return answer

    async def read(
        self,
        endpoint: str,
        parameters: Mapping[str, object],
        *,
        about: str,
        weight: int = 1,
    ) -> Any:
        """
        Ask for something that changes nothing.

        Raises:
            TransientError: no answer or one that may be another next time.
            PermanentError: the venue refuses the question.
        """
        answer = await self.ask(endpoint, parameters, weight=weight)
        return self.take(answer, about=about)

    def take(self, answer: RawAnswer, *, about: str) -> Any:
        """The answer's JSON. Raises as `read`."""
        code = find_code(answer, self.table)
        if classify(answer, self.table) is Outcome.ACCEPTED:
            return answer.json
        if code in self._dialect.denied:
            why = self.table.words.get(code, f"code {code}")
            raise PermanentError(f"{self.name} refuses to give the {about}: {why}.")
        raise TransientError(
            f"{self.name} gave no {about}.", retry_after_seconds=self.find_wait(answer)
        )

    def find_wait(self, answer: RawAnswer) -> float | None:
        """Seconds that a refusal asks us to stay away, None for any other answer."""
        if classify(answer, self.table) is not Outcome.BACK_OFF:
            return None
        return self._dialect.find_wait(answer)

    @contextmanager
    def parsing(self, about: str) -> Iterator[None]:
        """Make a TransientError of an answer that is not what the venue documents."""
        try:
            yield
        except MALFORMED:
            raise TransientError(f"{self.name} answered in an unknown form: {about}.") from None

    async def measure_offset(self, ask_time: Callable[[], Any]) -> timedelta:
        """The venue's clock minus ours, half of the round trip taken off."""
        before = self.clock()
        theirs: datetime = await ask_time()
        after = self.clock()
        return theirs - (before + (after - before) / 2)

    async def check_clock(self, ask_time: Callable[[], Any]) -> str:
        """Why no order may go out for the clock's sake, "" when it may. Measured anew in time."""
        now = self.clock()
        if self._measured_at is not None and now - self._measured_at < CLOCK_LIFE:
            return ""
        offset = await self.measure_offset(ask_time)
        if abs(offset) > MAX_CLOCK_OFFSET:
            ms = offset / timedelta(milliseconds=1)
            return f"Our clock differs from {self.name}'s by {ms:.0f} ms; at most 500 are allowed."
        self._measured_at = now
        return ""

    async def close(self) -> None:
        """Give the connections back."""
        await self._exchange.close()


def _connect(dialect: Dialect, credentials: Credentials, *, urls: Mapping[str, str] | None) -> Any:
    exchange = dialect.build(
        {
            "apiKey": credentials.api_key,
            "secret": credentials.api_secret,
            "aiohttp_trust_env": True,
            "enableRateLimit": False,  # the budget is the address's, not the instance's
            "enableLastHttpResponse": False,
            "enableLastJsonResponse": False,
            "enableLastResponseHeaders": False,
            "timeout": int(DEADLINE_SECONDS * 1000),
        }
    )
    exchange.timeout_on_exit = 0  # ccxt waits a quarter of a second after every close
    exchange.options["recvWindow"] = RECEIVE_WINDOW_MS
    exchange.urls["api"] = {**exchange.urls["api"], **(urls or {})}
    exchange.on_json_response = partial(json.loads, parse_float=Decimal)
    exchange.on_rest_response = _note_answer
    return exchange


def _note_answer(*answer: Any) -> Any:  # signature: ccxt's hook, which returns the body
    status, _reason, _url, _method, headers, body, *_request = answer
    lower = {name.lower(): value for name, value in headers.items()}
    _WIRE.set(RawAnswer(status=status, headers=lower, text=body))
    return body.strip()
