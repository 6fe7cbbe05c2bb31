"""Isolated margin: the largest loss of a position, and the liquidation price.

    Position, margin, Instrument -> liquidation_price, bankruptcy_price

The margin is the largest loss of a position: quantity x entry / leverage, less funding not paid by
the free balance. With s = +1 long, -1 short, entry E, quantity q and margin M:

    bankruptcy:   M + s q (P - E) = 0            P = E - s M / q
    liquidation:  M + s q (P - E) = r q P        P = (E - s M / q) / (1 - s r)

This is Binance's published formula for isolated one-way positions (FAQ "How to Calculate
Liquidation Price of USD-M Futures Contracts") in the smallest bracket (cum = 0). As on Bybit the
fee to close belongs to the maintenance margin: r = maintenance_margin_ratio + taker_fee_rate. So a
position closed before the liquidation price can always pay the fee to close.

A liquidated position loses the whole margin: the fill is at the liquidation price, or at a worse
market price, but never beyond bankruptcy, and the rest of the margin is the liquidation fee. Both
prices are rounded toward the entry: against the user, within the margin.
"""

from decimal import Decimal

from trading.domain.instruments import Instrument
from trading.domain.positions import Position
from trading.domain.units import ONE, PositionSide, Side


def maintenance_ratio(instrument: Instrument) -> Decimal:
    """Required rest of the margin / notional, the fee to close included."""
    return instrument.maintenance_margin_ratio + instrument.taker_fee_rate


def is_leverage_possible(leverage: Decimal, instrument: Instrument) -> bool:
    """Whether the venue accepts a leverage: 1..max, and more initial than maintenance margin."""
    return (
        ONE <= leverage <= instrument.max_leverage
        and leverage * maintenance_ratio(instrument) < ONE
    )


def compute_bankruptcy_price(
    position: Position, *, margin: Decimal, instrument: Instrument
) -> Decimal:
    """Price of a complete loss of the margin, quote per base; 0 or below when impossible."""
    exact = _break_even(position, margin)
    return instrument.round_stop_price(exact, side=position.side.exit_side)


def compute_liquidation_price(
    position: Position, *, margin: Decimal, instrument: Instrument
) -> Decimal | None:
    """Where the venue takes the position over, quote per base; None when no price does."""
    sign = position.side.sign
    exact = _break_even(position, margin) / (ONE - sign * maintenance_ratio(instrument))
    if exact <= 0:
        return None
    return instrument.round_stop_price(exact, side=position.side.exit_side)


def is_reached(price: Decimal, level: Decimal | None, *, side: PositionSide) -> bool:
    """Whether `price` is at `level` or worse for a position on `side`; False without a level."""
    if level is None:
        return False
    return price <= level if side is PositionSide.LONG else price >= level


def worse_price(first: Decimal, second: Decimal, *, side: PositionSide) -> Decimal:
    """The worse closing price for a position on `side`."""
    return min(first, second) if side is PositionSide.LONG else max(first, second)


def better_price(first: Decimal, second: Decimal, *, side: PositionSide) -> Decimal:
    """The better closing price for a position on `side`."""
    return max(first, second) if side is PositionSide.LONG else min(first, second)


def is_exit(side: Side, position: Position | None) -> bool:
    """Whether an order on `side` reduces the position."""
    return position is not None and side is position.side.exit_side


def _break_even(position: Position, margin: Decimal) -> Decimal:
    return position.average_entry_price - position.side.sign * margin / position.quantity
