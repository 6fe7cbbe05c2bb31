"""Binance's private dialect: ccxt's class, truth table, waits, addresses, notation."""

import ccxt.async_support as ccxt

from blocks.venues.base.response_classifier import RawAnswer
from blocks.venues.base.rest_client import Dialect
from blocks.venues.binance.codes import BINANCE_TABLE
from trading.domain.units import Pair

QUOTE = "USDT"

_DENIED = frozenset({"-1022", "-2014", "-2015", "-1121", "-1102"})


BAN_SECONDS, LIMIT_SECONDS = 120.0, 60.0
"""A ban (418) lasts 2 minutes to 3 days, a limit (429) ends with its minute; both without header.
Source: developers.binance.com, USD-M futures, General Info, LIMITS, read 2026-11-30."""


def find_retry_after(answer: RawAnswer) -> float:
    """Seconds of the standard header; without the header the shortest ban or window."""
    text = answer.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    return BAN_SECONDS if answer.status == 418 else LIMIT_SECONDS


BINANCE = Dialect(
    name="Binance",
    build=ccxt.binanceusdm,
    table=BINANCE_TABLE,
    denied=_DENIED,
    find_wait=find_retry_after,
)


def build_urls(url: str) -> dict[str, str]:
    """The account's interfaces at another compatible host; `url` without a path."""
    return {
        "fapiPublic": f"{url}/fapi/v1",
        "fapiPrivate": f"{url}/fapi/v1",
        "fapiPrivateV2": f"{url}/fapi/v2",
        "fapiPrivateV3": f"{url}/fapi/v3",
        "sapi": f"{url}/sapi/v1",
    }


def spell(pair: Pair) -> str:
    """The venue's symbol."""
    return f"{pair.base}{pair.quote}"


def read_pair(symbol: str) -> Pair:
    """The pair of a symbol with a known quote. Raises BadInput for other symbols."""
    return Pair(symbol.removesuffix(QUOTE), QUOTE)
