"""Fees of executions by the asset in which the venue took them.

Fill ... -> sum_fees -> PaidFee (BNB 0.001, worth 0.60 USDT), PaidFee (USDT 0.25) ...
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trading.domain.orders import Fill
from trading.domain.units import ZERO, require_finite


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidFee:
    """
    The fees in one asset; negative for rebates.

    Attributes:
        amount: units of the asset.
        value: quote units, as booked.
    """

    asset: str
    amount: Decimal
    value: Decimal

    def __post_init__(self) -> None:
        require_finite(amount=self.amount, value=self.value)


def sum_fees(fills: Iterable[Fill]) -> tuple[PaidFee, ...]:
    """The fees of executions, by asset in alphabetical order; none for an asset without fee."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for fill in fills:
        asset = fill.fee_asset or fill.pair.quote
        amount, value = sums.get(asset, (ZERO, ZERO))
        paid = fill.fee if fill.fee_amount is None else fill.fee_amount
        sums[asset] = amount + paid, value + fill.fee
    return tuple(
        PaidFee(asset=asset, amount=amount, value=value)
        for asset, (amount, value) in sorted(sums.items())
        if amount or value
    )
