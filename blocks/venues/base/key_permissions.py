"""Permissions of a key at the venue: the rights to trade, and no other right.

the venue's answer -> find_binance_faults | find_bybit_faults -> sentences, none for a suitable key

Fails closed: a right without an entry here is refused, whatever the name. Withdrawals are
never needed. Transfers are refused, too, unless the key's owner has asked for moving profit
to the owner's own funding wallet: then a single further right is fine at each venue, and no other
(docs/decisions/0006-profit-set-aside.md). A stolen key without an address list works from
anywhere, so an address list is required at both venues.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from trading.domain.messages import Message, message

_BINANCE_NEEDED = {
    "enableReading": message("key-tick", right="Enable Reading"),
    "enableFutures": message("key-tick", right="Enable Futures"),
    "ipRestrict": message("key-restrict"),
}
_BINANCE_HARMLESS = frozenset(
    {"createTime", "tradingAuthorityExpirationTime", "enableSpotAndMarginTrading",
     "enableFixReadOnly"}
)  # fmt: skip
_BINANCE_NAMES = {
    "enableWithdrawals": "Enable Withdrawals",
    "enableInternalTransfer": "Enable Internal Transfer",
    "permitsUniversalTransfer": "Permits Universal Transfer",
    "enableMargin": "Enable Margin Loan, Repay & Transfer",
    "enableVanillaOptions": "Enable European Options",
    "enablePortfolioMarginTrading": "Enable Portfolio Margin Trading",
    "enableFixApiTrade": "Enable FIX API Trading",
}
_BYBIT_ALLOWED = {
    "ContractTrade": frozenset({"Order", "Position"}),
    "Derivatives": frozenset({"DerivativesTrade"}),
    "Spot": frozenset({"SpotTrade"}),
}
_BYBIT_NEEDED = frozenset({"Order", "Position"})
_NAME_CHARACTERS = 40
_BINANCE_TRANSFER = "permitsUniversalTransfer"
_BYBIT_TRANSFER = {"Wallet": frozenset({"AccountTransfer"})}


def find_binance_faults(
    answer: Mapping[str, Any], *, may_transfer: bool = False
) -> tuple[Message, ...]:
    """
    Changes needed at Binance, read from the answer of `account/apiRestrictions`.

    Args:
        may_transfer: the owner wants profit moved within the account.
    """
    allowed = _BINANCE_HARMLESS | ({_BINANCE_TRANSFER} if may_transfer else set())
    return tuple(_binance_faults(answer, allowed))


def find_bybit_faults(
    answer: Mapping[str, Any], *, may_transfer: bool = False
) -> tuple[Message, ...]:
    """
    Changes needed at Bybit, read from the result of `user/query-api`.

    Args:
        may_transfer: the owner wants profit moved within the account.
    """
    allowed = {**_BYBIT_ALLOWED, **(_BYBIT_TRANSFER if may_transfer else {})}
    return tuple(_bybit_faults(answer, allowed))


def _binance_faults(answer: Mapping[str, Any], allowed: Set[str]) -> Iterator[Message]:
    for name, advice in _BINANCE_NEEDED.items():
        if answer.get(name) is not True:
            yield advice
    for name, value in answer.items():
        if name in _BINANCE_NEEDED or name in allowed or value is False:
            continue
        yield message("key-untick", right=_show(_BINANCE_NAMES.get(name, name)))


def _bybit_faults(answer: Mapping[str, Any], allowed: Mapping[str, Set[str]]) -> Iterator[Message]:
    if str(answer.get("readOnly")) != "0":
        yield message("key-read-write")
    permissions = answer.get("permissions")
    if not isinstance(permissions, Mapping):
        yield message("key-unreadable")
        return
    if not set(permissions.get("ContractTrade") or ()) >= _BYBIT_NEEDED:
        yield message("key-tick-contract")
    for group, rights in permissions.items():
        extra = set(rights or ()) - allowed.get(group, frozenset())
        for right in sorted(str(one) for one in extra):
            yield message("key-untick-under", right=_show(right), group=_show(group))
    addresses = answer.get("ips") or []
    if not addresses or "*" in addresses:
        yield message("key-restrict")


def _show(name: str) -> str:
    """The venue's word, reduced to the characters of a name."""
    return "".join(c for c in str(name) if c.isalnum() or c in " -_,&")[:_NAME_CHARACTERS]
