"""Trading rules of a venue for one pair: steps, minima, leverage and fees.

Rounding is a method of the instrument, so that every caller rounds alike. Quantities go down;
prices go to the safe side for the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Self

from trading.domain.units import (
    ZERO,
    Pair,
    Side,
    VenueName,
    ceil_to_step,
    floor_to_step,
    require_not_negative,
    require_positive,
    require_utc,
)

FUNDING_INTERVAL = timedelta(hours=8)
"""Time between settlements of most contracts, and of a contract without a known interval."""


@dataclass(frozen=True, slots=True)
class LeverageTier:
    """Largest leverage (>= 1) of a position up to a notional (quote units, > 0)."""

    max_notional: Decimal
    max_leverage: Decimal

    def __post_init__(self) -> None:
        require_positive(max_notional=self.max_notional, max_leverage=self.max_leverage)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeRates:
    """An account's own rates for a contract: ratios of the notional, >= 0."""

    maker: Decimal
    taker: Decimal

    def __post_init__(self) -> None:
        require_not_negative(maker=self.maker, taker=self.taker)


def find_max_leverage(tiers: Iterable[LeverageTier], *, notional: Decimal) -> Decimal:
    """Largest leverage for a position of `notional` quote units; 0 above the last tier."""
    fitting = (tier.max_leverage for tier in tiers if notional <= tier.max_notional)
    return max(fitting, default=ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """
    A linear perpetual of one venue.

    Attributes:
        symbol: the venue's spelling, BTCUSDT.
        tick_size, step_size: price and quantity steps, > 0.
        min_quantity, max_quantity: base units of one order.
        min_notional: quote units of an opening order; reduce-only orders are exempt.
        max_leverage: the venue's cap for the smallest notional bracket, >= 1.
        maintenance_margin_ratio: 0..1 of the notional, smallest bracket.
        maker_fee_rate, taker_fee_rate: ratio of the notional.
        fetched_at: time of the venue's answer; rules older than a day are read again.
        funding_interval: between settlements, from midnight UTC on; the venue changes it.
    """

    venue: VenueName
    pair: Pair
    symbol: str
    tick_size: Decimal
    step_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    max_leverage: Decimal
    maintenance_margin_ratio: Decimal
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    fetched_at: datetime
    funding_interval: timedelta = FUNDING_INTERVAL

    def __post_init__(self) -> None:
        require_positive(
            tick_size=self.tick_size,
            step_size=self.step_size,
            min_quantity=self.min_quantity,
            max_quantity=self.max_quantity,
            max_leverage=self.max_leverage,
            maintenance_margin_ratio=self.maintenance_margin_ratio,
        )
        require_not_negative(
            min_notional=self.min_notional,
            maker_fee_rate=self.maker_fee_rate,
            taker_fee_rate=self.taker_fee_rate,
        )
        require_utc(fetched_at=self.fetched_at)
        if self.funding_interval <= timedelta(0):
            raise ValueError("the funding interval is not positive")

    def with_fees(self, rates: FeeRates | None) -> Self:
        """The rules with an account's own fee rates; unchanged for None."""
        if rates is None:
            return self
        return replace(self, maker_fee_rate=rates.maker, taker_fee_rate=rates.taker)

    def split_quantity(self, quantity: Decimal) -> tuple[Decimal, ...]:
        """
        Cut a quantity into orders that the venue takes, largest first; () below one step.

        The rest below one step is left out: no order can close it.
        """
        left, largest = floor_to_step(quantity, self.step_size), self.round_quantity(quantity)
        parts = []
        while left > 0 and largest > 0:
            parts.append(min(left, largest))
            left -= parts[-1]
        return tuple(parts)

    def round_quantity(self, quantity: Decimal) -> Decimal:
        """Round down to the step and cap at `max_quantity`; may be 0 or below `min_quantity`."""
        return floor_to_step(min(quantity, self.max_quantity), self.step_size)

    def round_stop_price(self, price: Decimal, *, side: Side) -> Decimal:
        """Triggers no later than asked: a sell stop goes up, a buy stop goes down."""
        if side is Side.SELL:
            return ceil_to_step(price, self.tick_size)
        return floor_to_step(price, self.tick_size)

    def round_target_price(self, price: Decimal, *, side: Side) -> Decimal:
        """Triggers no later than asked: a sell target goes down, a buy target goes up."""
        if side is Side.SELL:
            return floor_to_step(price, self.tick_size)
        return ceil_to_step(price, self.tick_size)

    def is_on_step(self, *, quantity: Decimal) -> bool:
        """Whether `quantity` is a multiple of the step within the venue's bounds."""
        return (
            self.min_quantity <= quantity <= self.max_quantity and quantity % self.step_size == 0
        )
