"""Users, their traded pairs and their money.

    User 1-n PairConfig;  Balance comes from the venue, Portfolio from our books.

Each pair has separate capital, set by the user. A pair's equity is the capital of the pair plus
the pair's net and unrealized PnL, so a gain of another pair never hides a loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NewType

from trading.domain.units import (
    ONE,
    ZERO,
    Mode,
    Pair,
    UserId,
    VenueName,
    require_finite,
    require_not_negative,
    require_positive,
    require_utc,
)

Language = NewType("Language", str)
"""Code of a language that has a catalog in `reports.texts`, such as "en"."""
ENGLISH = Language("en")
"""Language of the command line and of a text that a catalog lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """
    A person (or the local paper user of one machine).

    Attributes:
        telegram_id: None for a user of the command line only.
        is_banned: no entry, no command; stops stay.
    """

    user_id: UserId
    name: str
    telegram_id: int | None
    language: Language
    is_admin: bool
    is_banned: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PairConfig:
    """
    One pair of one user.

    Attributes:
        capital: quote units set aside for the pair, > 0.
        is_paused: no new entries; stops stay.
        is_paused_in_prefect: the operator made the pause in the Prefect UI.
        overrides: the user's limits by `RiskLimits` field name, as text; only stricter values.
    """

    user_id: UserId
    pair: Pair
    venue: VenueName
    mode: Mode
    capital: Decimal
    is_paused: bool
    created_at: datetime
    overrides: Mapping[str, str] = field(default_factory=dict)
    is_paused_in_prefect: bool = False

    def __post_init__(self) -> None:
        require_positive(capital=self.capital)
        require_utc(created_at=self.created_at)

    @property
    def trade_venue(self) -> VenueName:
        """The venue of the pair's orders: PAPER unless the pair trades live."""
        return self.venue if self.mode is Mode.LIVE else VenueName.PAPER


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """
    Settled money at a venue, quote units.

    Attributes:
        total: without unrealized PnL.
        available: money for new positions.
        reserved: margin held by positions and orders.
    """

    total: Decimal
    available: Decimal
    reserved: Decimal

    def __post_init__(self) -> None:
        require_finite(total=self.total, available=self.available, reserved=self.reserved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """
    Value of one pair of one user at `as_of`, quote units.

    Attributes:
        equity: capital + realized - fees - funding + unrealized - set aside.
        peak_equity: highest equity ever seen, >= equity.
        day_start_equity: equity when this UTC day began (`trading.portfolio.valuation.PairState`).
        exposure: notional of the open position at mark.
        hold_pnl: result of no trading at all: 0 by definition, for comparison.
        buy_and_hold_pnl: result of buying with all the capital at the start.
        set_aside: profit taken out of the account, >= 0: earned and no longer at risk.
    """

    as_of: datetime
    capital: Decimal
    equity: Decimal
    peak_equity: Decimal
    day_start_equity: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    fees: Decimal
    funding: Decimal
    exposure: Decimal
    hold_pnl: Decimal = ZERO
    buy_and_hold_pnl: Decimal = ZERO
    set_aside: Decimal = ZERO

    def __post_init__(self) -> None:
        require_utc(as_of=self.as_of)
        require_finite(
            equity=self.equity,
            realized_pnl=self.realized_pnl,
            unrealized_pnl=self.unrealized_pnl,
            fees=self.fees,
            funding=self.funding,
        )
        require_not_negative(exposure=self.exposure, set_aside=self.set_aside)

    @property
    def net_pnl(self) -> Decimal:
        """Quote units since the start: realized and unrealized, after fees and funding."""
        return self.worth - self.capital

    @property
    def worth(self) -> Decimal:
        """Equity plus the profit set aside, quote units."""
        return self.equity + self.set_aside

    @property
    def drawdown(self) -> Decimal:
        """Lost fraction of the peak, 0..1; 1 also for a loss above the whole peak."""
        if self.peak_equity <= 0:
            return ZERO
        return min(ONE, max(ZERO, (self.peak_equity - self.equity) / self.peak_equity))

    @property
    def day_pnl(self) -> Decimal:
        """Quote units since the start of the UTC day, net."""
        return self.equity - self.day_start_equity
