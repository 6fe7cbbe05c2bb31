"""Validation of an order against the venue's rules, before the post; a sentence for a misfit.

OrderIntent, Instrument, LeverageTier -> NO_MESSAGE | reason
"""

from collections.abc import Iterable
from decimal import Decimal

from trading.domain.instruments import Instrument, LeverageTier, find_max_leverage
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import OrderIntent
from trading.domain.units import ZERO


def find_misfit(intent: OrderIntent, instrument: Instrument) -> Message:
    """
    The conflict of an order with the venue's rules, `NO_MESSAGE` for none.

    Venues truncate values between two steps without notice and place a different order.
    """
    quantity, price = intent.quantity, intent.trigger_price
    if quantity % instrument.step_size != ZERO or quantity > instrument.max_quantity:
        return message(
            "misfit-quantity",
            quantity=quantity,
            step=instrument.step_size,
            most=instrument.max_quantity,
        )
    if price is not None and price % instrument.tick_size != ZERO:
        return message("misfit-price", price=price, tick=instrument.tick_size)
    if intent.reduce_only:
        return NO_MESSAGE
    if quantity < instrument.min_quantity:
        return message("misfit-quantity-small", quantity=quantity, least=instrument.min_quantity)
    if quantity * intent.expected_price < instrument.min_notional:
        notional = quantity * intent.expected_price
        return message("misfit-notional-small", notional=notional, least=instrument.min_notional)
    return NO_MESSAGE


def find_tier_misfit(
    intent: OrderIntent, tiers: Iterable[LeverageTier], *, leverage: Decimal
) -> Message:
    """The conflict of an entry at `leverage` with the leverage tiers, `NO_MESSAGE` for none."""
    notional = intent.quantity * intent.expected_price
    allowed = find_max_leverage(tiers, notional=notional)
    if leverage <= allowed:
        return NO_MESSAGE
    return message("misfit-leverage", notional=notional, allowed=allowed, leverage=leverage)
