"""Bybit's private dialect: ccxt's class, truth table, waits, notation."""

import time

import ccxt.async_support as ccxt

from blocks.venues.base.response_classifier import RawAnswer
from blocks.venues.base.rest_client import Dialect
from blocks.venues.bybit.codes import BYBIT_TABLE
from trading.domain.units import Pair

QUOTE = "USDT"

ADDRESS_BAN_SECONDS = 600.0
"""After a 403: more than 600 requests in 5 s from one address (docs/v5/rate-limit, 2026-07-24)."""

_DENIED = frozenset({"10003", "10004", "10005", "10007", "10010", "33004", "10001"})


def find_wait(answer: RawAnswer) -> float:
    """Until the limit's window ends; ten minutes after an address ban."""
    if answer.status == 403:
        return ADDRESS_BAN_SECONDS
    reset_ms = answer.headers.get("x-bapi-limit-reset-timestamp", "")
    if reset_ms.isdigit():
        return max(int(reset_ms) / 1000 - time.time(), 1.0)
    return 1.0


BYBIT = Dialect(
    name="Bybit", build=ccxt.bybit, table=BYBIT_TABLE, denied=_DENIED, find_wait=find_wait
)


def spell(pair: Pair) -> str:
    """The venue's symbol."""
    return f"{pair.base}{pair.quote}"


def read_pair(symbol: str) -> Pair:
    """The pair of a symbol with a known quote. Raises BadInput for other symbols."""
    return Pair(symbol.removesuffix(QUOTE), QUOTE)


def name_contract(pair: Pair) -> dict[str, object]:
    """The parameters naming a linear contract."""
    return {"category": "linear", "symbol": spell(pair)}
