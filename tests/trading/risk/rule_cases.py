"""For each gate an order that it alone stops, and its neighbor at the edge that passes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.trading.builders import (
    NOW,
    PRICE,
    make_asked,
    make_book,
    make_closed_position,
    make_indicators,
    make_market,
    make_open_breaker,
    make_order,
    make_portfolio,
    make_position,
    make_ticker,
)
from trading.council.decisions import Action
from trading.domain.orders import OrderStatus
from trading.domain.units import Side, TradingState
from trading.market.candles import Interval
from trading.market.snapshot import BookLevel, OrderBook
from trading.news.items import SentimentScore
from trading.portfolio.valuation import Exposure
from trading.risk.circuit_breaker import Breaker
from trading.risk.context import RiskInput

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """An order that `rule` alone stops with `code`, and its neighbor `at` the edge that passes."""

    rule: str
    code: str
    over: RiskInput
    at: RiskInput


def ask(action: Action = Action.OPEN_LONG, **parts: Mapping[str, Any]) -> RiskInput:
    return make_asked(action, **parts)


def account(**changes: Any) -> RiskInput:
    return ask(account=changes)


def market(**changes: Any) -> RiskInput:
    return ask(market=changes)


def decided(**changes: Any) -> RiskInput:
    return ask(consensus=changes)


def orders(count: int, **changes: Any) -> RiskInput:
    return account(recent_orders=(make_order(**changes),) * count)


def aged(age: timedelta, **changes: Any) -> RiskInput:
    """An order of another side, so that it is a duplicate of nothing."""
    return orders(12, created_at=NOW - age, side=Side.SELL, **changes)


def thin_bids(notional: Decimal) -> OrderBook:
    price = PRICE - 1
    return make_book(bids=(BookLevel(price, notional / price),))


def with_indicators(**changes: Any) -> RiskInput:
    return market(indicators={Interval.H1: make_indicators(**changes)})


def mood(score: str) -> dict[str, SentimentScore]:
    return {"sentiment": SentimentScore(score=Decimal(score), item_count=4)}


def funded(rate: str) -> dict[str, Any]:
    funding = make_market().funding
    assert funding is not None
    return {"funding": replace(funding, rate=Decimal(rate))}


CASES = [
    Case(
        rule="trading_state",
        code="TRADING_REDUCING",
        over=account(trading_state=TradingState.REDUCING),
        at=account(trading_state=TradingState.ACTIVE),
    ),
    Case(
        rule="trading_state",
        code="TRADING_HALTED",
        over=account(trading_state=TradingState.HALTED),
        at=account(trading_state=TradingState.ACTIVE),
    ),
    Case(
        rule="pair_running",
        code="PAIR_PAUSED",
        over=account(is_paused=True),
        at=account(is_paused=False),
    ),
    Case(
        rule="reconciled",
        code="NOT_RECONCILED",
        over=account(is_reconciled=False),
        at=account(is_reconciled=True),
    ),
    Case(
        rule="orders_in_doubt",
        code="ORDER_IN_DOUBT",
        over=account(entries_in_doubt=1),
        at=account(entries_in_doubt=0),
    ),
    Case(
        rule="protection",
        code="BARE_POSITION",
        over=account(unprotected_positions=1),
        at=account(unprotected_positions=0),
    ),
    Case(
        rule="pair_breaker",
        code="BREAKER_OPEN",
        over=account(pair_breaker=make_open_breaker()),
        at=account(pair_breaker=Breaker(counts_from=NOW)),
    ),
    Case(
        rule="user_breaker",
        code="USER_BREAKER_OPEN",
        over=account(user_breaker=make_open_breaker(until=NOW - timedelta(hours=1))),
        at=account(user_breaker=Breaker(counts_from=NOW)),
    ),
    Case(
        rule="clock_offset",
        code="CLOCK_OFFSET",
        over=account(clock_offset=-timedelta(milliseconds=501)),
        at=account(clock_offset=-timedelta(milliseconds=500)),
    ),
    Case(
        rule="market_quality",
        code="BAD_MARKET_DATA",
        over=market(findings=("5m: a gap at 11:40",)),
        at=market(findings=()),
    ),
    Case(
        rule="market_freshness",
        code="STALE_MARKET_DATA",
        over=market(ticker=make_ticker(as_of=NOW - timedelta(minutes=5) - TICK)),
        at=market(ticker=make_ticker(as_of=NOW - timedelta(minutes=5))),
    ),
    Case(
        rule="market_freshness",
        code="STALE_MARKET_DATA",
        over=market(book=make_book(as_of=NOW + timedelta(minutes=5) + TICK)),
        at=market(book=make_book(as_of=NOW + timedelta(minutes=5))),
    ),
    Case(
        rule="instrument_rules",
        code="STALE_RULES",
        over=ask(instrument={"fetched_at": NOW - timedelta(hours=48) - TICK}),
        at=ask(instrument={"fetched_at": NOW - timedelta(hours=48)}),
    ),
    *(
        Case(rule="order_book", code="BOOK_MISSING", over=market(book=book), at=market())
        for book in (None, make_book(bids=()), make_book(asks=()))
    ),
    Case(
        rule="liquidity",
        code="BOOK_TOO_THIN",
        over=market(book=thin_bids(Decimal("4999.9"))),
        at=market(book=thin_bids(Decimal(5000))),
    ),
    Case(
        rule="spread",
        code="SPREAD_TOO_WIDE",
        over=market(ticker=make_ticker(best_bid=PRICE - 125, best_ask=PRICE + 126)),
        at=market(ticker=make_ticker(best_bid=PRICE - 125, best_ask=PRICE + 125)),
    ),
    *(
        Case(
            rule="price_agreement",
            code="PRICE_DEVIATION",
            over=market(ticker=make_ticker(best_bid=PRICE, **{name: PRICE * Decimal(over)})),
            at=market(ticker=make_ticker(best_bid=PRICE, **{name: PRICE * Decimal(at)})),
        )
        for name, over, at in (
            ("last_price", "1.0101", "1.01"),
            ("last_price", "0.9899", "0.99"),
            ("mark_price", "1.0101", "1.01"),
            ("mark_price", "0.9899", "0.99"),
        )
    ),
    Case(
        rule="price_agreement",
        code="PRICE_DEVIATION",
        over=market(book=make_book(asks=(BookLevel(PRICE + 1100, Decimal(10)),))),
        at=market(book=make_book(asks=(BookLevel(PRICE + 900, Decimal(10)),))),
    ),
    Case(
        rule="bollinger_width",
        code="BOLLINGER_TOO_WIDE",
        over=with_indicators(bollinger_width_ratio=0.1001),
        at=with_indicators(bollinger_width_ratio=0.1),
    ),
    *(
        Case(
            rule=rule,
            code="INDICATOR_MISSING",
            over=with_indicators(**{indicator: unknown}),
            at=with_indicators(**{indicator: 0.0}),
        )
        for rule, indicator in (
            ("bollinger_width", "bollinger_width_ratio"),
            ("volatility", "atr_ratio"),
        )
        for unknown in (None, float("nan"), float("inf"), -0.01)
    ),
    Case(
        rule="funding",
        code="FUNDING_TOO_HIGH",
        over=market(**funded("0.0031")),
        at=market(**funded("0.003")),
    ),
    Case(
        rule="funding",
        code="FUNDING_TOO_HIGH",
        over=ask(Action.OPEN_SHORT, market=funded("-0.0031")),
        at=ask(Action.OPEN_SHORT, market=funded("0.9")),
    ),
    Case(
        rule="drawdown",
        code="DRAWDOWN_LIMIT",
        over=account(portfolio=make_portfolio(equity=Decimal(850), day_start_equity=Decimal(850))),
        at=account(portfolio=make_portfolio(equity=Decimal(860), day_start_equity=Decimal(860))),
    ),
    Case(
        rule="day_loss",
        code="DAY_LOSS_LIMIT",
        over=account(portfolio=make_portfolio(equity=Decimal(950))),
        at=account(portfolio=make_portfolio(equity=Decimal(951))),
    ),
    Case(
        rule="day_loss",
        code="DAY_LOSS_LIMIT",
        over=account(
            portfolio=make_portfolio(equity=Decimal(900)),
            pair_breaker=Breaker(counts_from=NOW, counts_from_pnl=Decimal(-50)),
        ),
        at=account(
            portfolio=make_portfolio(equity=Decimal(901)),
            pair_breaker=Breaker(counts_from=NOW, counts_from_pnl=Decimal(-50)),
        ),
    ),
    Case(
        rule="loss_cooldown",
        code="LOSS_COOLDOWN",
        over=account(closed_positions=(make_closed_position("-0.01", minutes_ago=24),)),
        at=account(closed_positions=(make_closed_position("-0.01", minutes_ago=25),)),
    ),
    Case(
        rule="loss_cooldown",
        code="LOSS_COOLDOWN",
        over=account(
            closed_positions=(make_closed_position("1", minutes_ago=1, fees=Decimal(2)),)
        ),
        at=account(closed_positions=(make_closed_position("1", minutes_ago=1, fees=Decimal(1)),)),
    ),
    Case(rule="entry_rate", code="TOO_MANY_ENTRIES", over=aged(DAY - TICK), at=aged(DAY)),
    Case(rule="entry_rate", code="TOO_MANY_ENTRIES", over=orders(12), at=orders(11)),
    Case(
        rule="duplicate_order",
        code="DUPLICATE_ORDER",
        over=orders(1, created_at=NOW - timedelta(minutes=25) + TICK),
        at=orders(1, created_at=NOW - timedelta(minutes=25)),
    ),
    Case(
        rule="duplicate_order",
        code="DUPLICATE_ORDER",
        over=orders(1, created_at=NOW, status=OrderStatus.CANCELED),
        at=orders(1, created_at=NOW, reduce_only=True),
    ),
    *(
        Case(
            rule="rejections",
            code="TOO_MANY_REJECTIONS",
            over=orders(5, status=status, reduce_only=True),
            at=orders(4, status=status, reduce_only=True),
        )
        for status in (OrderStatus.REJECTED, OrderStatus.UNKNOWN)
    ),
    Case(
        rule="rejections",
        code="TOO_MANY_REJECTIONS",
        over=orders(5, status=OrderStatus.REJECTED, reduce_only=True, created_at=NOW - DAY + TICK),
        at=orders(5, status=OrderStatus.REJECTED, reduce_only=True, created_at=NOW - DAY),
    ),
    Case(
        rule="open_positions",
        code="TOO_MANY_POSITIONS",
        over=account(elsewhere=Exposure(position_count=10)),
        at=account(elsewhere=Exposure(position_count=9)),
    ),
    Case(
        rule="position",
        code="ALREADY_POSITIONED",
        over=account(position=make_position()),
        at=account(position=make_closed_position(1)),
    ),
    Case(rule="quorum", code="QUORUM_MISSING", over=decided(agreement=1), at=decided(agreement=2)),
    Case(
        rule="confidence",
        code="CONFIDENCE_TOO_LOW",
        over=decided(confidence=Decimal("69.9")),
        at=decided(confidence=Decimal(70)),
    ),
    Case(rule="stop_distance", code="STOP_MISSING", over=decided(stop_pct=None), at=decided()),
    Case(
        rule="stop_distance",
        code="STOP_TOO_CLOSE",
        over=decided(stop_pct=Decimal("0.49")),
        at=decided(stop_pct=Decimal("0.5")),
    ),
    Case(
        rule="stop_distance",
        code="STOP_TOO_FAR",
        over=decided(stop_pct=Decimal("10.1"), target_pct=Decimal(20)),
        at=decided(stop_pct=Decimal(10), target_pct=Decimal(20)),
    ),
    Case(
        rule="target_distance", code="TARGET_MISSING", over=decided(target_pct=None), at=decided()
    ),
    Case(
        rule="target_distance",
        code="TARGET_TOO_CLOSE",
        over=decided(stop_pct=Decimal("0.5"), target_pct=Decimal("0.99")),
        at=decided(stop_pct=Decimal("0.5"), target_pct=Decimal(1)),
    ),
    Case(
        rule="reward_to_risk",
        code="REWARD_TOO_SMALL",
        over=decided(target_pct=Decimal("5.99")),
        at=decided(target_pct=Decimal(6)),
    ),
    Case(
        rule="costs",
        code="COSTS_TOO_HIGH",
        over=ask(
            market={"ticker": make_ticker(best_bid=PRICE)},
            instrument={"taker_fee_rate": Decimal("0.0201")},
            consensus={"win_probability": Decimal(99)},
        ),
        at=ask(
            market={"ticker": make_ticker(best_bid=PRICE)},
            instrument={"taker_fee_rate": Decimal("0.02")},
            consensus={"win_probability": Decimal(99)},
        ),
    ),
    Case(  # stop 4 %, target 8 %, costs 0.1 %, margin 0.2 %: 0.12 p - 4 >= 0.3
        rule="expected_value",
        code="EXPECTED_VALUE_TOO_LOW",
        over=ask(
            market={"ticker": make_ticker(best_bid=PRICE)},
            instrument={"taker_fee_rate": Decimal("0.0005")},
            consensus={"win_probability": Decimal("35.8")},
        ),
        at=ask(
            market={"ticker": make_ticker(best_bid=PRICE)},
            instrument={"taker_fee_rate": Decimal("0.0005")},
            consensus={"win_probability": Decimal("35.9")},
        ),
    ),
    Case(
        rule="expected_value",
        code="WIN_PROBABILITY_MISSING",
        over=decided(win_probability=None),
        at=decided(),
    ),
    Case(
        rule="news_veto", code="NEWS_VETO", over=market(**mood("-0.6")), at=market(**mood("-0.59"))
    ),
    Case(
        rule="news_veto",
        code="NEWS_VETO",
        over=ask(Action.OPEN_SHORT, market=mood("0.6")),
        at=ask(Action.OPEN_SHORT, market=mood("-1")),
    ),
]
