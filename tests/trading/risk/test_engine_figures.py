"""Every gate shows the figures it decided on, passed or not."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.trading.builders import (
    NOW,
    PRICE,
    make_asked,
    make_book,
    make_indicators,
    make_market,
    make_open_breaker,
    make_position,
    make_ticker,
)
from tests.trading.risk.rule_cases import account, ask, decided, market, mood, orders
from trading.council.decisions import Action
from trading.market.candles import Interval
from trading.market.snapshot import BookLevel
from trading.risk.context import RiskInput
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.market_rules import compute_depth

LIMITS = RiskLimits()


def figures_of(rule: str, asked: RiskInput) -> dict[str, str]:
    results = check_risk(asked, limits=LIMITS).results
    return dict(next(result for result in results if result.rule == rule).figures)


def test_an_open_breaker_says_why_and_until_when() -> None:
    asked = account(pair_breaker=make_open_breaker(), user_breaker=make_open_breaker())
    until = (NOW + timedelta(hours=3)).isoformat()
    figures = {"state": "open", "cause": "LOSSES_IN_A_ROW", "until": until}
    assert figures_of("pair_breaker", asked) == figures
    assert figures_of("user_breaker", asked) == figures
    assert figures_of("user_breaker", make_asked()) == {"state": "running"}


@pytest.mark.parametrize(
    ("rule", "asked", "figures"),
    [
        ("trading_state", make_asked(), {"state": "active"}),
        ("pair_running", account(is_paused=True), {"paused": "yes"}),
        ("pair_running", make_asked(), {"paused": "no"}),
        ("reconciled", account(is_reconciled=False), {"reconciled": "no"}),
        ("reconciled", make_asked(), {"reconciled": "yes"}),
        ("orders_in_doubt", account(entries_in_doubt=2), {"in_doubt": "2"}),
        ("protection", account(unprotected_positions=3), {"bare": "3"}),
        (
            "clock_offset",
            account(clock_offset=timedelta(seconds=-2)),
            {"offset_seconds": "2.0", "limit": "0.5"},
        ),
        ("market_quality", market(findings=("a", "b")), {"findings": "2", "first": "a"}),
        (
            "market_freshness",
            market(book=make_book(as_of=NOW - timedelta(seconds=90))),
            {"age_seconds": "90.0", "limit": "300.0"},
        ),
        (
            "market_freshness",
            market(book=None, ticker=make_ticker(as_of=NOW - timedelta(seconds=7))),
            {"age_seconds": "7.0", "limit": "300.0"},
        ),
        (
            "instrument_rules",
            ask(instrument={"fetched_at": NOW - timedelta(minutes=15)}),
            {"age_hours": "0.2", "limit": "48.0"},
        ),
        (
            "instrument_rules",
            ask(instrument={"fetched_at": NOW - timedelta(hours=720, seconds=177)}),
            {"age_hours": "720.0", "limit": "48.0"},
        ),
        ("drawdown", make_asked(), {"drawdown": "0", "limit": "0.15"}),
        ("day_loss", make_asked(), {"day_loss": "0", "limit": "50"}),
        ("spread", make_asked(), {"spread_ratio": "0.00002", "limit": "0.005"}),
        ("order_book", make_asked(), {"bids": "2", "asks": "2"}),
        ("order_book", market(book=None), {"bids": "0", "asks": "0"}),
        ("order_book", market(book=make_book(asks=())), {"bids": "2", "asks": "0"}),
        ("liquidity", market(book=None), {"depth": "0", "limit": "5000"}),
        ("liquidity", make_asked(), {"depth": "999970", "limit": "5000"}),
        (
            "price_agreement",
            make_asked(),
            {
                "deviation_ratio": "0.00001",
                "limit": "0.01",
                "mid_price": "49999.5",
                "last_price": "50000",
                "mark_price": "50000",
                "book_price": "49999.5",
            },
        ),
        (
            "price_agreement",
            market(book=None, ticker=make_ticker(mark_price=PRICE + 1)),
            {
                "deviation_ratio": "0.00003",
                "limit": "0.01",
                "mid_price": "49999.5",
                "last_price": "50000",
                "mark_price": "50001",
            },
        ),
        ("bollinger_width", make_asked(), {"width_ratio": "0.03", "limit": "0.1"}),
        ("bollinger_width", market(indicators={}), {"interval": "1h"}),
        ("volatility", market(indicators={}), {"interval": "1h"}),
        ("volatility", make_asked(), {"atr_ratio": "0.005"}),
        ("funding", market(funding=None), {"cost_ratio": "unknown", "limit": "0.003"}),
        (
            "funding",
            ask(Action.OPEN_SHORT),
            {"cost_ratio": "-0.0001", "limit": "0.003"},
        ),
        ("loss_cooldown", make_asked(), {"losses": "0", "window_seconds": "1500.0"}),
        ("entry_rate", orders(3), {"entries": "3", "limit": "12"}),
        ("duplicate_order", orders(3), {"entries": "0", "window_seconds": "1500.0"}),
        ("rejections", orders(3), {"rejections": "0", "limit": "5"}),
        ("open_positions", make_asked(), {"positions": "1", "limit": "10"}),
        ("position", account(position=make_position()), {"side": "long", "quantity": "0.1"}),
        ("position", make_asked(), {}),
        ("quorum", decided(answers=4), {"agreement": "3", "answers": "4", "limit": "2"}),
        ("confidence", make_asked(), {"confidence": "80", "limit": "70"}),
        ("stop_distance", make_asked(), {"stop_pct": "4", "min": "0.5", "max": "10"}),
        ("stop_distance", decided(stop_pct=None), {}),
        ("target_distance", make_asked(), {"target_pct": "8", "limit": "1"}),
        ("target_distance", decided(target_pct=None), {}),
        ("reward_to_risk", make_asked(), {"reward_to_risk": "2", "limit": "1.5"}),
        ("reward_to_risk", decided(stop_pct=None), {"reward_to_risk": "0", "limit": "1.5"}),
        ("reward_to_risk", decided(target_pct=None), {"reward_to_risk": "0", "limit": "1.5"}),
        (
            "costs",
            make_asked(),
            {"costs_ratio": "0.00102", "share_of_target": "0.01275", "limit": "0.5"},
        ),
        (
            "costs",
            decided(target_pct=None),
            {"costs_ratio": "0.00102", "share_of_target": "0", "limit": "0.5"},
        ),
        (
            "news_veto",
            market(**mood("-0.7")),
            {"sentiment": "-0.7", "items": "4", "limit": "0.6"},
        ),
    ],
)
def test_rules_show_the_figures_they_decided_on(
    rule: str, asked: RiskInput, figures: dict[str, str]
) -> None:
    assert figures_of(rule, asked) == figures


def test_only_what_rests_near_the_best_price_is_depth() -> None:
    far = (BookLevel(Decimal(1000), Decimal(2)), BookLevel(Decimal(1005), Decimal(1)))
    beyond = BookLevel(Decimal("1005.1"), Decimal(99))
    assert compute_depth((*far, beyond)) == 3005
    assert compute_depth((BookLevel(Decimal(1000), Decimal(2)),)) == 2000
    assert compute_depth(()) == 0


def test_unknown_volatility_is_not_zero() -> None:
    assert make_market(indicators={Interval.M5: make_indicators()}).atr_ratio is None
    assert make_market().atr_ratio == Decimal("0.005")
    assert make_market().bollinger_width_ratio == Decimal("0.03")
