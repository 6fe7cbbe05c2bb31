"""What mutation found that no other test of the rules would notice: codes, figures, forms."""

from decimal import Decimal

import pytest

from tests.trading.builders import make_asked
from tests.trading.builders import make_position
from trading.account_rules import check_trading_state
from trading.decisions import Action
from trading.limits import RiskLimits
from trading.risk import check_risk
from trading.risk_input import RISK_INTERVAL
from trading.units import TradingState
from trading.verdicts import DenialReason
from trading.verdicts import Verdict

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
