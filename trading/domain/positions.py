"""Positions: the sum of the fills of a pair.

    Fill -> apply_fill -> Position -> unrealized_pnl

One-way mode: one position per pair. Money follows the average-cost rule that both venues use:
an increase moves the average entry price, a reduction realizes against it. PnL is linear: quote =
base x price difference, booked in whole `MONEY_STEP`s, so sums are exact and two books of the
same fills agree to the last digit. `net_pnl` is realized minus fees minus funding.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trading.domain.orders import Fill
from trading.domain.units import (
    ZERO,
    Pair,
    PositionSide,
    Side,
    VenueName,
    require_finite,
    require_not_negative,
    require_positive,
    require_utc,
    round_money,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """
    One position from its first fill to flat.

    Attributes:
        quantity: base units, 0 when flat.
        average_entry_price: quote per base, 0 when never opened.
        realized_pnl: quote units before fees and funding.
        fees: quote units paid so far; funding: signed, positive when we paid.
        stop_price, target_price: trigger prices of the resting orders, None without an order.
    """

    venue: VenueName
    pair: Pair
    side: PositionSide
    quantity: Decimal
    average_entry_price: Decimal
    opened_at: datetime
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    leverage: Decimal = Decimal(1)
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        require_not_negative(quantity=self.quantity, average_entry_price=self.average_entry_price)
        require_finite(realized_pnl=self.realized_pnl, fees=self.fees, funding=self.funding)
        require_positive(leverage=self.leverage)
        require_utc(opened_at=self.opened_at)
        if self.closed_at is not None:
            require_utc(closed_at=self.closed_at)
        if (self.side is PositionSide.FLAT) != (self.quantity == 0):
            raise ValueError(f"{self.side} with quantity {self.quantity}")

    @property
    def signed_quantity(self) -> Decimal:
        """Base units, negative when short."""
        return self.quantity * self.side.sign

    @property
    def net_pnl(self) -> Decimal:
        """Realized quote units after fees and funding."""
        return self.realized_pnl - self.fees - self.funding

    def unrealized_pnl(self, *, mark_price: Decimal) -> Decimal:
        """Quote units realized by a close at `mark_price`, before fees."""
        return self.signed_quantity * (mark_price - self.average_entry_price)

    def notional(self, *, mark_price: Decimal) -> Decimal:
        """Quote units at `mark_price`, always >= 0."""
        return self.quantity * mark_price


def apply_fill(position: Position | None, fill: Fill) -> Position:
    """
    The position after one more fill.

    `None` or a flat position opens a new position. A reversing fill has to be cut first
    (`split_at_flat`), because a single result can't hold both the closed and the new position.

    Raises:
        ValueError: when venue or pair differ, or the fill is larger than the position.
    """
    if position is None or position.side is PositionSide.FLAT:
        return _opened_by(fill)
    if (position.venue, position.pair) != (fill.venue, fill.pair):
        raise ValueError(f"a fill of {fill.pair} can't change a position in {position.pair}")
    if fill.side is position.side.entry_side:
        return _increased(position, fill)
    return _reduced(position, fill)


def split_at_flat(position: Position | None, fill: Fill) -> tuple[Fill, Fill | None]:
    """
    Cut a reversing fill into the closing part and the rest.

    Separate bookings give each position a separate row, so a trade's PnL is never spread over two
    positions. The parts' trade ids end in `:close` and `:open`. Other fills are returned whole.
    """
    if (
        position is None
        or position.side is PositionSide.FLAT
        or fill.side is position.side.entry_side
        or fill.quantity <= position.quantity
    ):
        return fill, None
    share = position.quantity / fill.quantity
    closing_fee = round_money(fill.fee * share)
    closing = replace(
        fill, trade_id=f"{fill.trade_id}:close", quantity=position.quantity, fee=closing_fee
    )
    opening = replace(
        fill,
        trade_id=f"{fill.trade_id}:open",
        quantity=fill.quantity - position.quantity,
        fee=fill.fee - closing_fee,
    )
    return closing, opening


def _opened_by(fill: Fill) -> Position:
    return Position(
        venue=fill.venue,
        pair=fill.pair,
        side=PositionSide.LONG if fill.side is Side.BUY else PositionSide.SHORT,
        quantity=fill.quantity,
        average_entry_price=fill.fill_price,
        opened_at=fill.filled_at,
        fees=fill.fee,
    )


def _increased(position: Position, fill: Fill) -> Position:
    quantity = position.quantity + fill.quantity
    cost = position.quantity * position.average_entry_price + fill.quantity * fill.fill_price
    return replace(
        position,
        quantity=quantity,
        average_entry_price=cost / quantity,
        fees=position.fees + fill.fee,
    )


def _reduced(position: Position, fill: Fill) -> Position:
    left = position.quantity - fill.quantity
    if left < 0:
        raise ValueError(
            f"a fill of {fill.quantity} can't close {position.quantity}: cut it first"
        )
    gain = (fill.fill_price - position.average_entry_price) * position.side.sign
    return replace(
        position,
        side=position.side if left else PositionSide.FLAT,
        quantity=left,
        realized_pnl=position.realized_pnl + round_money(gain * fill.quantity),
        fees=position.fees + fill.fee,
        closed_at=None if left else fill.filled_at,
    )
