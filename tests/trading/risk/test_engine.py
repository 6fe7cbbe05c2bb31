"""Rules dispose: exits always pass, entries pass every rule, nothing is ever enlarged."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import (
    ETH,
    NOW,
    make_account,
    make_asked,
    make_balance,
    make_closed_position,
    make_indicators,
    make_open_breaker,
    make_portfolio,
    make_position,
    make_ticker,
)
from tests.trading.risk.rule_cases import CASES, Case
from trading.council.decisions import Action
from trading.domain.units import PositionSide, TradingState
from trading.market.candles import Interval
from trading.risk.engine import RULES, check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import RiskVerdict, RuleResult, TradePlan, Verdict

LIMITS = RiskLimits()
LONG = make_position()
SHORT = make_position(side=PositionSide.SHORT)

EVERYTHING_WRONG: dict[str, Any] = {
    "trading_state": TradingState.HALTED,
    "is_paused": True,
    "is_reconciled": False,
    "entries_in_doubt": 3,
    "unprotected_positions": 1,
    "pair_breaker": make_open_breaker(),
    "user_breaker": make_open_breaker(),
    "clock_offset": timedelta(hours=1),
    "portfolio": make_portfolio(equity=Decimal(-50)),
    "balance": make_balance(0),
    "reserved_notional": Decimal(10**6),
}
BLIND: dict[str, Any] = {
    "book": None,
    "funding": None,
    "indicators": {},
    "findings": ("everything",),
    "ticker": make_ticker(as_of=NOW - timedelta(days=9), mark_price=Decimal(1)),
}


def test_a_sound_entry_passes_every_rule_and_shows_them_all() -> None:
    verdict = check_risk(make_asked(), limits=LIMITS)
    assert verdict.plan == TradePlan(
        side=PositionSide.LONG,
        quantity=Decimal("0.0048"),  # 1 % of 1,000 / (4 % + 0.1 %) = 243.90 at 50,000
        expected_price=Decimal(50_000),
        stop_price=Decimal(48_000),
        target_price=Decimal(54_000),
        leverage=Decimal(1),
    )
    assert not verdict.close
    assert {result.verdict for result in verdict.results} == {Verdict.APPROVED}
    assert [result.rule for result in verdict.results[: len(RULES)]] == [
        rule.__name__.removeprefix("check_") for rule in RULES
    ]
    assert len(verdict.results) == len(RULES) + 14


def test_a_sound_short_is_the_mirror_image() -> None:
    plan = check_risk(make_asked(Action.OPEN_SHORT), limits=LIMITS).plan
    assert plan is not None
    assert plan.side is PositionSide.SHORT
    assert plan.expected_price == Decimal(49_999)
    assert plan.stop_price == Decimal("51998.9")  # 51,998.96: a buy stop goes down
    assert plan.target_price == Decimal("45999.1")  # 45,999.08: a buy target goes up


@pytest.mark.parametrize("position", [None, LONG, SHORT])
def test_hold_does_nothing_and_asks_nothing(position: Any) -> None:
    asked = make_asked(Action.HOLD, account={"position": position})
    assert check_risk(asked, limits=LIMITS) == RiskVerdict(plan=None, close=False)


@pytest.mark.parametrize(
    ("action", "position"),
    [
        (Action.CLOSE, LONG),
        (Action.CLOSE, SHORT),
        (Action.OPEN_SHORT, LONG),
        (Action.OPEN_LONG, SHORT),
    ],
)
@pytest.mark.parametrize("account", [{}, EVERYTHING_WRONG])
@pytest.mark.parametrize("market", [{}, BLIND])
def test_an_exit_always_passes(
    action: Action, position: Any, account: dict[str, Any], market: dict[str, Any]
) -> None:
    """A close, or an entry against the position: halted, broken, blind and broke all the same."""
    asked = make_asked(
        action,
        account={**account, "position": position},
        market=market,
        consensus={"confidence": Decimal(0), "agreement": 0},
        instrument={"fetched_at": NOW - timedelta(days=99), "min_notional": Decimal(10**9)},
    )
    assert check_risk(asked, limits=LIMITS) == RiskVerdict(
        plan=None,
        close=True,
        results=(
            RuleResult(
                rule="exit",
                verdict=Verdict.APPROVED,
                figures={"side": position.side, "quantity": "0.1"},
            ),
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.code}")
def test_no_rule_ever_stops_an_exit(case: Case) -> None:
    asked = replace(
        case.over,
        consensus=replace(case.over.consensus, action=Action.CLOSE),
        account=replace(case.over.account, position=LONG),
    )
    assert check_risk(asked, limits=LIMITS).close


@pytest.mark.parametrize("position", [None, make_closed_position(5)])
def test_there_is_nothing_to_close_when_flat(position: Any) -> None:
    verdict = check_risk(make_asked(Action.CLOSE, account={"position": position}), limits=LIMITS)
    assert (verdict.plan, verdict.close) == (None, False)
    assert [(result.rule, result.code) for result in verdict.results] == [
        ("exit", "NOTHING_TO_CLOSE")
    ]


def test_a_position_is_never_enlarged() -> None:
    for action, position in [(Action.OPEN_LONG, LONG), (Action.OPEN_SHORT, SHORT)]:
        verdict = check_risk(make_asked(action, account={"position": position}), limits=LIMITS)
        assert (verdict.plan, verdict.close) == (None, False)
        assert [result.code for result in verdict.denials] == ["ALREADY_POSITIONED"]


def test_an_entry_against_the_position_closes_and_opens_nothing() -> None:
    verdict = check_risk(make_asked(Action.OPEN_SHORT, account={"position": LONG}), limits=LIMITS)
    assert (verdict.plan, verdict.close) == (None, True)


def test_every_rule_is_asked_though_another_has_denied() -> None:
    verdict = check_risk(make_asked(account=EVERYTHING_WRONG, market=BLIND), limits=LIMITS)
    assert [result.rule for result in verdict.results] == [
        rule.__name__.removeprefix("check_") for rule in RULES
    ]
    assert len(verdict.denials) > 10
    assert verdict.plan is None


def test_a_question_is_about_one_pair() -> None:
    with pytest.raises(ValueError, match="ETH/USDT can't be judged by rules of BTC/USDT"):
        make_asked(account={"position": make_position(pair=ETH)})
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        replace(make_asked(), as_of=NOW.replace(tzinfo=None))


def test_an_account_is_in_finite_numbers() -> None:
    with pytest.raises(ValueError, match="user_equity must be a finite Decimal"):
        make_account(user_equity=Decimal("NaN"))
    with pytest.raises(ValueError, match="reserved_notional must be at least 0"):
        make_account(reserved_notional=Decimal(-1))


def test_the_council_points_one_way_or_none() -> None:
    sides = {action: make_asked(action).side for action in Action}
    assert sides == {
        Action.OPEN_LONG: PositionSide.LONG,
        Action.OPEN_SHORT: PositionSide.SHORT,
        Action.CLOSE: PositionSide.FLAT,
        Action.HOLD: PositionSide.FLAT,
    }


percents = st.decimals(min_value="0.1", max_value="30", places=2)


@given(
    action=st.sampled_from(Action),
    position=st.sampled_from([None, LONG, SHORT]),
    confidence=st.decimals(min_value=0, max_value=100, places=1),
    stop_pct=percents,
    target_pct=percents,
    atr_ratio=st.floats(min_value=0, max_value=0.2),
    state=st.sampled_from(TradingState),
    equity=st.decimals(min_value=-100, max_value=3000, places=2),
)
def test_whatever_is_asked_at_most_one_thing_is_allowed_and_only_within_the_limits(
    **drawn: Any,
) -> None:
    asked = make_asked(
        drawn["action"],
        consensus={name: drawn[name] for name in ("confidence", "stop_pct", "target_pct")},
        account={
            "position": drawn["position"],
            "trading_state": drawn["state"],
            "portfolio": make_portfolio(equity=drawn["equity"]),
        },
        market={"indicators": {Interval.H1: make_indicators(atr_ratio=drawn["atr_ratio"])}},
    )
    verdict = check_risk(asked, limits=LIMITS)
    if drawn["position"] is not None and drawn["action"] is Action.CLOSE:
        assert verdict.close
    if verdict.plan is not None:
        plan = verdict.plan
        assert drawn["action"].is_entry
        assert drawn["position"] is None
        assert drawn["state"] is TradingState.ACTIVE
        assert drawn["confidence"] >= LIMITS.min_confidence
        assert plan.notional <= drawn["equity"] * LIMITS.max_position_ratio
        assert plan.leverage <= LIMITS.max_leverage
        assert drawn["equity"] > 950  # beyond it the day's loss is reached
