"""Margin: liquidation price, and the leverage at a safe distance from liquidation.

stop distance, Instrument -> find_safe_leverage -> caps -> choose_leverage
"""

from decimal import ROUND_FLOOR, Decimal

from trading.domain.units import ONE, ZERO, PositionSide


def compute_liquidation_price(
    *,
    side: PositionSide,
    entry_price: Decimal,
    leverage: Decimal,
    maintenance_margin_ratio: Decimal,
) -> Decimal:
    """
    The nearer of the two venues' liquidation prices of an isolated linear position, in quote.

    Binance ("How to Calculate Liquidation Price of USD-M Futures Contracts", without the bracket's
    constant): (margin - sign x quantity x entry) / (quantity x (ratio - sign)), equal to
    entry x (1 - sign / leverage) / (1 - sign x ratio).
    Bybit ("Liquidation Price Calculation under Isolated Mode", without extra margin):
    entry - sign x (initial margin - maintenance margin) / quantity, equal to
    entry x (1 - sign x (1 / leverage - ratio)).
    Bybit's price is nearer for a long, Binance's price for a short.
    """
    sign = side.sign
    binance = entry_price * (1 - sign / leverage) / (1 - sign * maintenance_margin_ratio)
    bybit = entry_price * (1 - sign * (1 / leverage - maintenance_margin_ratio))
    return max(binance, bybit) if side is PositionSide.LONG else min(binance, bybit)


def find_safe_leverage(
    *,
    side: PositionSide,
    max_leverage: Decimal,
    min_distance_ratio: Decimal,
    maintenance_margin_ratio: Decimal,
) -> Decimal:
    """
    The largest whole leverage with a minimum distance to liquidation.

    Args:
        side: LONG or SHORT.
        max_leverage: Upper bound; a fraction is dropped.
        min_distance_ratio: From entry to liquidation, of the entry price.
        maintenance_margin_ratio: The instrument's, 0..1.

    Returns:
        0 when even 1 is too much.
    """
    leverage = max_leverage.to_integral_value(rounding=ROUND_FLOOR)
    while leverage >= ONE:
        price = compute_liquidation_price(
            side=side,
            entry_price=ONE,
            leverage=leverage,
            maintenance_margin_ratio=maintenance_margin_ratio,
        )
        if (ONE - price) * side.sign >= min_distance_ratio:
            return leverage
        leverage -= ONE
    return ZERO


def compute_affordable_notional(
    available: Decimal, *, leverage: Decimal, fee_rate: Decimal
) -> Decimal:
    """
    Notional in quote units with margin and fees of both ways within the available balance.

    notional / L + 2 x fee x notional <= available: notional <= available x L / (1 + 2 x fee x L).
    """
    return available * leverage / (1 + 2 * fee_rate * leverage)


def choose_leverage(
    notional: Decimal, *, available: Decimal, max_leverage: Decimal, fee_rate: Decimal
) -> Decimal:
    """
    The smallest whole leverage with an affordable `notional`, at most `max_leverage` (whole).

    The smallest leverage has the farthest liquidation price.
    """
    leverage = ONE
    while leverage < max_leverage and notional > compute_affordable_notional(
        available, leverage=leverage, fee_rate=fee_rate
    ):
        leverage += ONE
    return leverage
