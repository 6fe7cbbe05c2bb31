"""Input of the risk rules: consensus, market and the user's account, as of one moment.

    Consensus, MarketView, Instrument, AccountView -> RiskInput -> trading.risk.engine.check_risk

The input is read under the user's risk lock (one transaction), so two cycles of a user can't both
pass a limit: the input of the second cycle contains the reservation of the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite

from trading.council.consensus import Consensus
from trading.council.decisions import Action
from trading.domain.accounts import Balance, Portfolio
from trading.domain.instruments import Instrument
from trading.domain.orders import Order
from trading.domain.positions import Position
from trading.domain.units import (
    PositionSide,
    TradingState,
    require_finite,
    require_not_negative,
    require_utc,
)
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import FundingRate, OrderBook, Ticker
from trading.news.items import SentimentScore
from trading.portfolio.valuation import Exposure
from trading.risk.circuit_breaker import Breaker

RISK_INTERVAL = Interval.H1
"""The candles whose Bollinger width and ATR stand for the market's volatility."""

SIDES = {
    Action.OPEN_LONG: PositionSide.LONG,
    Action.OPEN_SHORT: PositionSide.SHORT,
    Action.CLOSE: PositionSide.FLAT,
    Action.HOLD: PositionSide.FLAT,
}
"""Side of the position after an action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """
    Market data, without data of a user.

    Attributes:
        book: None when the source has no order book: entries are denied.
        funding: None when the source has no funding: the funding rule then passes.
        findings: objections of the quality check; empty means good.
    """

    ticker: Ticker
    book: OrderBook | None
    funding: FundingRate | None
    indicators: Mapping[Interval, Indicators]
    findings: tuple[str, ...]
    sentiment: SentimentScore

    @property
    def bollinger_width_ratio(self) -> Decimal | None:
        """(upper - lower) / middle band of `RISK_INTERVAL`, None when not known."""
        indicators = self.indicators.get(RISK_INTERVAL)
        return _read_ratio(indicators.bollinger_width_ratio) if indicators else None

    @property
    def atr_ratio(self) -> Decimal | None:
        """Average true range / close of `RISK_INTERVAL`, None when not known."""
        indicators = self.indicators.get(RISK_INTERVAL)
        return _read_ratio(indicators.atr_ratio) if indicators else None


def _read_ratio(number: float | None) -> Decimal | None:
    """An indicator as Decimal; None for NaN, infinite and negative numbers."""
    if number is None or not isfinite(number) or number < 0:
        return None
    return Decimal(str(number))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """
    Account of the user, quote units. No field has a default, so no field can be forgotten.

    Attributes:
        portfolio: of this pair.
        position: the open position of this pair, None (or flat) without an open position.
        balance: settled money at the venue, all pairs together.
        pair_breaker, user_breaker: current states after `check_breaker`.
        trading_state: the strictest of system, venue and user.
        user_equity: of all pairs together.
        elsewhere: open positions of all other pairs, foreign positions included.
        reserved_notional: of decided but not yet filled entries, all pairs.
        entries_in_doubt: entries of this pair with an unproven outcome.
        unprotected_positions: positions of the user without a resting stop.
        recent_orders: of this pair, at least the last 24 h, in any order.
        closed_positions: of this pair, at least the last hour, in any order.
        is_reconciled: whether our books have been compared with the venue since the start.
        clock_offset: our clock minus the venue's clock.
    """

    portfolio: Portfolio
    position: Position | None
    balance: Balance
    pair_breaker: Breaker
    user_breaker: Breaker
    trading_state: TradingState
    user_equity: Decimal
    elsewhere: Exposure
    reserved_notional: Decimal
    entries_in_doubt: int
    unprotected_positions: int
    recent_orders: tuple[Order, ...]
    closed_positions: tuple[Position, ...]
    is_paused: bool
    is_reconciled: bool
    clock_offset: timedelta

    def __post_init__(self) -> None:
        require_finite(user_equity=self.user_equity)
        require_not_negative(reserved_notional=self.reserved_notional)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskInput:
    """
    One question to the rules.

    Attributes:
        as_of: the moment of the check, not of the cycle: ages are counted to it.

    Raises:
        ValueError: when the instrument or the position belongs to another pair.
    """

    as_of: datetime
    consensus: Consensus
    market: MarketView
    instrument: Instrument
    account: AccountView

    def __post_init__(self) -> None:
        require_utc(as_of=self.as_of)
        position = self.account.position
        if position is not None and position.pair != self.instrument.pair:
            raise ValueError(f"{position.pair} can't be judged by rules of {self.instrument.pair}")

    @property
    def side(self) -> PositionSide:
        """Where the council wants to go: LONG, SHORT, or FLAT for CLOSE and HOLD."""
        return SIDES[self.consensus.action]

    @property
    def open_position(self) -> Position | None:
        """The position, None when flat."""
        position = self.account.position
        return position if position is not None and position.quantity else None
