"""Values for tests, sound by default: a test names only what it is about.

The market is BTC/USDT at 50,000 with a deep book; the account is flat with an equity of 1,000; the
council agrees on a long whose size no limit touches. Every builder takes the fields to change.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from trading.council.consensus import Consensus
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity, Proposal
from trading.domain.accounts import Balance, Portfolio
from trading.domain.instruments import Instrument
from trading.domain.messages import plain
from trading.domain.orders import Fill, Leg, Order, OrderIntent, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import (
    ClientOrderId,
    Pair,
    PositionSide,
    Side,
    TradingState,
    UserId,
    VenueName,
)
from trading.indicators.values import Indicators
from trading.market.candles import Candle, CandleSeries, Interval
from trading.market.snapshot import BookLevel, FundingRate, OrderBook, Ticker
from trading.news.items import SentimentScore
from trading.portfolio.valuation import Exposure
from trading.risk.circuit_breaker import Breaker, BreakerState
from trading.risk.context import AccountView, MarketView, RiskInput

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BTC = Pair("BTC", "USDT")
ETH = Pair("ETH", "USDT")
USER = UserId(7)
PRICE = Decimal(50_000)


def make_instrument(**changes: Any) -> Instrument:
    """BTCUSDT as Binance USD-M lists it, with a step fine enough for an equity of 1,000."""
    instrument = Instrument(
        venue=VenueName.BINANCE,
        pair=BTC,
        symbol="BTCUSDT",
        tick_size=Decimal("0.1"),
        step_size=Decimal("0.0001"),
        min_quantity=Decimal("0.0001"),
        max_quantity=Decimal(1000),
        min_notional=Decimal(5),
        max_leverage=Decimal(125),
        maintenance_margin_ratio=Decimal("0.004"),
        maker_fee_rate=Decimal("0.0002"),
        taker_fee_rate=Decimal("0.0005"),
        fetched_at=NOW - timedelta(hours=1),
    )
    return replace(instrument, **changes)


def make_candle(**changes: Any) -> Candle:
    """One candle around 50,000 that opens at `NOW`."""
    candle = Candle(
        open_time=NOW,
        open=PRICE,
        high=PRICE + 100,
        low=PRICE - 100,
        close=PRICE + 50,
        volume=Decimal(12),
    )
    return replace(candle, **changes)


def make_series(count: int = 3, *, interval: Interval = Interval.M5) -> CandleSeries:
    """`count` contiguous candles, the first of them at `NOW`."""
    candles = (make_candle(open_time=NOW + n * interval.duration) for n in range(count))
    return CandleSeries(pair=BTC, interval=interval, candles=tuple(candles))


def make_ticker(**changes: Any) -> Ticker:
    """A quote of this moment with a spread of 0.2 bp."""
    ticker = Ticker(
        last_price=PRICE, mark_price=PRICE, best_bid=PRICE - 1, best_ask=PRICE, as_of=NOW
    )
    return replace(ticker, **changes)


def make_book(**changes: Any) -> OrderBook:
    """1,000,000 USDT near the best price on each side."""
    book = OrderBook(
        bids=(BookLevel(PRICE - 1, Decimal(10)), BookLevel(PRICE - 2, Decimal(10))),
        asks=(BookLevel(PRICE, Decimal(10)), BookLevel(PRICE + 1, Decimal(10))),
        as_of=NOW,
    )
    return replace(book, **changes)


def make_indicators(**changes: Any) -> Indicators:
    """A calm market."""
    calm = Indicators(close=50_000.0, bollinger_width_ratio=0.03, atr=250.0, atr_ratio=0.005)
    return replace(calm, **changes)


def make_market(**changes: Any) -> MarketView:
    """Fresh, agreeing, calm; no news."""
    market = MarketView(
        ticker=make_ticker(),
        book=make_book(),
        funding=FundingRate(rate=Decimal("0.0001"), next_at=NOW + timedelta(hours=4), as_of=NOW),
        indicators={Interval.H1: make_indicators()},
        findings=(),
        sentiment=SentimentScore(score=Decimal(0), item_count=0),
    )
    return replace(market, **changes)


def make_portfolio(**changes: Any) -> Portfolio:
    """1,000 of capital, nothing earned, nothing lost, flat."""
    zero = Decimal(0)
    portfolio = Portfolio(
        as_of=NOW,
        capital=Decimal(1000),
        equity=Decimal(1000),
        peak_equity=Decimal(1000),
        day_start_equity=Decimal(1000),
        realized_pnl=zero,
        unrealized_pnl=zero,
        fees=zero,
        funding=zero,
        exposure=zero,
    )
    return replace(portfolio, **changes)


def make_balance(available: str | int = 1000) -> Balance:
    """All of it available."""
    return Balance(total=Decimal(available), available=Decimal(available), reserved=Decimal(0))


def make_account(**changes: Any) -> AccountView:
    """A user with nothing open who may trade."""
    account = AccountView(
        portfolio=make_portfolio(),
        position=None,
        balance=make_balance(),
        pair_breaker=Breaker(),
        user_breaker=Breaker(),
        trading_state=TradingState.ACTIVE,
        user_equity=Decimal(1000),
        elsewhere=Exposure(),
        reserved_notional=Decimal(0),
        entries_in_doubt=0,
        unprotected_positions=0,
        recent_orders=(),
        closed_positions=(),
        is_paused=False,
        is_reconciled=True,
        clock_offset=timedelta(0),
    )
    return replace(account, **changes)


def make_consensus(action: Action = Action.OPEN_LONG, **changes: Any) -> Consensus:
    """Three of three agree: stop 4 %, target 8 %, so that a tenth of all limits binds nothing."""
    entry = action.is_entry
    consensus = Consensus(
        action=action,
        agreement=3,
        answers=3,
        quorum=2,
        confidence=Decimal(80),
        stop_pct=Decimal(4) if entry else None,
        target_pct=Decimal(8) if entry else None,
        reason=plain("3 of 3 answers agree (2 needed)."),
        win_probability=Decimal(60) if entry else None,
    )
    return replace(consensus, **changes)


def make_asked(
    action: Action = Action.OPEN_LONG,
    *,
    consensus: Mapping[str, Any] | None = None,
    market: Mapping[str, Any] | None = None,
    account: Mapping[str, Any] | None = None,
    instrument: Mapping[str, Any] | None = None,
) -> RiskInput:
    """A question to the rules with the named fields of its parts changed."""
    return RiskInput(
        as_of=NOW,
        consensus=make_consensus(action, **(consensus or {})),
        market=make_market(**(market or {})),
        instrument=make_instrument(**(instrument or {})),
        account=make_account(**(account or {})),
    )


def change_account(asked: RiskInput, **changes: Any) -> RiskInput:
    """The same question about an account with the named fields changed: a tenth of the work."""
    return replace(asked, account=replace(asked.account, **changes))


def make_open_breaker(**changes: Any) -> Breaker:
    """Opened an hour ago for three losses, open for three hours more."""
    breaker = Breaker(
        state=BreakerState.OPEN,
        code="LOSSES_IN_A_ROW",
        figures={"losses": "3", "limit": "3"},
        opened_at=NOW - timedelta(hours=1),
        until=NOW + timedelta(hours=3),
    )
    return replace(breaker, **changes)


def make_fill(**changes: Any) -> Fill:
    """A bought tenth of a bitcoin at 50,000 with a fee of 2.5."""
    fill = Fill(
        venue=VenueName.BINANCE,
        pair=BTC,
        trade_id="t1",
        client_order_id=ClientOrderId("q1"),
        venue_order_id="v1",
        side=Side.BUY,
        fill_price=PRICE,
        quantity=Decimal("0.1"),
        fee=Decimal("2.5"),
        filled_at=NOW,
    )
    return replace(fill, **changes)


def make_position(**changes: Any) -> Position:
    """A long of a tenth of a bitcoin from 50,000, opened an hour ago."""
    position = Position(
        venue=VenueName.BINANCE,
        pair=BTC,
        side=PositionSide.LONG,
        quantity=Decimal("0.1"),
        average_entry_price=PRICE,
        opened_at=NOW - timedelta(hours=1),
    )
    return replace(position, **changes)


def make_closed_position(net_pnl: str | int, *, minutes_ago: int = 60, **changes: Any) -> Position:
    """A long that came to `net_pnl` and was closed so long before `NOW`."""
    closed_at = NOW - timedelta(minutes=minutes_ago)
    return make_position(
        **{
            "side": PositionSide.FLAT,
            "quantity": Decimal(0),
            "realized_pnl": Decimal(net_pnl),
            "opened_at": closed_at - timedelta(hours=1),
            "closed_at": closed_at,
            **changes,
        }
    )


def make_order(**changes: Any) -> Order:
    """A filled market entry of two hours ago."""
    order = Order(
        venue=VenueName.BINANCE,
        pair=BTC,
        client_order_id=ClientOrderId("q1"),
        venue_order_id="v1",
        side=Side.BUY,
        order_type=OrderType.MARKET,
        status=OrderStatus.FILLED,
        quantity=Decimal("0.1"),
        filled_quantity=Decimal("0.1"),
        reduce_only=False,
        created_at=NOW - timedelta(hours=2),
        updated_at=NOW - timedelta(hours=2),
        average_fill_price=PRICE,
    )
    return replace(order, **changes)


def make_intent(**changes: Any) -> OrderIntent:
    """A market entry of a tenth of a bitcoin."""
    intent = OrderIntent(
        user_id=USER,
        venue=VenueName.BINANCE,
        pair=BTC,
        cycle_time=NOW,
        leg=Leg.ENTRY,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal("0.1"),
        reduce_only=False,
        expected_price=PRICE,
        reserved_notional=Decimal(5000),
    )
    return replace(intent, **changes)


def make_proposal(action: Action = Action.OPEN_LONG, **changes: Any) -> Proposal:
    """A sure one: stop 2 %, target 4 % if it is an entry."""
    entry = action.is_entry
    proposal = Proposal(
        action=action,
        confidence=Decimal(80),
        win_probability=Decimal(60) if entry else None,
        stop_pct=Decimal(2) if entry else None,
        target_pct=Decimal(4) if entry else None,
        reasons=("because",),
    )
    return replace(proposal, **changes)


def make_decision(
    action: Action | None = Action.OPEN_LONG, *, vendor: str = "openai", **changes: Any
) -> Decision:
    """A vendor's vote with the named fields of its proposal changed; None abstains."""
    model = ModelIdentity(name=f"{vendor}-1", vendor=vendor, is_offline=False)
    if action is None:
        return Decision(model=model, proposal=None, abstention=Abstention.DEADLINE)
    return Decision(model=model, proposal=make_proposal(action, **changes))


def find_gaps(series: CandleSeries) -> tuple[datetime, ...]:
    """Open times after which at least one candle is missing."""
    step = series.interval.duration
    pairs = pairwise(series.candles)
    return tuple(one.open_time for one, other in pairs if other.open_time - one.open_time != step)
