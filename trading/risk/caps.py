"""Caps: largest notional of an entry under each limit, in quote units.

    Entry -> cap, cap, cap ... -> remaining notional (trading.risk.sizing)

A cap is independent of the other caps and of the wanted notional; zero or less allows nothing.
Decided but not yet filled entries of the user's other cycles count like positions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading.domain.units import PositionSide
from trading.risk.circuit_breaker import compute_day_loss, compute_day_loss_limit
from trading.risk.context import RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.margin import compute_affordable_notional
from trading.risk.results import DenialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    Input of the caps.

    Attributes:
        side: LONG or SHORT.
        price: expected fill of a market order, quote per base: ask for a long, bid for a short.
        stop_ratio, target_ratio: distances from `price`, 0..1.
        loss_ratio: loss at the stop / notional, fees of both ways included.
        depth: resting quote units near the best price on the opposite side of the book.
        max_leverage: whole, >= 1.
    """

    inputs: RiskInput
    limits: RiskLimits
    side: PositionSide
    price: Decimal
    stop_ratio: Decimal
    target_ratio: Decimal
    loss_ratio: Decimal
    depth: Decimal
    max_leverage: Decimal


type Cap = Callable[[Entry], Decimal]


def _cap_position(entry: Entry) -> Decimal:
    return entry.inputs.account.portfolio.equity * entry.limits.max_position_ratio


def _cap_leverage(entry: Entry) -> Decimal:
    """All the equity of the pair at the largest leverage."""
    return entry.inputs.account.portfolio.equity * entry.max_leverage


def _cap_exposure(entry: Entry) -> Decimal:
    """Longs and shorts of all pairs, decided entries included."""
    account = entry.inputs.account
    allowed = account.user_equity * entry.limits.max_exposure_ratio
    return allowed - account.elsewhere.gross - account.reserved_notional


def _cap_direction(entry: Entry) -> Decimal:
    """Net long (or short) of all pairs, decided entries included, because pairs move together."""
    account = entry.inputs.account
    allowed = account.user_equity * entry.limits.max_direction_ratio
    return allowed - account.elsewhere.net * entry.side.sign - account.reserved_notional


def _cap_balance(entry: Entry) -> Decimal:
    """Margin and fees of both ways, also of decided entries, come out of the available balance."""
    account = entry.inputs.account
    affordable = compute_affordable_notional(
        account.balance.available,
        leverage=entry.max_leverage,
        fee_rate=entry.inputs.instrument.taker_fee_rate,
    )
    return affordable - account.reserved_notional


def _cap_loss_room(entry: Entry) -> Decimal:
    """A hit stop must keep the pair within the limits of day loss and drawdown."""
    portfolio, limits = entry.inputs.account.portfolio, entry.limits
    breaker = entry.inputs.account.pair_breaker
    day_limit = compute_day_loss_limit(portfolio, limits=limits)
    day_room = day_limit - compute_day_loss(breaker, portfolio=portfolio)
    floor = portfolio.peak_equity * (1 - limits.max_drawdown_ratio)
    return min(day_room, portfolio.equity - floor) / entry.loss_ratio


def _cap_book_share(entry: Entry) -> Decimal:
    return entry.depth * entry.limits.max_book_share_ratio


def _cap_order(entry: Entry) -> Decimal:
    return entry.limits.max_order_notional


def _cap_quantity(entry: Entry) -> Decimal:
    return entry.inputs.instrument.max_quantity * entry.price


CAPS: tuple[tuple[str, DenialReason, Cap], ...] = (
    ("position_size", DenialReason.POSITION_LIMIT, _cap_position),
    ("leverage", DenialReason.LEVERAGE_LIMIT, _cap_leverage),
    ("total_exposure", DenialReason.EXPOSURE_LIMIT, _cap_exposure),
    ("direction_exposure", DenialReason.DIRECTION_LIMIT, _cap_direction),
    ("available_balance", DenialReason.BALANCE_LIMIT, _cap_balance),
    ("loss_room", DenialReason.LOSS_ROOM_LIMIT, _cap_loss_room),
    ("book_share", DenialReason.BOOK_SHARE_LIMIT, _cap_book_share),
    ("order_notional", DenialReason.NOTIONAL_ABOVE_MAX, _cap_order),
    ("order_quantity", DenialReason.QUANTITY_ABOVE_MAX, _cap_quantity),
)
"""Each takes from the notional what its limit does not allow, quote units, in this order."""
