"""What mutation found that no other test of the rules would notice: codes, figures, forms."""

from decimal import Decimal

import pytest

from tests.trading.builders import (
    make_asked,
    make_balance,
    make_closed_position,
    make_portfolio,
    make_position,
    make_ticker,
)
from trading.council.decisions import Action
from trading.domain.units import TradingState
from trading.risk.account_rules import check_trading_state
from trading.risk.circuit_breaker import Breaker, check_breaker
from trading.risk.context import RISK_INTERVAL
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason, Verdict
from trading.risk.sizing import size_entry

LIMITS = RiskLimits()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (TradingState.HALTED, DenialReason.TRADING_HALTED),
        (TradingState.REDUCING, DenialReason.TRADING_REDUCING),
    ],
)
def test_a_halt_and_a_running_down_are_told_apart(state: TradingState, code: str) -> None:
    result = check_trading_state(make_asked(account={"trading_state": state}), LIMITS)
    assert (result.verdict, result.code) == (Verdict.DENIED, code)


def test_an_entry_is_no_close() -> None:
    verdict = check_risk(make_asked(), limits=LIMITS)
    assert verdict.plan is not None
    assert verdict.close is False


def test_nothing_to_close_is_a_denial() -> None:
    verdict = check_risk(make_asked(Action.CLOSE), limits=LIMITS)
    (result,) = verdict.results
    assert (result.verdict, result.code) == (Verdict.DENIED, DenialReason.NOTHING_TO_CLOSE)


def test_an_exit_passes_without_a_code() -> None:
    asked = make_asked(Action.CLOSE, account={"position": make_position()})
    (result,) = check_risk(asked, limits=LIMITS).results
    assert (result.verdict, result.code) == (Verdict.APPROVED, "")
    assert result.figures["quantity"] == "0.1"


def test_volatility_that_is_not_known_names_the_interval_that_lacks_it() -> None:
    verdict = check_risk(make_asked(market={"indicators": {}}), limits=LIMITS)
    missing = [r for r in verdict.results if r.code == DenialReason.INDICATOR_MISSING]
    assert missing
    for result in missing:
        assert result.verdict is Verdict.DENIED
        assert result.figures["interval"] == RISK_INTERVAL.value


def test_the_receipt_shows_every_price_that_protection_was_compared_with() -> None:
    asked = make_asked()
    results = check_risk(asked, limits=LIMITS).results
    (shown,) = [result for result in results if result.rule == "protection_prices"]
    ticker = asked.market.ticker
    assert Decimal(shown.figures["expected_price"]) == ticker.best_ask
    assert Decimal(shown.figures["mark_price"]) == ticker.mark_price
    assert Decimal(shown.figures["last_price"]) == ticker.last_price
    stop, target = Decimal(shown.figures["stop_price"]), Decimal(shown.figures["target_price"])
    assert stop < ticker.mark_price < target


def test_losses_that_closed_in_the_same_instant_are_a_row_too() -> None:
    lost = [make_closed_position(net_pnl, minutes_ago=5) for net_pnl in (-2, -1, -3)]
    after = check_breaker(Breaker(), portfolio=make_portfolio(), closed=lost, limits=LIMITS)
    assert after.code == "LOSSES_IN_A_ROW"


def test_a_lowered_leverage_is_what_the_balance_is_measured_with() -> None:
    """Liquidation has to stay 25 % away: twice the margin that a leverage of 3 would ask for."""
    limits = RiskLimits(min_liquidation_gap=Decimal("6.25"), max_leverage=Decimal(5))
    account = {"balance": make_balance(30)}
    sizing = size_entry(make_asked(account=account), limits=limits)
    (safe,) = (r.figures["limit"] for r in sizing.results if r.rule == "liquidation_distance")
    assert safe == "3"
    assert sizing.plan is not None
    assert sizing.plan.leverage <= 3
    assert 70 < sizing.plan.notional <= 90


@pytest.mark.parametrize(
    ("action", "tick", "target"),
    [
        (Action.OPEN_LONG, 7, 53_998),
        (Action.OPEN_LONG, 1000, 54_000),
        (Action.OPEN_SHORT, 7, 46_004),
        (Action.OPEN_SHORT, 1000, 46_000),
    ],
)
def test_a_target_is_rounded_to_where_it_triggers_earlier(
    action: Action, tick: int, target: int
) -> None:
    """8 % from the ask of 50,000 is 54,000, from the bid of 49,999 it is 45,999.08."""
    asked = make_asked(action, instrument={"tick_size": Decimal(tick)})
    plan = size_entry(asked, limits=LIMITS).plan
    assert plan is not None
    assert plan.target_price == target


def test_the_28th_digit_is_never_rounded_up() -> None:
    """10 of 6 % is 166.6...; one whole unit at that price rounded up is more than was wished."""
    price = Decimal("166.6666666666666666666666667")
    quote = dict.fromkeys(("last_price", "mark_price", "best_bid", "best_ask"), price)
    asked = make_asked(
        consensus={"stop_pct": Decimal("5.9"), "target_pct": Decimal(12)},
        market={"ticker": make_ticker(**quote)},
        instrument={"step_size": Decimal(1), "min_quantity": Decimal(1)},
    )
    assert size_entry(asked, limits=LIMITS).plan is None
