"""Small values that the views are called with."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from commands import limits, mode, stats, status
from commands.council.ask import CouncilAnswer
from commands.council.seats import SeatLine
from tests.trading.council_cases import (
    BTC,
    NOW,
    make_abstention,
    make_entry_record,
    make_position,
    make_record,
    make_vote,
)
from trading.council.consensus import reach_consensus
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity
from trading.council.scorecard import ModelScore, Scorecard
from trading.cycle import CycleOutcome
from trading.domain.accounts import ENGLISH, PairConfig, User
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import Message, message, plain
from trading.domain.orders import Fill
from trading.domain.positions import Position
from trading.domain.units import Mode, Pair, PositionSide, Side, TradingState, UserId, VenueName
from trading.portfolio.performance import EquityPoint, compute_statistics
from trading.risk.circuit_breaker import Breaker, BreakerState
from trading.risk.results import RiskVerdict, RuleResult, Verdict

ETH = Pair("ETH", "USDT")
HOSTILE = '<b>&"evil</b> [x](http://evil.example) _*`'


def make_config(pair: Pair = BTC, **changes: Any) -> PairConfig:
    config = PairConfig(
        user_id=UserId(1),
        pair=pair,
        venue=VenueName.BINANCE,
        mode=Mode.PAPER,
        capital=Decimal(1000),
        is_paused=False,
        created_at=NOW - timedelta(days=12),
    )
    return replace(config, **changes)


def make_user(**changes: Any) -> User:
    user = User(
        user_id=UserId(17),
        name="Ann",
        telegram_id=4711,
        language=ENGLISH,
        is_admin=False,
        is_banned=False,
        created_at=NOW,
    )
    return replace(user, **changes)


def make_breaker() -> Breaker:
    return Breaker(
        state=BreakerState.OPEN,
        code="LOSSES_IN_A_ROW",
        figures={"losses": "3", "limit": "3"},
        opened_at=NOW,
        until=NOW + timedelta(hours=4),
    )


def make_closed(net: str, *, hours: int) -> Position:
    return make_position(
        side=PositionSide.FLAT,
        quantity=Decimal(0),
        fees=Decimal("0.50"),
        realized_pnl=Decimal(net),
        closed_at=NOW - timedelta(hours=hours),
        opened_at=NOW - timedelta(hours=hours + 3),
    )


def make_stats(**changes: Any) -> stats.PairStats:
    closed = [make_closed("9.50", hours=30), make_closed("-4.20", hours=20)]
    curve = [EquityPoint(as_of=NOW, equity=Decimal(1020))]
    found = stats.PairStats(
        config=make_config(),
        statistics=compute_statistics(closed, equity_curve=curve),
        latest=make_entry_record().portfolio,
        cycles=576,
    )
    return replace(found, **changes)


def make_denied_record() -> Any:
    results = (
        RuleResult(rule="reconciled", verdict=Verdict.APPROVED, figures={"reconciled": "yes"}),
        RuleResult(
            rule="spread",
            verdict=Verdict.DENIED,
            code="SPREAD_TOO_WIDE",
            figures={"spread_ratio": "0.006", "limit": "0.005"},
        ),
        RuleResult(
            rule="news", verdict=Verdict.DENIED, code="NEWS_VETO", figures={"score": "-0.7"}
        ),
    )
    return make_record(
        CycleOutcome.DENIED,
        reason="SPREAD_TOO_WIDE spread_ratio=0.006 limit=0.005; NEWS_VETO score=-0.7.",
        risk=RiskVerdict(plan=None, close=False, results=results),
        decisions=(
            make_vote(Action.OPEN_LONG),
            make_vote(Action.OPEN_LONG, name="gpt", reasons=(HOSTILE,)),
            make_abstention(Abstention.BUDGET),
        ),
        venue=VenueName.BINANCE,
    )


def make_held_record() -> Any:
    votes = (make_vote(Action.OPEN_LONG), make_vote(name="gpt"))
    return make_record(
        reason=reach_consensus(votes, quorum=2).reason,
        decisions=votes,
        venue=VenueName.BINANCE,
    )


def make_status(**changes: Any) -> status.StatusView:
    held = status.PairStatus(
        config=make_config(),
        equity=Decimal("1012.345"),
        net_pnl=Decimal("12.345"),
        as_of=NOW,
        position=make_position(),
        mark_price=Decimal("84101.25"),
        breaker=Breaker(),
        orders_in_doubt=0,
        last=replace(
            make_entry_record(),
            reason=message(
                "filled-at-buy", quantity=Decimal("0.003"), base="BTC", price=Decimal("84000.1")
            ),
        ),
    )
    flat = replace(
        held,
        config=make_config(ETH, is_paused=True, capital=Decimal("2500.50")),
        equity=Decimal("2461.07"),
        net_pnl=Decimal("-39.43"),
        position=None,
        breaker=make_breaker(),
        orders_in_doubt=1,
        last=make_denied_record(),
    )
    view = status.StatusView(
        now=NOW, state=TradingState.ACTIVE, breaker=Breaker(), pairs=(held, flat)
    )
    return replace(view, **changes)


def make_paused_status() -> status.PairStatus:
    """A pair that the operator has paused in the Prefect UI."""
    config = make_config(is_paused=True, is_paused_in_prefect=True)
    return replace(make_status().pairs[0], config=config)


def make_fill(**changes: Any) -> Fill:
    fill = Fill(
        venue=VenueName.PAPER,
        pair=BTC,
        trade_id="t-1",
        client_order_id=None,
        venue_order_id="v-1",
        side=Side.BUY,
        fill_price=Decimal("84000.1"),
        quantity=Decimal("0.003"),
        fee=Decimal("0.1008"),
        filled_at=NOW,
    )
    return replace(fill, **changes)


def make_gate(**changes: Any) -> mode.LiveGate:
    gate = mode.LiveGate(
        config=make_config(),
        is_key_verified=True,
        paper_days=12,
        required_days=30,
        required_trades=20,
        statistics=make_stats().statistics,
        net_pnl=Decimal("12.345"),
    )
    return replace(gate, **changes)


def make_alert(kind: AlertKind, text: Message | str, **changes: Any) -> Alert:
    alert = Alert(
        user_id=UserId(17),
        kind=kind,
        severity=Severity.INFO,
        text=text if isinstance(text, Message) else plain(text),
        dedupe_key="one",
        created_at=NOW,
    )
    return replace(alert, **changes)


def make_score(**changes: Any) -> ModelScore:
    score = ModelScore(
        model=ModelIdentity(name="gpt", vendor="openai", is_offline=False),
        asked=100,
        late=2,
        abstentions={Abstention.DEADLINE: 3},
        votes={Action.OPEN_LONG: 20, Action.HOLD: 75},
        right={Action.OPEN_LONG: 11, Action.HOLD: 50},
        buckets=(),
        net_return=Decimal("0.0123"),
        cost_usd=Decimal("0.4512"),
        latency_ms=1480,
    )
    return replace(score, **changes)


def make_card(*scores: ModelScore) -> Scorecard:
    return Scorecard(
        since=NOW,
        models=scores,
        quorum=make_score() if scores else None,
        buy_and_hold_return=Decimal("-0.021") if scores else None,
    )


def make_risk() -> limits.RiskView:
    raised = limits.PendingRaise(name="max_leverage", value="3", due_at=NOW + timedelta(hours=1))
    return limits.RiskView(
        pair="BTC/USDT",
        lines=(
            limits.LimitLine(name="max_leverage", value="2", allowed="3", pending=raised),
            limits.LimitLine(name="max_position_ratio", value="0.30", allowed="0.30"),
            limits.LimitLine(name="max_clock_offset", value="0.5", allowed="0.5"),
        ),
    )


def make_seat_line(**changes: Any) -> SeatLine:
    """A seat that votes."""
    line = SeatLine(
        seat="openai:gpt-6-luna",
        maker="openai",
        is_offline=False,
        price="0.1/0.5",
        exists=True,
        shutdown_on=None,
        is_closing=False,
        note="",
        last_vote_at=NOW,
        votes_share=Decimal("0.97"),
        spent_today_usd=Decimal("0.0123"),
    )
    return replace(line, **changes)


def make_council_answer(*silent: Decision) -> CouncilAnswer:
    """Two agreeing votes and the silent seats."""
    decisions = (
        make_vote(Action.OPEN_LONG, name="anthropic:claude-haiku-5-5"),
        make_vote(Action.OPEN_LONG, name="deepseek:deepseek-flash"),
        *silent,
    )
    return CouncilAnswer(
        pair=ETH,
        decisions=decisions,
        consensus=reach_consensus(decisions),
        prompt_version="0123abcd",
    )
