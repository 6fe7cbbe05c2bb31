"""The breaker: losses stop trading for a while, persisted and explained.

    Breaker, Portfolio, closed positions -> check_breaker -> Breaker

The same function serves a pair of a user (portfolio and positions of the pair) and the whole user
(the combined portfolio, all positions). There is no half-open state: an entry's loss is bounded by
the stop and by the remaining day loss (`trading.risk.sizing`), so a trial entry would not be
smaller. Closing the breaker also moves the start of the count of losses; otherwise old losses
would open the breaker again at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from trading.domain.accounts import Portfolio
from trading.domain.positions import Position
from trading.domain.units import ZERO, require_finite, require_utc, round_money
from trading.risk.limits import RiskLimits


class BreakerState(StrEnum):
    """Running, or open: no entries."""

    RUNNING = "running"
    OPEN = "open"


class BreakerCode(StrEnum):
    """Why a breaker opened."""

    LOSSES_IN_A_ROW = "LOSSES_IN_A_ROW"
    DAY_LOSS = "DAY_LOSS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """
    The state for one pair of one user, or for the whole user.

    Attributes:
        code: a `BreakerCode`; "" while running.
        figures: the trades and numbers behind the opening, as text by name.
        opened_at, until: None while running; the breaker closes at `until`.
        counts_from: losses closed before this instant no longer count (set on closing).
        counts_from_pnl: net PnL (`Portfolio.net_pnl`, quote units) on closing: start of the day's
            loss for the rest of the UTC day of `counts_from`.

    Raises:
        ValueError: when an open breaker lacks cause or times, or a running breaker has any.
    """

    state: BreakerState = BreakerState.RUNNING
    code: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    opened_at: datetime | None = None
    until: datetime | None = None
    counts_from: datetime | None = None
    counts_from_pnl: Decimal = ZERO

    def __post_init__(self) -> None:
        told = (self.code != "", self.opened_at is not None, self.until is not None)
        if any(told) != all(told) or all(told) != self.is_open:
            raise ValueError("exactly an open breaker has a code, opened_at and until")
        for instant in (self.opened_at, self.until, self.counts_from):
            if instant is not None:
                require_utc(instant=instant)
        require_finite(counts_from_pnl=self.counts_from_pnl)

    @property
    def is_open(self) -> bool:
        """Whether entries are denied, until `check_breaker` or a resume closes the breaker."""
        return self.state is BreakerState.OPEN


def check_breaker(
    breaker: Breaker,
    *,
    portfolio: Portfolio,
    closed: Sequence[Position],
    limits: RiskLimits,
) -> Breaker:
    """
    Close a breaker after the cooldown, open a breaker at a reached limit.

    Args:
        breaker: As stored.
        portfolio: Of the pair, or the user's combined; `as_of` is the moment of the check.
        closed: Closed positions, in any order; at least all since `counts_from`, or the last
            `max_losses_in_a_row` of them.
        limits: The user's.

    Returns:
        The same object when nothing changed.
    """
    if breaker.until is not None:
        if portfolio.as_of < breaker.until:
            return breaker
        breaker = resume_breaker(breaker, net_pnl=portfolio.net_pnl, as_of=breaker.until)
    newest_first = _counting(breaker, closed=closed)
    cause = _find_day_loss(breaker, portfolio=portfolio, closed=newest_first, limits=limits)
    code = BreakerCode.DAY_LOSS
    if not cause:
        cause = _find_losing_streak(newest_first, limits=limits)
        code = BreakerCode.LOSSES_IN_A_ROW
    if not cause:
        return breaker
    return Breaker(
        state=BreakerState.OPEN,
        code=code,
        figures=cause,
        opened_at=portfolio.as_of,
        until=portfolio.as_of + limits.breaker_cooldown,
        counts_from=breaker.counts_from,
        counts_from_pnl=breaker.counts_from_pnl,
    )


def resume_breaker(breaker: Breaker, *, net_pnl: Decimal, as_of: datetime) -> Breaker:
    """
    A closed breaker without the losses before `as_of`.

    A running breaker is returned unchanged: a resume must not reset the count of losses.

    Args:
        breaker: As stored.
        net_pnl: `Portfolio.net_pnl` at that moment, quote units.
        as_of: Time of closing: end of the cooldown, or a person's resume (audited by the caller).
    """
    if not breaker.is_open:
        return breaker
    return Breaker(counts_from=as_of, counts_from_pnl=net_pnl)


def compute_day_loss(breaker: Breaker, *, portfolio: Portfolio) -> Decimal:
    """
    Quote units lost on the UTC day of `portfolio.as_of`, 0 or above.

    Counted from the day's start, or from the closing of the breaker on the same day.
    """
    closed_at = breaker.counts_from
    if closed_at is not None and closed_at.date() == portfolio.as_of.date():
        return max(ZERO, breaker.counts_from_pnl - portfolio.net_pnl)
    return max(ZERO, -portfolio.day_pnl)


def compute_day_loss_limit(portfolio: Portfolio, *, limits: RiskLimits) -> Decimal:
    """Allowed loss of the day in quote units; 0 without equity at the day's start."""
    return max(ZERO, portfolio.day_start_equity * limits.max_day_loss_ratio)


def _counting(breaker: Breaker, *, closed: Sequence[Position]) -> list[Position]:
    """Closed positions since `counts_from`, newest first."""
    since = breaker.counts_from
    counting = [
        (position.closed_at, position)
        for position in closed
        if position.closed_at is not None and (since is None or position.closed_at >= since)
    ]
    return [position for _, position in sorted(counting, key=lambda one: one[0], reverse=True)]


def _find_losing_streak(newest_first: Sequence[Position], *, limits: RiskLimits) -> dict[str, str]:
    last = newest_first[: limits.max_losses_in_a_row]
    if len(last) < limits.max_losses_in_a_row or any(p.net_pnl >= 0 for p in last):
        return {}
    return {
        "losses": str(len(last)),
        "limit": str(limits.max_losses_in_a_row),
        **_name_trades(last),
    }


def _find_day_loss(
    breaker: Breaker, *, portfolio: Portfolio, closed: Sequence[Position], limits: RiskLimits
) -> dict[str, str]:
    loss = compute_day_loss(breaker, portfolio=portfolio)
    limit = compute_day_loss_limit(portfolio, limits=limits)
    if loss == 0 or loss < limit:
        return {}
    today = portfolio.as_of.date()
    losers = [p for p in closed if p.closed_at and p.closed_at.date() == today and p.net_pnl < 0]
    return {
        "day_loss": str(round_money(loss)),
        "limit": str(round_money(limit)),
        "day_start_equity": str(round_money(portfolio.day_start_equity)),
        "unrealized_pnl": str(round_money(portfolio.unrealized_pnl)),
        **_name_trades(losers),
    }


def _name_trades(positions: Sequence[Position]) -> dict[str, str]:
    """`trade_1` is the newest; at most ten, to keep an alert readable."""
    return {
        f"trade_{number}": f"{p.pair} closed {p.closed_at:%Y-%m-%d %H:%M} UTC"
        f" net_pnl {round_money(p.net_pnl)}"
        for number, p in enumerate(positions[:10], start=1)
    }
