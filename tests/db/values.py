"""Values to keep, as the tests of db need them: whole, valid, and easy to vary."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from db.encryption.envelope import MasterKeys
from db.session import Tenant
from tests.db.repositories.profit import make_transfer
from tests.db.repositories.sending import send_entry
from tests.db.repositories.spending import fill_spending
from tests.db.repositories.talk import fill_talk
from trading.council.consensus import Consensus
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity, Proposal, Usage
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, MarketSummary
from trading.domain.accounts import PairConfig, Portfolio
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.instruments import Instrument
from trading.domain.messages import plain
from trading.domain.orders import Fill, Leg, Order, OrderIntent, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import Mode, Pair, PositionSide, Side, UserId, VenueName
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSource
from trading.news.items import NewsDigest, NewsItem, SentimentScore
from trading.portfolio.valuation import PairState
from trading.ports import FundingPayment
from trading.risk.circuit_breaker import Breaker, BreakerState
from trading.risk.results import RiskVerdict, RuleResult, TradePlan, Verdict
from trading.security.credentials import Credentials
from trading.simulation.account import (
    PaperBook,
    PaperFill,
    PaperLedger,
    PaperPair,
    PaperStep,
    PaperTransfer,
)

BTC = Pair("BTC", "USDT")
ETH = Pair("ETH", "USDT")
PAPER = VenueName.PAPER
LEASE = timedelta(seconds=30)
KEYS = MasterKeys(b"k" * 32)
CREDENTIALS = Credentials(api_key="an api key of some length", api_secret="a secret")
TREND = ModelIdentity(name="trend (offline rules)", vendor="offline", is_offline=True)
CLAUDE = ModelIdentity(name="claude", vendor="anthropic", is_offline=False)


def make_config(user_id: UserId, now: datetime, pair: Pair = BTC) -> PairConfig:
    """A paper pair with 1,000 set aside."""
    return PairConfig(
        user_id=user_id,
        pair=pair,
        venue=PAPER,
        mode=Mode.PAPER,
        capital=Decimal(1000),
        is_paused=False,
        created_at=now,
        overrides={"max_leverage": "2"},
    )


def make_intent(user_id: UserId, now: datetime, leg: Leg = Leg.ENTRY) -> OrderIntent:
    """A market entry of 0.01 BTC that reserves 600."""
    return OrderIntent(
        user_id=user_id,
        venue=PAPER,
        pair=BTC,
        cycle_time=now,
        leg=leg,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal("0.010"),
        reduce_only=False,
        expected_price=Decimal("60000.10"),
        reserved_notional=Decimal(600),
    )


def make_order(intent: OrderIntent, now: datetime, status: OrderStatus) -> Order:
    """What the venue says of an intent; filled whole when the status says so."""
    is_filled = status is OrderStatus.FILLED
    return Order(
        venue=intent.venue,
        pair=intent.pair,
        client_order_id=intent.client_order_id,
        venue_order_id=f"v-{intent.client_order_id}",
        side=intent.side,
        order_type=intent.order_type,
        status=status,
        quantity=intent.quantity,
        filled_quantity=intent.quantity if is_filled else Decimal(0),
        reduce_only=intent.reduce_only,
        created_at=now,
        updated_at=now,
        average_fill_price=intent.expected_price if is_filled else None,
    )


def make_fill(now: datetime, trade_id: str = "t-1") -> Fill:
    """0.01 BTC bought at 60,000."""
    return Fill(
        venue=PAPER,
        pair=BTC,
        trade_id=trade_id,
        client_order_id=None,
        venue_order_id="v-1",
        side=Side.BUY,
        fill_price=Decimal("60000.00"),
        quantity=Decimal("0.01"),
        fee=Decimal("0.24"),
        filled_at=now,
    )


def make_payment(now: datetime, payment_id: str = "f-1") -> FundingPayment:
    """6 cents of funding paid."""
    return FundingPayment(pair=BTC, payment_id=payment_id, amount=Decimal("0.06"), paid_at=now)


def make_position(now: datetime) -> Position:
    """A long of 0.01 BTC whose average has more digits than any scale would keep."""
    return Position(
        venue=PAPER,
        pair=BTC,
        side=PositionSide.LONG,
        quantity=Decimal("0.01"),
        average_entry_price=Decimal(180001) / Decimal(7),
        opened_at=now,
        fees=Decimal("0.24"),
        stop_price=Decimal(59000),
        target_price=Decimal(62000),
    )


def close_position(position: Position, at: datetime) -> Position:
    """The same, flat, with a gain of 5."""
    return replace(
        position,
        side=PositionSide.FLAT,
        quantity=Decimal(0),
        realized_pnl=Decimal(5),
        closed_at=at,
    )


def make_breaker(now: datetime) -> Breaker:
    """One that three losses opened; its figures read in this order."""
    return Breaker(
        state=BreakerState.OPEN,
        code="THREE_LOSSES",
        figures={"z_first": "-1", "a_second": "-2"},
        opened_at=now,
        until=now + timedelta(hours=4),
    )


def make_pair_state(now: datetime) -> PairState:
    """A pair that is at its peak."""
    return PairState(
        capital=Decimal(1000),
        peak_equity=Decimal("1010.5"),
        day=now.date(),
        day_start_equity=Decimal(1000),
        last_equity=Decimal("1010.5"),
        last_mark=Decimal(60500),
        start_price=Decimal(60000),
        updated_at=now,
    )


def make_alert(user_id: UserId | None, now: datetime, dedupe_key: str = "opened-1") -> Alert:
    """A trade was opened."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.TRADE_OPENED,
        severity=Severity.INFO,
        text=plain("Bought 0.01 BTC."),
        dedupe_key=dedupe_key,
        created_at=now,
    )


