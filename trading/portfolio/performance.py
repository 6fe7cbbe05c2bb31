"""Performance figures of closed positions and the equity curve, for `stats`.

    closed positions, equity points -> compute_statistics -> Statistics

Every trade counts after fees and funding; a trade with a result of exactly zero is neither won nor
lost. Nothing is annualized: a month of a pair is too short a basis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from trading.domain.positions import Position
from trading.domain.units import ZERO, require_finite, require_utc, sum_money


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPoint:
    """Equity (quote units) measured by a cycle."""

    as_of: datetime
    equity: Decimal

    def __post_init__(self) -> None:
        require_utc(as_of=self.as_of)
        require_finite(equity=self.equity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """
    Closed trades and the equity curve in numbers; quote units where nothing else is said.

    Attributes:
        trades: closed positions; wins + losses + results of exactly zero.
        win_rate: wins / trades, 0..1; None without a trade.
        profit_factor: sum of the wins / sum of the losses; None without a loss.
        net_pnl: sum of the wins - sum of the losses.
        fees, funding: in `net_pnl` already.
        best_trade, worst_trade: None without a trade.
        average_holding: None without a trade.
        max_drawdown: largest fraction of a peak lost later, 0..1.
    """

    trades: int
    wins: int
    losses: int
    win_rate: Decimal | None
    profit_factor: Decimal | None
    net_pnl: Decimal
    fees: Decimal
    funding: Decimal
    best_trade: Decimal | None
    worst_trade: Decimal | None
    average_holding: timedelta | None
    max_drawdown: Decimal


def compute_statistics(
    positions: Iterable[Position], *, equity_curve: Iterable[EquityPoint] = ()
) -> Statistics:
    """
    Sum up closed positions and the equity curve.

    Args:
        positions: In any order; open ones are left out.
        equity_curve: In any order; may be empty.
    """
    closed = sorted(
        ((p.closed_at, p) for p in positions if p.closed_at is not None), key=lambda one: one[0]
    )
    results = [position.net_pnl for _, position in closed]
    profit = sum_money(pnl for pnl in results if pnl > 0)
    loss = -sum_money(pnl for pnl in results if pnl < 0)
    wins = sum(pnl > 0 for pnl in results)
    held = sum((closed_at - p.opened_at for closed_at, p in closed), timedelta(0))
    return Statistics(
        trades=len(results),
        wins=wins,
        losses=sum(pnl < 0 for pnl in results),
        win_rate=Decimal(wins) / len(results) if results else None,
        profit_factor=profit / loss if loss else None,
        net_pnl=profit - loss,
        fees=sum_money(position.fees for _, position in closed),
        funding=sum_money(position.funding for _, position in closed),
        best_trade=max(results, default=None),
        worst_trade=min(results, default=None),
        average_holding=held / len(results) if results else None,
        max_drawdown=compute_max_drawdown(equity_curve),
    )


def compute_max_drawdown(equity_curve: Iterable[EquityPoint]) -> Decimal:
    """Largest fraction of a peak above 0 lost later, 0..1 (1: the whole peak, or more)."""
    deepest = peak = ZERO
    for point in sorted(equity_curve, key=lambda one: one.as_of):
        peak = max(peak, point.equity)
        if peak > 0:
            deepest = max(deepest, (peak - point.equity) / peak)
    return min(deepest, Decimal(1))
