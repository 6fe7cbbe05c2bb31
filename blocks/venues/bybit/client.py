"""How Bybit's private side speaks: its class in ccxt, its truth table, its waits."""

import time

import ccxt.async_support as ccxt

from blocks.venues.base.response_classifier import BYBIT_TABLE, RawAnswer
from blocks.venues.base.rest_client import Dialect

ADDRESS_BAN_SECONDS = 600.0
"""After 403: more than 600 requests in 5 s from one address."""

_DENIED = frozenset({"10003", "10004", "10005", "10010", "33004", "10001"})


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