def make_instrument(now: datetime) -> Instrument:
    """BTC/USDT as venues have it."""
    return Instrument(
        venue=PAPER,
        pair=BTC,
        symbol="BTCUSDT",
        tick_size=Decimal("0.10"),
        step_size=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        min_notional=Decimal(100),
        max_leverage=Decimal(125),
        maintenance_margin_ratio=Decimal("0.004"),
        maker_fee_rate=Decimal("0.0002"),
        taker_fee_rate=Decimal("0.0004"),
        fetched_at=now,
    )


def make_summary() -> MarketSummary:
    """A healthy market."""
    return MarketSummary(
        source=MarketSource.SAMPLE,
        last_price=Decimal("60000.10"),
        mark_price=Decimal("60000.00"),
        spread_ratio=Decimal("0.0001"),
        book_is_synthetic=True,
        funding_rate=Decimal("-0.00010"),
        ages_seconds={"ticker": Decimal("0.5"), "book": Decimal(1)},
    )


def make_decisions() -> tuple[Decision, ...]:
    """A vote with reasons and an abstention."""
    vote = Proposal(
        action=Action.OPEN_LONG,
        confidence=Decimal(80),
        win_probability=Decimal(55),
        stop_pct=Decimal("1.5"),
        target_pct=Decimal(3),
        reasons=("The trend is up on three of four intervals.", "Volume confirms it."),
        would_change_mind="A close below the slow average.",
    )
    usage = Usage(input_tokens=900, output_tokens=120, cost_usd=Decimal("0.0031"), latency_ms=1800)
    return (
        Decision(model=TREND, proposal=vote, prompt_hash="ab" * 16),
        Decision(
            model=CLAUDE,
            proposal=None,
            abstention=Abstention.DEADLINE,
            detail="no answer within 20 s",
            usage=usage,
        ),
    )


def make_indicators() -> Indicators:
    """Warm ones, with all the digits that floats have."""
    third = 1 / 3
    return Indicators(
        close=60000.1,
        rsi=50 + third,
        macd=12 + third,
        macd_signal=11 + third,
        macd_histogram=1 + third,
        bollinger_lower=59000 + third,
        bollinger_middle=60000 + third,
        bollinger_upper=61000 + third,
        bollinger_width_ratio=0.1 * third,
        bollinger_position_ratio=third,
        atr=150 + third,
        atr_ratio=0.01 * third,
        adx=20 + third,
        ema_fast=60010 + third,
        ema_slow=59910 + third,
        trend=1,
        highest_20=60500.5,
        lowest_20=59500.5,
        volume_ratio=1 + third,
        volatility=0.001 * third,
    )


def make_key(user_id: UserId, now: datetime, pair: Pair = BTC) -> CycleKey:
    """The cycle of BTC/USDT at `now`."""
    return CycleKey(user_id=user_id, pair=pair, cycle_time=now)


def make_verdict() -> RiskVerdict:
    """A plan that twenty rules approve."""
    plan = TradePlan(
        side=PositionSide.LONG,
        quantity=Decimal("0.010"),
        expected_price=Decimal("60000.10"),
        stop_price=Decimal(59000),
        target_price=Decimal(62000),
        leverage=Decimal(2),
    )
    rules = tuple(
        RuleResult(
            rule=f"rule_number_{number}",
            verdict=Verdict.APPROVED,
            figures={"value": "0.0123", "limit": "0.0500"},
        )
        for number in range(20)
    )
    return RiskVerdict(plan=plan, close=False, results=rules)


def make_news(now: datetime) -> NewsDigest:
    """Three headlines of a good day."""
    headlines = tuple(
        NewsItem(
            source="coindesk",
            item_id=f"item-{number}",
            title=f"Headline {number}: something happened somewhere to some coin",
            published_at=now - timedelta(hours=number),
        )
        for number in range(3)
    )
    score = SentimentScore(score=Decimal("0.25"), item_count=3, words=(("gain", Decimal("0.5")),))
    return NewsDigest(items=headlines, sentiment=score)


