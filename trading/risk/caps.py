"""Caps: how much of an entry each limit allows, in quote units of notional.

    Entry -> cap, cap, cap ... -> what is left of the wish (trading.risk.sizing)

A cap knows nothing of the others and nothing of the wish; zero or less means that nothing is
allowed. What other cycles of the user have decided but not yet entered counts like positions.
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
    What the caps measure.

    Attributes:
        side: LONG or SHORT.
        price: quote per base that a market order would get: ask for a long, bid for a short.
        stop_ratio, target_ratio: distances from `price`, 0..1.
        loss_ratio: of the notional that a hit stop costs, fees of both ways included.
        depth: quote units that rest near the best price on the side it takes from.
        max_leverage: whole, >= 1.
    """

    asked: RiskInput
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
    return entry.asked.account.portfolio.equity * entry.limits.max_position_ratio


def _cap_leverage(entry: Entry) -> Decimal:
    """All the equity of the pair at the largest leverage."""
    return entry.asked.account.portfolio.equity * entry.max_leverage


def _cap_exposure(entry: Entry) -> Decimal:
    """Longs and shorts of all pairs, decided ones too."""
    account = entry.asked.account
    allowed = account.user_equity * entry.limits.max_exposure_ratio
    return allowed - account.elsewhere.gross - account.reserved_notional


def _cap_direction(entry: Entry) -> Decimal:
    """Pairs move together: what is net long (or short) is one bet. Decided ones count as if."""
    account = entry.asked.account
    allowed = account.user_equity * entry.limits.max_direction_ratio
    return allowed - account.elsewhere.net * entry.side.sign - account.reserved_notional


def _cap_balance(entry: Entry) -> Decimal:
    """Margin and the fees of both ways come out of what is available; what is decided too."""
    account = entry.asked.account
    affordable = compute_affordable_notional(
        account.balance.available,
        leverage=entry.max_leverage,
        fee_rate=entry.asked.instrument.taker_fee_rate,
    )
    return affordable - account.reserved_notional


def _cap_loss_room(entry: Entry) -> Decimal:
    """A hit stop must not carry the pair over its day's loss or its drawdown."""
    portfolio, limits = entry.asked.account.portfolio, entry.limits
    breaker = entry.asked.account.pair_breaker
    day_limit = compute_day_loss_limit(portfolio, limits=limits)
    day_room = day_limit - compute_day_loss(breaker, portfolio=portfolio)
    floor = portfolio.peak_equity * (1 - limits.max_drawdown_ratio)
    return min(day_room, portfolio.equity - floor) / entry.loss_ratio


def _cap_book_share(entry: Entry) -> Decimal:
    return entry.depth * entry.limits.max_book_share_ratio


def _cap_order(entry: Entry) -> Decimal:
    return entry.limits.max_order_notional


def _cap_quantity(entry: Entry) -> Decimal:
    return entry.asked.instrument.max_quantity * entry.price


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
