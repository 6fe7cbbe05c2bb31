"""Matching of market orders: taken levels of the book and slippage.

    OrderBook + quantity -> walk_book -> Match (price, quantity) per level

Slippage is added to the walk through the book, because the book is slightly old: a basis point for
latency, and an impact growing with the square root of the order's share of a recent 5-minute
candle's volume (the square-root law, with 10 bps for an order as large as the volume), 100 bps at
most. Walk and impact overlap in part: the error is against the user.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from trading.domain.instruments import Instrument
from trading.domain.units import (
    BASIS_POINT,
    ONE,
    ZERO,
    Side,
    ceil_to_step,
    floor_to_step,
    sum_money,
)
from trading.market.snapshot import OrderBook

BASE_SLIPPAGE_BPS = Decimal(1)
IMPACT_BPS = Decimal(10)
MAX_SLIPPAGE_BPS = Decimal(100)
_BPS_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Match:
    """A taken level: price in quote per base after slippage, quantity in base units."""

    price: Decimal
    quantity: Decimal


def compute_slippage_bps(quantity: Decimal, *, volume: Decimal) -> Decimal:
    """
    Basis points against the order, 1..100.

    Args:
        quantity: of the order, base units.
        volume: of a recent 5m candle, base units; the maximum slippage applies without volume.
    """
    if volume <= 0:
        return MAX_SLIPPAGE_BPS
    impact = IMPACT_BPS * (quantity / volume).sqrt()
    slippage = min(MAX_SLIPPAGE_BPS, BASE_SLIPPAGE_BPS + impact)
    return slippage.quantize(_BPS_STEP, rounding=ROUND_HALF_EVEN)


def apply_slippage(
    price: Decimal, *, side: Side, slippage_bps: Decimal, tick_size: Decimal
) -> Decimal:
    """The price moved against the order and on to the tick: never better than `price`."""
    moved = price * (ONE + side.sign * slippage_bps * BASIS_POINT)
    if side is Side.BUY:
        return ceil_to_step(moved, tick_size)
    return max(floor_to_step(moved, tick_size), tick_size)


def walk_book(
    book: OrderBook, *, side: Side, quantity: Decimal, volume: Decimal, instrument: Instrument
) -> tuple[Match, ...]:
    """
    Matches of a market order of `quantity`, best level first.

    Less than `quantity` from a thin book, nothing from an empty book. Each level gives whole
    steps.
    """
    slippage_bps = compute_slippage_bps(quantity, volume=volume)
    matches: list[Match] = []
    for level in book.asks if side is Side.BUY else book.bids:
        left = quantity - sum_money(match.quantity for match in matches)
        taken = floor_to_step(min(level.quantity, left), instrument.step_size)
        if taken > ZERO:
            price = apply_slippage(
                level.price, side=side, slippage_bps=slippage_bps, tick_size=instrument.tick_size
            )
            matches.append(Match(price, taken))
    return tuple(matches)
