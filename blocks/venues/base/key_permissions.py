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

_BINANCE_NEEDED = {
    "enableReading": "Tick 'Enable Reading'",
    "enableFutures": "Tick 'Enable Futures'",
    "ipRestrict": "Restrict the key to trusted IP addresses",
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
) -> tuple[str, ...]:
    """
    Changes needed at Binance, read from the answer of `account/apiRestrictions`.

    Args:
        may_transfer: the owner wants profit moved within the account.
    """
    allowed = _BINANCE_HARMLESS | ({_BINANCE_TRANSFER} if may_transfer else set())
    return tuple(_binance_faults(answer, allowed))


def find_bybit_faults(answer: Mapping[str, Any], *, may_transfer: bool = False) -> tuple[str, ...]:
    """
    Changes needed at Bybit, read from the result of `user/query-api`.

    Args:
        may_transfer: the owner wants profit moved within the account.
    """
    allowed = {**_BYBIT_ALLOWED, **(_BYBIT_TRANSFER if may_transfer else {})}
    return tuple(_bybit_faults(answer, allowed))


def _binance_faults(answer: Mapping[str, Any], allowed: Set[str]) -> Iterator[str]:
    for name, advice in _BINANCE_NEEDED.items():
        if answer.get(name) is not True:
            yield advice
    for name, value in answer.items():
        if name in _BINANCE_NEEDED or name in allowed or value is False:
            continue
        yield f"Untick '{_show(_BINANCE_NAMES.get(name, name))}'"


def _bybit_faults(answer: Mapping[str, Any], allowed: Mapping[str, Set[str]]) -> Iterator[str]:
    if str(answer.get("readOnly")) != "0":
        yield "Make the key 'Read-Write'"
    permissions = answer.get("permissions")
    if not isinstance(permissions, Mapping):
        yield "Make a new key: the venue does not say what this one may do"
        return
    if not set(permissions.get("ContractTrade") or ()) >= _BYBIT_NEEDED:
        yield "Tick 'Orders' and 'Positions' under Contract"
    for group, rights in permissions.items():
        extra = set(rights or ()) - allowed.get(group, frozenset())
        for right in sorted(str(one) for one in extra):
            yield f"Untick '{_show(right)}' under {_show(group)}"
    addresses = answer.get("ips") or []
    if not addresses or "*" in addresses:
        yield "Restrict the key to trusted IP addresses"


def _show(name: str) -> str:
    """The venue's word, reduced to the characters of a name."""
    return "".join(c for c in str(name) if c.isalnum() or c in " -_,&")[:_NAME_CHARACTERS]
