"""What risk decides on: the council's view, the market, the user's account, as of one moment.

    Consensus, MarketView, Instrument, AccountView -> RiskInput -> trading.risk.check_risk

All of it is gathered under the user's risk lock (one transaction), so that two cycles of one user
can't both slip under a limit: what the first one reserved stands in the second one's input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

from trading.accounts import Balance
from trading.accounts import Portfolio
from trading.breaker import Breaker
from trading.candles import Interval
from trading.consensus import Consensus
from trading.indicators import Indicators
from trading.instruments import Instrument
from trading.market import FundingRate
from trading.market import OrderBook
from trading.market import Ticker
from trading.news import NO_NEWS
from trading.news import SentimentScore
from trading.orders import Order
from trading.portfolio import Exposure
from trading.positions import Position
from trading.units import TradingState
from trading.units import require_finite
from trading.units import require_not_negative
from trading.units import require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """
    The market's part; nothing of any user.

    Attributes:
        book: None when the source gave none: entries are denied.
        funding: None when the source has none: the funding rule then passes.
        findings: what the quality check objected to; empty means good.
    """

    ticker: Ticker
    book: OrderBook | None
    funding: FundingRate | None
    indicators: Mapping[Interval, Indicators]
    findings: tuple[str, ...] = ()
    sentiment: SentimentScore = NO_NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """
    The user's part, quote units. Nothing has a default: what is forgotten can't pass.

    Attributes:
        portfolio: of this pair.
        position: the open one of this pair, None (or flat) without one.
        balance: settled money at the venue, all pairs together.
        pair_breaker, user_breaker: as `check_breaker` left them a moment ago.
        trading_state: the strictest of system, venue and user.
        user_equity: of all pairs together.
        elsewhere: open positions of all other pairs, foreign ones too.
        reserved_notional: of entries that are decided but not yet in any position, all pairs.
        entries_in_doubt: entries of this pair whose fate is not proven.
        bare_positions: positions of the user without a resting stop.
        recent_orders: of this pair, at least the last 24 h, in any order.
        closed_positions: of this pair, at least those of the last hour, in any order.
        is_reconciled: whether the user's books have been compared with the venue since the start.
        clock_offset: ours minus the venue's.
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
    bare_positions: int
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
        ValueError: when the instrument or the position is another pair's.
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
    def open_position(self) -> Position | None:
        """The position, if there is anything in it."""
        position = self.account.position
        return position if position is not None and position.quantity else None
