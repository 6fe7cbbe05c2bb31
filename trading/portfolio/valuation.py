"""Valuation of a pair and of a user, with the references: day start, peak and first equity.

    PairBooks, mark price -> roll_state -> PairState -> compute_portfolio -> Portfolio
    Portfolio, Portfolio ... -> combine_portfolios -> Portfolio of the user

Money paid in or out is not PnL: when the capital changes, all references of the equity move by the
same amount. The day starts with the last equity before midnight UTC, so every loss belongs to a
day. Buy-and-hold is shown before fees, like a price chart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from trading.domain.accounts import Portfolio
from trading.domain.positions import Position
from trading.domain.units import (
    ONE,
    ZERO,
    require_finite,
    require_not_negative,
    require_positive,
    require_utc,
    sum_money,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Sums of the closed positions of a pair, quote units; `net_pnl` after fees and funding."""

    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO

    def __post_init__(self) -> None:
        require_finite(realized_pnl=self.realized_pnl, fees=self.fees, funding=self.funding)

    @property
    def net_pnl(self) -> Decimal:
        """Realized minus fees minus funding."""
        return self.realized_pnl - self.fees - self.funding


def sum_ledger(positions: Iterable[Position]) -> Ledger:
    """Add up realized PnL, fees and funding of positions; the empty sum is zero."""
    booked = tuple(positions)
    return Ledger(
        realized_pnl=sum_money(p.realized_pnl for p in booked),
        fees=sum_money(p.fees for p in booked),
        funding=sum_money(p.funding for p in booked),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBooks:
    """
    Everything booked for one pair of one user.

    Attributes:
        capital: quote units set aside, > 0.
        closed: the sum of the closed positions.
        position: the open position (realized part, fees and funding are not in `closed`).
        set_aside: profit taken out of the account, >= 0.
    """

    capital: Decimal
    closed: Ledger = Ledger()
    position: Position | None = None
    set_aside: Decimal = ZERO

    def __post_init__(self) -> None:
        require_positive(capital=self.capital)
        require_not_negative(set_aside=self.set_aside)

    @property
    def ledger(self) -> Ledger:
        """Closed and open together."""
        if self.position is None:
            return self.closed
        return Ledger(
            realized_pnl=self.closed.realized_pnl + self.position.realized_pnl,
            fees=self.closed.fees + self.position.fees,
            funding=self.closed.funding + self.position.funding,
        )

    def unrealized_pnl(self, *, mark_price: Decimal) -> Decimal:
        """Quote units; 0 when flat."""
        return self.position.unrealized_pnl(mark_price=mark_price) if self.position else ZERO

    def equity(self, *, mark_price: Decimal) -> Decimal:
        """
        Capital plus net and unrealized PnL less the profit set aside, quote units.

        Below 0 when more than the capital is lost.
        """
        earned = self.ledger.net_pnl + self.unrealized_pnl(mark_price=mark_price)
        return self.capital + earned - self.set_aside


@dataclass(frozen=True, slots=True, kw_only=True)
class PairState:
    """
    References of a pair's equity; kept between cycles.

    Attributes:
        capital: as of `updated_at`; a difference to the books is money paid in or out.
        peak_equity: highest equity seen.
        day: the UTC day of `day_start_equity`.
        day_start_equity: last equity before the day (the capital for a new pair).
        last_equity, last_mark: at `updated_at`.
        start_price: mark price at the first update, weighted with later additions of capital:
            entry price of buy-and-hold.
        set_aside: as of `updated_at`; a difference to the books is profit taken out, or a
            correction.
    """

    capital: Decimal
    peak_equity: Decimal
    day: date
    day_start_equity: Decimal
    last_equity: Decimal
    last_mark: Decimal
    start_price: Decimal
    updated_at: datetime
    set_aside: Decimal = ZERO

    def __post_init__(self) -> None:
        require_positive(
            capital=self.capital, start_price=self.start_price, last_mark=self.last_mark
        )
        require_not_negative(set_aside=self.set_aside)
        require_finite(
            peak_equity=self.peak_equity,
            day_start_equity=self.day_start_equity,
            last_equity=self.last_equity,
        )
        require_utc(updated_at=self.updated_at)

    @property
    def net_pnl(self) -> Decimal:
        """Quote units since the start, as of the last update, profit set aside included."""
        return self.last_equity + self.set_aside - self.capital


def roll_state(
    state: PairState | None, *, books: PairBooks, mark_price: Decimal, as_of: datetime
) -> PairState:
    """
    The state after an update from the books.

    A new UTC day starts with the last equity; a clock set back starts no day. Capital paid in or
    out, and profit set aside, move peak, day start and last equity by the same amount.

    Args:
        state: None at the first update.
        books: As of now.
        mark_price: Quote per base, > 0.
        as_of: Aware UTC.
    """
    require_utc(as_of=as_of)
    moved = _started(books, mark_price, as_of) if state is None else _repaid(state, books)
    moved = _set_aside(moved, books)
    equity = books.equity(mark_price=mark_price)
    has_new_day = as_of.date() > moved.day
    return replace(
        moved,
        peak_equity=max(moved.peak_equity, equity),
        day=as_of.date() if has_new_day else moved.day,
        day_start_equity=moved.last_equity if has_new_day else moved.day_start_equity,
        last_equity=equity,
        last_mark=mark_price,
        updated_at=as_of,
    )


def _started(books: PairBooks, mark_price: Decimal, as_of: datetime) -> PairState:
    return PairState(
        capital=books.capital,
        peak_equity=books.capital,
        day=as_of.date(),
        day_start_equity=books.capital,
        last_equity=books.capital,
        last_mark=mark_price,
        start_price=mark_price,
        updated_at=as_of,
    )


def _set_aside(state: PairState, books: PairBooks) -> PairState:
    """Move what equity is compared with by the profit that was taken out."""
    change = books.set_aside - state.set_aside
    return replace(
        state,
        set_aside=books.set_aside,
        peak_equity=state.peak_equity - change,
        day_start_equity=state.day_start_equity - change,
        last_equity=state.last_equity - change,
    )


def _repaid(state: PairState, books: PairBooks) -> PairState:
    """Move the references of the equity by the capital paid in or out."""
    change = books.capital - state.capital
    if change == 0:
        return state
    # Buy-and-hold invests added money at the last known price. A withdrawal sells coins at an
    # # unchanged average price.
    held = state.capital / state.start_price
    added = max(change, ZERO)
    return replace(
        state,
        capital=books.capital,
        peak_equity=state.peak_equity + change,
        day_start_equity=state.day_start_equity + change,
        last_equity=state.last_equity + change,
        start_price=(state.capital + added) / (held + added / state.last_mark),
    )


def compute_portfolio(
    books: PairBooks, *, state: PairState, mark_price: Decimal, as_of: datetime
) -> Portfolio:
    """
    Value of a pair now.

    Args:
        books: As of now.
        state: After `roll_state` for the same moment.
        mark_price: Quote per base, > 0.
        as_of: Aware UTC.
    """
    equity = books.equity(mark_price=mark_price)
    ledger = books.ledger
    return Portfolio(
        as_of=as_of,
        capital=books.capital,
        equity=equity,
        peak_equity=max(state.peak_equity, equity),
        day_start_equity=state.day_start_equity,
        realized_pnl=ledger.realized_pnl,
        unrealized_pnl=books.unrealized_pnl(mark_price=mark_price),
        fees=ledger.fees,
        funding=ledger.funding,
        exposure=books.position.notional(mark_price=mark_price) if books.position else ZERO,
        buy_and_hold_pnl=books.capital * (mark_price / state.start_price - ONE),
        set_aside=books.set_aside,
    )


def combine_portfolios(portfolios: Iterable[Portfolio], *, as_of: datetime) -> Portfolio:
    """
    A user's pairs combined into a portfolio; all zeros without a pair.

    The peaks are added although reached at different times: the user's drawdown is overstated
    rather than understated.
    """
    parts = tuple(portfolios)
    return Portfolio(
        as_of=as_of,
        capital=sum_money(p.capital for p in parts),
        equity=sum_money(p.equity for p in parts),
        peak_equity=sum_money(p.peak_equity for p in parts),
        day_start_equity=sum_money(p.day_start_equity for p in parts),
        realized_pnl=sum_money(p.realized_pnl for p in parts),
        unrealized_pnl=sum_money(p.unrealized_pnl for p in parts),
        fees=sum_money(p.fees for p in parts),
        funding=sum_money(p.funding for p in parts),
        exposure=sum_money(p.exposure for p in parts),
        buy_and_hold_pnl=sum_money(p.buy_and_hold_pnl for p in parts),
        set_aside=sum_money(p.set_aside for p in parts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """
    Notional at mark of several positions, quote units.

    Attributes:
        gross: longs plus shorts, >= 0.
        net: longs minus shorts.
        position_count: open positions.
    """

    gross: Decimal = ZERO
    net: Decimal = ZERO
    position_count: int = 0


def compute_exposure(positions: Iterable[tuple[Position, Decimal]]) -> Exposure:
    """Add up positions with mark prices (quote per base); flat positions add nothing."""
    signed = [p.signed_quantity * mark_price for p, mark_price in positions if p.quantity]
    return Exposure(
        gross=sum_money(abs(notional) for notional in signed),
        net=sum_money(signed),
        position_count=len(signed),
    )