def make_portfolio(now: datetime) -> Portfolio:
    """1,000 less the first fee."""
    return Portfolio(
        as_of=now,
        capital=Decimal(1000),
        equity=Decimal("999.76"),
        peak_equity=Decimal(1000),
        day_start_equity=Decimal(1000),
        realized_pnl=Decimal(0),
        unrealized_pnl=Decimal(0),
        fees=Decimal("0.24"),
        funding=Decimal(0),
        exposure=Decimal(600),
    )


def make_record(user_id: UserId, now: datetime) -> CycleRecord:
    """A cycle that did everything a cycle can do."""
    intent = make_intent(user_id, now)
    return CycleRecord(
        key=make_key(user_id, now),
        mode=Mode.PAPER,
        venue=PAPER,
        as_of=now,
        outcome=CycleOutcome.ENTERED,
        reason=plain("Two of two answers agree to open a long, and no rule objects."),
        closed_at=now + timedelta(seconds=9),
        market=make_summary(),
        indicators={interval: make_indicators() for interval in Interval},
        news=make_news(now),
        decisions=make_decisions(),
        consensus=Consensus(
            action=Action.OPEN_LONG,
            agreement=2,
            answers=2,
            quorum=2,
            confidence=Decimal(80),
            stop_pct=Decimal("1.5"),
            target_pct=Decimal(3),
            reason=plain("2 of 2 agree"),
        ),
        risk=make_verdict(),
        orders=tuple(make_order(intent, now, OrderStatus.FILLED) for _ in range(3)),
        position=make_position(now),
        portfolio=make_portfolio(now),
        warnings=("x: no answer",),
    )


def make_paper_step(user_id: UserId, now: datetime) -> PaperStep:
    """The first step of a paper account: 1,000 paid in, one order filled, funding paid."""
    order = replace(
        make_order(make_intent(user_id, now), now, OrderStatus.FILLED), venue_order_id="p-1"
    )
    entry = PaperPair(
        pair=BTC,
        touched_at=now,
        advanced_to=now,
        funded_to=now,
        position=replace(make_position(now), stop_price=None, target_price=None),
        margin=Decimal(300),
    )
    ledger = PaperLedger(deposits=Decimal(1000), fees=Decimal("0.24"), funding=Decimal("0.06"))
    return PaperStep(
        book=PaperBook(user_id=user_id, ledger=ledger, pairs=(entry,), sequence=1),
        orders=(order,),
        fills=(PaperFill(fill=make_fill(now), realized_pnl=Decimal(0)),),
        payments=(make_payment(now),),
        transfers=(
            PaperTransfer(transfer_id="paid-in", amount=Decimal(1000), transferred_at=now),
        ),
    )


@dataclass(frozen=True, slots=True)
class Belongings:
    """What `fill_tenant` left behind, to be asked for by its names."""

    user_id: UserId
    intent: OrderIntent
    record: CycleRecord


async def fill_tenant(tenant: Tenant, now: datetime) -> Belongings:
    """Give a user at least one row of everything that a user can have."""
    user_id = tenant.user_id
    intent = make_intent(user_id, now)
    record = make_record(user_id, now)
    position = make_position(now)
    await tenant.pairs.add_pair(make_config(user_id, now))
    await tenant.close_requests.save_requests([BTC], actor="ann", now=now)
    await tenant.foreign_positions.save_seen(position, now=now)
    await tenant.users.set_muted({AlertGroup.DIGEST})
    await tenant.accounts.save_credentials(PAPER, credentials=CREDENTIALS, keys=KEYS, now=now)
    await tenant.states.save_pair_state(BTC, make_pair_state(now))
    await tenant.cycles.claim_cycle(record.key, mode=record.mode, venue=PAPER, now=now)
    await tenant.cycles.close_cycle(record)
    await tenant.decisions.add_decisions(
        record.key, decisions=record.decisions, now=now, seen=(Decimal(50_000), PositionSide.FLAT)
    )
    await fill_spending(tenant, record, now=now)
    await tenant.intents.add_intent(intent, now=now)
    await send_entry(tenant, replace(intent, attempt=intent.attempt + 1), now=now)
    await tenant.orders.save_order(make_order(intent, now, OrderStatus.ACCEPTED))
    await tenant.trades.add_fills([make_fill(now)])
    await tenant.funding.add_payments([make_payment(now)])
    await tenant.transfers.add_transfer(make_transfer(user_id, now))
    await tenant.positions.save_position(close_position(position, now))
    await tenant.positions.save_position(replace(position, opened_at=now + timedelta(hours=1)))
    await tenant.breakers.save_breaker(BTC, make_breaker(now))
    await tenant.alerts.enqueue_alert(make_alert(user_id, now))
    await tenant.paper.save_step(make_paper_step(user_id, now))
    await tenant.audit.append("test", action="filled", detail={"rows": "all"}, now=now)
    await fill_talk(tenant, now)
    return Belongings(user_id, intent, record)
