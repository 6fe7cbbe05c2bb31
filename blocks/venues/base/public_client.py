"""A careful public client: one place for deadlines, failure classes and exact numbers.

ccxt endpoint -> PublicClient (deadline, failure classes, no raw text) -> JSON

Only ccxt's raw endpoints are used, with JSON numbers kept as written, so that no float comes
between a venue's answer and our values; ccxt's unified methods round through floats. Failures
are classed once, here, and lose the venue's text: the text may hold a whole URL. At DEBUG level
ccxt logs requests with headers, so ccxt's logger never goes to DEBUG. A client belongs to the
event loop of the first use.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import ccxt.async_support as ccxt

from blocks.venues.base.rows import refuse_malformed
from blocks.venues.base.subjects import tell_subject
from trading.domain.errors import PermanentError, QuorumError, TransientError
from trading.domain.messages import message

logging.getLogger("ccxt").setLevel(logging.INFO)

DEADLINE_SECONDS = 10.0

# Asking again can't help: the request itself is wrong. Everything else may pass: venues answer
# overload and maintenance with plain ExchangeErrors.
_PERMANENT = (
    ccxt.AuthenticationError,
    ccxt.BadRequest,
    ccxt.NotSupported,
)
_TOO_MANY = (ccxt.DDoSProtection, ccxt.RateLimitExceeded)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers (names in lower case) of an HTTP answer."""

    status: int
    headers: Mapping[str, str]


type FindWait = Callable[[Answer], float | None]
"""Seconds that a refusal for too many questions asks us to wait, None when it does not say."""

_ANSWER: ContextVar[Answer | None] = ContextVar("answer", default=None)
"""To the question in hand: each task asks in a context of its own."""


def find_retry_after(answer: Answer) -> float | None:
    """The standard header, in seconds; our venues do not use the form with a date."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None


class PublicClient:
    """
    A ccxt exchange without a key, used for reading only.

    Args:
        exchange: of ccxt's async support; this client closes the exchange.
        name: the venue's name for people.
        deadline_seconds: time limit of an answer, the wait for a free slot included.
        find_wait: reads the venue's wait after too many requests.
    """

    def __init__(
        self,
        exchange: Any,
        *,
        name: str,
        deadline_seconds: float = DEADLINE_SECONDS,
        find_wait: FindWait = find_retry_after,
    ) -> None:
        self.name = name
        self._exchange = exchange
        self._deadline_seconds = deadline_seconds
        self._find_wait = find_wait
        exchange.on_json_response = partial(json.loads, parse_float=Decimal)
        exchange.on_rest_response = _note_answer

    async def read(self, endpoint: str, parameters: Mapping[str, object], *, about: str) -> Any:
        """
        Send a single request.

        Args:
            endpoint: name of ccxt's implicit method, as in fapiPublicGetKlines.
            parameters: of the query.
            about: subject of the request, for people: "candles of BTC/USDT".

        Raises:
            TransientError: no answer, too many requests (with the venue's wait), or an answer that
                may differ next time.
            PermanentError: the venue refuses the request.
        """
        _ANSWER.set(None)
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await getattr(self._exchange, endpoint)(dict(parameters))
        except TimeoutError:
            raise TransientError(
                message(
                    "venue-too-slow",
                    venue=self.name,
                    about=tell_subject(about),
                    seconds=f"{self._deadline_seconds:g}",
                )
            ) from None
        except ccxt.BaseError as error:
            raise self._classify(error, about=about) from None

    def parsing(self, about: str) -> AbstractContextManager[None]:
        """Raise a TransientError for an answer that differs from the venue's document."""
        return refuse_malformed(self.name, about=about)

    async def close(self) -> None:
        """Close the connections; a later request would open new connections."""
        await self._exchange.close()

    def _classify(self, error: Exception, *, about: str) -> QuorumError:
        kind = type(error).__name__
        if isinstance(error, _PERMANENT):
            return PermanentError(
                message("venue-refuses", venue=self.name, about=tell_subject(about), why=kind)
            )
        answer = _ANSWER.get()
        wait = None
        if answer is not None and isinstance(error, _TOO_MANY):
            wait = self._find_wait(answer)
        return TransientError(
            message("venue-gave-nothing", venue=self.name, about=tell_subject(about)),
            retry_after_seconds=wait,
        )


def build_exchange(kind: type[Any], *, urls: Mapping[str, str] | None) -> Any:
    """
    A ccxt exchange without a key; keeps no answers in memory and obeys proxy variables.

    ccxt's rolling window counts requests (Binance: weight 1,200 in a minute, half of the venue's
    limit for an address; Bybit: 250 requests in 5 s of 600) and lets a request within the limit
    through at once; each process has a separate count. ccxt's other algorithm makes each request
    wait for the request before, idle or not: 50 to 100 ms at Binance, in steps of 1 millisecond,
    each with a wake-up of the process.

    Args:
        kind: the class of ccxt's async support.
        urls: by ccxt's name of the interface, instead of the venue's own; None for those.
    """
    exchange = kind(
        {
            "aiohttp_trust_env": True,
            "rateLimiterAlgorithm": "rollingWindow",
            "enableLastHttpResponse": False,
            "enableLastJsonResponse": False,
            "enableLastResponseHeaders": False,
            "timeout": int(DEADLINE_SECONDS * 1000),
        }
    )
    exchange.urls["api"] = {**exchange.urls["api"], **(urls or {})}
    return exchange


def _note_answer(*answer: Any) -> Any:  # signature: ccxt's hook, which returns the body
    status, _reason, _url, _method, headers, body, *_request = answer
    _ANSWER.set(Answer(status, {name.lower(): value for name, value in headers.items()}))
    return body.strip()
