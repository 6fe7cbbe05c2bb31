"""Small, readable cases for the council's tests: facts, markets and whole receipts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from trading.council.consensus import Consensus
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity, Proposal, Usage
from trading.council.question.evidence import build_facts
from trading.council.question.facts import Facts
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, MarketSummary
from trading.domain.accounts import Portfolio
from trading.domain.messages import Message, message, plain
from trading.domain.orders import Order, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Mode, Pair, PositionSide, Side, UserId, VenueName
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import (
    BookLevel,
    FundingRate,
    MarketSnapshot,
    MarketSource,
    OrderBook,
    Ticker,
)
from trading.news.items import NewsDigest, NewsItem, SentimentScore
from trading.risk.results import RiskVerdict, RuleResult, TradePlan, Verdict

NOW = datetime(2025, 3, 20, 12, 30, tzinfo=UTC)
BTC = Pair("BTC", "USDT")

CALM = Indicators(
    close=84_000.0,
    rsi=50.0,
    macd=1.0,
    macd_signal=1.0,
    macd_histogram=0.0,
    bollinger_lower=83_000.0,
    bollinger_middle=84_000.0,
    bollinger_upper=85_000.0,
    bollinger_width_ratio=0.0238,
    bollinger_position_ratio=0.5,
    atr=420.0,
    atr_ratio=0.005,
    adx=15.0,
    ema_fast=84_000.0,
    ema_slow=84_000.0,
    trend=0,
    highest_20=85_000.0,
    lowest_20=83_000.0,
    volume_ratio=1.0,
    volatility=0.0042,
)
"""A market in which nothing happens: no voter wants anything."""


def make_news(title: str = "Bitcoin drifts", *, minutes: int = 10, **changes: Any) -> NewsItem:
    item = NewsItem(
        source="coindesk",
        item_id=title,
        title=title,
        published_at=NOW - timedelta(minutes=minutes),
    )
    return replace(item, **changes)


def make_mood(score: str) -> NewsDigest:
    return NewsDigest(sentiment=SentimentScore(score=Decimal(score), item_count=1))


def make_facts(
    *,
    m15: dict[str, Any] | None = None,
    h1: dict[str, Any] | None = None,
    h4: dict[str, Any] | None = None,
    news: NewsDigest | None = None,
) -> Facts:
    """Calm facts with the named numbers of an interval changed."""
    indicators = {
        Interval.M5: CALM,
        Interval.M15: replace(CALM, **(m15 or {})),
        Interval.H1: replace(CALM, **(h1 or {})),
        Interval.H4: replace(CALM, **(h4 or {})),
    }
    return build_facts(make_snapshot(), indicators, news=news or NewsDigest())


def make_snapshot(**changes: Any) -> MarketSnapshot:
    snapshot = MarketSnapshot(
        venue=VenueName.BINANCE,
        pair=BTC,
        source=MarketSource.LIVE,
        as_of=NOW,
        ticker=Ticker(
            last_price=Decimal("84000.1"),
            mark_price=Decimal("84001.25"),
            best_bid=Decimal(84000),
            best_ask=Decimal("84000.1"),
            as_of=NOW,
        ),
        book=make_book(bids=3, asks=1),
        funding=FundingRate(rate=Decimal("0.0001"), next_at=NOW + timedelta(hours=3), as_of=NOW),
        candles={},
    )
    return replace(snapshot, **changes)


def make_book(*, bids: int, asks: int, is_synthetic: bool = False) -> OrderBook:
    """One level a side with so many base units; no level for 0."""
    return OrderBook(
        bids=(BookLevel(Decimal(84000), Decimal(bids)),) if bids else (),
        asks=(BookLevel(Decimal("84000.1"), Decimal(asks)),) if asks else (),
        as_of=NOW,
        is_synthetic=is_synthetic,
    )


def make_position(**changes: Any) -> Position:
    position = Position(
        venue=VenueName.PAPER,
        pair=BTC,
        side=PositionSide.LONG,
        quantity=Decimal("0.003"),
        average_entry_price=Decimal(84000),
        opened_at=NOW - timedelta(minutes=95),
        fees=Decimal("0.10"),
        leverage=Decimal(2),
        stop_price=Decimal(83300),
        target_price=Decimal(85300),
    )
    return replace(position, **changes)


def make_vote(
    action: Action = Action.HOLD, *, name: str = "trend (offline rules)", **changes: Any
) -> Decision:
    levels = {"stop_pct": "0.8", "target_pct": "1.5", "win_probability": "60"}
    entry = {name: Decimal(value) for name, value in levels.items() if action.is_entry}
    proposal = Proposal(
        action=action,
        confidence=Decimal(75),
        reasons=("1h trends up.",),
        would_change_mind="A close below the average.",
        **entry,
    )
    model = ModelIdentity(name=name, vendor=name, is_offline="offline" in name)
    return Decision(model=model, proposal=replace(proposal, **changes))


def make_abstention(abstention: Abstention, *, name: str = "claude", detail: str = "") -> Decision:
    model = ModelIdentity(name=name, vendor=name, is_offline=False)
    return Decision(model=model, proposal=None, abstention=abstention, detail=detail)


def make_order(**changes: Any) -> Order:
    order = Order(
        venue=VenueName.PAPER,
        pair=BTC,
        client_order_id=ClientOrderId("q0123456789abcdef0123456789abcd"),
        venue_order_id="7",
        side=Side.BUY,
        order_type=OrderType.MARKET,
        status=OrderStatus.FILLED,
        quantity=Decimal("0.003"),
        filled_quantity=Decimal("0.003"),
        reduce_only=False,
        created_at=NOW,
        updated_at=NOW,
        average_fill_price=Decimal("84000.1"),
    )
    return replace(order, **changes)


def make_record(
    outcome: CycleOutcome = CycleOutcome.HELD,
    *,
    reason: Message | str = "No two voters agree.",
    **changes: Any,
) -> CycleRecord:
    """A receipt with nothing but its outcome and its reason."""
    record = CycleRecord(
        key=CycleKey(user_id=UserId(1), pair=BTC, cycle_time=NOW),
        mode=Mode.PAPER,
        venue=VenueName.PAPER,
        as_of=NOW,
        outcome=outcome,
        reason=reason if isinstance(reason, Message) else plain(reason),
    )
    return replace(record, **changes)


def make_entry_record() -> CycleRecord:
    """A receipt with everything in it."""
    stop = make_order(
        side=Side.SELL,
        order_type=OrderType.STOP_MARKET,
        status=OrderStatus.ACCEPTED,
        filled_quantity=Decimal(0),
        reduce_only=True,
        average_fill_price=None,
        trigger_price=Decimal(83300),
        client_order_id=None,
    )
    model_vote = replace(
        make_vote(Action.OPEN_LONG, name="gpt"),
        usage=Usage(
            input_tokens=1200,
            cached_input_tokens=900,
            output_tokens=150,
            cost_usd=Decimal("0.00123"),
            latency_ms=1480,
        ),
    )
    return make_record(
        CycleOutcome.ENTERED,
        reason="2 of 3 answers agree on open_long and every rule allows it.",
        closed_at=NOW + timedelta(seconds=3),
        market=_make_summary(),
        indicators={Interval.M15: replace(CALM, trend=1), Interval.H4: Indicators(close=84000.0)},
        news=NewsDigest(
            items=(make_news("Bitcoin rallies | see <b>https://evil.example/x</b>"),),
            sentiment=SentimentScore(
                score=Decimal("0.71"), item_count=1, words=(("rallies", Decimal("2.5")),)
            ),
            warnings=(message("feed-warning", feeds="forklog", why=message("feed-no-answer")),),
        ),
        decisions=(
            make_vote(Action.OPEN_LONG),
            model_vote,
            make_abstention(Abstention.DEADLINE, detail="60 s"),
        ),
        consensus=Consensus(
            action=Action.OPEN_LONG,
            agreement=2,
            answers=2,
            quorum=2,
            confidence=Decimal(75),
            stop_pct=Decimal("0.8"),
            target_pct=Decimal("1.5"),
            win_probability=Decimal(60),
            reason=plain("2 of 2 answers agree."),
        ),
        risk=_make_verdict(),
        orders=(make_order(), stop),
        position=make_position(),
        portfolio=_make_portfolio(),
        warnings=("The order book is synthetic.",),
    )


def _make_summary() -> MarketSummary:
    return MarketSummary(
        source=MarketSource.SAMPLE,
        last_price=Decimal("84000.1"),
        mark_price=Decimal("84101.25"),
        spread_ratio=Decimal("0.0000012"),
        book_is_synthetic=True,
        funding_rate=Decimal("0.0001"),
        ages_seconds={"ticker": Decimal("1.2"), "candles 5m": Decimal(30)},
        findings=("volume is zero in 2 candles",),
    )


def _make_verdict() -> RiskVerdict:
    return RiskVerdict(
        plan=TradePlan(
            side=PositionSide.LONG,
            quantity=Decimal("0.003"),
            expected_price=Decimal("84000.1"),
            stop_price=Decimal(83300),
            target_price=Decimal(85300),
            leverage=Decimal(2),
        ),
        close=False,
        results=(
            RuleResult(rule="spread", verdict=Verdict.APPROVED, figures={"spread": "0.0001 %"}),
            RuleResult(
                rule="position_size",
                verdict=Verdict.CLAMPED,
                code="POSITION_LIMIT",
                figures={"wanted": "500", "limit": "300"},
            ),
        ),
    )


def _make_portfolio() -> Portfolio:
    return Portfolio(
        as_of=NOW,
        capital=Decimal(1000),
        equity=Decimal("1012.345"),
        peak_equity=Decimal(1020),
        day_start_equity=Decimal("1013.00"),
        realized_pnl=Decimal("14.50"),
        unrealized_pnl=Decimal("0.30"),
        fees=Decimal("2.40"),
        funding=Decimal("0.055"),
        exposure=Decimal("252.00"),
        buy_and_hold_pnl=Decimal("-3.20"),
    )
