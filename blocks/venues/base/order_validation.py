"""Validation of an order against the venue's rules, before the post; a sentence for a misfit.

OrderIntent, Instrument, LeverageTier -> "" | reason
"""

from collections.abc import Iterable
from decimal import Decimal

from trading.domain.instruments import Instrument, LeverageTier, find_max_leverage
from trading.domain.orders import OrderIntent
from trading.domain.units import ZERO


def find_misfit(intent: OrderIntent, instrument: Instrument) -> str:
    """
    The conflict of an order with the venue's rules, "" for none.

    Venues truncate values between two steps without notice and place a different order.
    """
    quantity, price = intent.quantity, intent.trigger_price
    if quantity % instrument.step_size != ZERO or quantity > instrument.max_quantity:
        return (
            f"Quantity {quantity} is not a multiple of {instrument.step_size} "
            f"up to {instrument.max_quantity}."
        )
    if price is not None and price % instrument.tick_size != ZERO:
        return f"Price {price} is not a multiple of {instrument.tick_size}."
    if intent.reduce_only:
        return ""
    if quantity < instrument.min_quantity:
        return f"Quantity {quantity} is below {instrument.min_quantity}."
    if quantity * intent.expected_price < instrument.min_notional:
        notional = quantity * intent.expected_price
        return f"Notional {notional} is below {instrument.min_notional}."
    return ""


def find_tier_misfit(
    intent: OrderIntent, tiers: Iterable[LeverageTier], *, leverage: Decimal
) -> str:
    """The conflict of an entry at `leverage` with the venue's leverage tiers, "" for none."""
    notional = intent.quantity * intent.expected_price
    allowed = find_max_leverage(tiers, notional=notional)
    if leverage <= allowed:
        return ""
    return f"Notional {notional} allows leverage {allowed}, not {leverage}."
