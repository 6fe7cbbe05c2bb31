"""The signed REST client of a user at a venue: each request is sent once, answers stay raw.

endpoint, parameters -> budget -> ccxt (signs) -> HTTP -> RawAnswer -> read: JSON or a failure
                                                                    -> write: the truth table

The client uses only ccxt's raw endpoints: ccxt's unified methods round through floats, return
orders without an id, and look up by client id wrongly at Bybit (VENUES.md, findings 2 to 4). The
answer is taken from ccxt's hook before ccxt interprets the body. No exception of ccxt is let
through: the exception's text holds the signed URL. Time stamps come from our clock, corrected by
the measured offset of the venue's, so a wrong clock of this machine stops no exit; a test's
virtual time signs too. `maxRetriesOnFailure` stays 0: a higher number would repeat writes.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
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
    describe,
    find_code,
    is_account_limit,
)
from blocks.venues.base.rows import RowReader, refuse_malformed
from blocks.venues.base.subjects import tell_subject
from blocks.venues.base.venue_clock import VenueClock
from trading.domain.errors import PermanentError, TransientError
from trading.domain.messages import message
from trading.domain.orders import Outcome
from trading.ports import Clock
from trading.security.credentials import Credentials, Environment

# At DEBUG ccxt logs the key and the signed body of every request.
logging.getLogger("ccxt").setLevel(logging.INFO)

DEADLINE_SECONDS = 10.0
RECEIVE_WINDOW_MS = 5000
"""How late the venue may still accept a request: the bound of how late a stuck one can execute."""

_WIRE: ContextVar[RawAnswer | None] = ContextVar("wire", default=None)

type FindWait = Callable[[RawAnswer], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """
    The differences between the venues' private sides.

    Attributes:
        name: for people.
        build: ccxt's class.
        denied: codes of reads that a repetition can't change.
        find_wait: seconds that a refusal asks us to stay away.
    """

    name: str
    build: Callable[[dict[str, Any]], Any]
    table: TruthTable
    denied: frozenset[str]
    find_wait: FindWait


class PrivateClient:
    """
    The signed access of one user; never shared between users.

    Args:
        budget: of the address that all users share; every request asks the budget first.
        urls: by ccxt's name of the interface, in place of the venue's own; None for those.

    Attributes:
        may_transfer: the owner wants profit moved to the funding wallet: the key may do that.
        has_entered: an entry went out by this connection: every later request leads to its stop
            and may use the budget's reserve.
        time: the venue's clock; signatures use it.
        rows: parses lists, and keeps what could not be read.
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
        self.time = VenueClock(dialect.name, clock)
        self.rows = RowReader(dialect.name)
        self._exchange.milliseconds = lambda: to_milliseconds(self.time.now())
        self._blocked_until: datetime | None = None
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
        Send a single request, never more; any failure on the way is `NO_ANSWER`.

        Args:
            weight: the request weight that the venue counts.
            is_urgent: exits and cancels may use the budget's reserve.
            patience: longest wait for the budget, seconds.

        Raises:
            TransientError: when the budget is used up or the venue has blocked this account for
                now; nothing was sent.
        """
        self._check_blocked()
        await self._budget.spend(
            weight, is_urgent=is_urgent or self.has_entered, now=self.clock(), patience=patience
        )
        _WIRE.set(None)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await getattr(self._exchange, endpoint)(dict(parameters))
        except (TimeoutError, ccxt.BaseError, ValueError, TypeError, AttributeError, LookupError):
            # ccxt's verdict is not ours: the truth table judges the answer as received.
            pass
        answer = _WIRE.get() or NO_ANSWER
        await self._learn(answer)
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
        Ask for data; the request changes nothing.

        A refusal for the time stamp leads to a new measurement of the offset and a single
        repetition.

        Raises:
            TransientError: no answer, or an answer that may differ next time.
            PermanentError: the venue refuses the request.
        """
        answer = await self.ask(endpoint, parameters, weight=weight)
        if find_code(answer, self.table) in self.table.clock:
            answer = await self.ask(endpoint, parameters, weight=weight)
        return self.take(answer, about=about)

    def take(self, answer: RawAnswer, *, about: str) -> Any:
        """The answer's JSON. Raises as `read`."""
        code = find_code(answer, self.table)
        if classify(answer, self.table) is Outcome.ACCEPTED:
            return answer.json
        if code in self._dialect.denied:
            why = self.table.words.get(code, message("answer-code-only", code=code))
            raise PermanentError(
                message("venue-refuses", venue=self.name, about=tell_subject(about), why=why)
            )
        if answer.is_country_block or code in self.table.clock | self.table.regions:
            why = describe(answer, self.table)
            raise TransientError(
                message("venue-blocks", venue=self.name, about=tell_subject(about), why=why)
            )
        raise TransientError(
            message("venue-gave-nothing", venue=self.name, about=tell_subject(about)),
            retry_after_seconds=self.find_wait(answer),
        )

    def find_wait(self, answer: RawAnswer) -> float | None:
        """Seconds to wait according to a refusal, None for any other answer."""
        if classify(answer, self.table) is not Outcome.BACK_OFF:
            return None
        return self._dialect.find_wait(answer)

    def parsing(self, about: str) -> AbstractContextManager[None]:
        """Raise a TransientError for an answer that differs from the venue's document."""
        return refuse_malformed(self.name, about=about)

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    async def _learn(self, answer: RawAnswer) -> None:
        """Take from an answer: the address's count and bans, the account's limit, the clock."""
        wait = self.find_wait(answer)
        is_own = is_account_limit(answer, self.table)
        if is_own and wait is not None:
            self._blocked_until = self.clock() + timedelta(seconds=wait)
        self._budget.note(answer, wait=None if is_own else wait, now=self.clock())
        if find_code(answer, self.table) in self.table.clock:
            await self.time.correct()

    def _check_blocked(self) -> None:
        if self._blocked_until is None:
            return
        left = (self._blocked_until - self.clock()).total_seconds()
        if left > 0:
            raise TransientError(
                message("venue-limits-account", venue=self.name),
                retry_after_seconds=left,
            )
        self._blocked_until = None


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
