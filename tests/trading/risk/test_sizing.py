"""Sizing: what may be lost decides; each cap takes away and none gives back."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import (
    NOW,
    PRICE,
    make_asked,
    make_balance,
    make_book,
    make_indicators,
    make_portfolio,
    make_ticker,
)
from trading.council.decisions import Action
from trading.market.candles import Interval
from trading.market.snapshot import BookLevel
from trading.portfolio.valuation import Exposure
from trading.risk.caps import CAPS
from trading.risk.circuit_breaker import Breaker
from trading.risk.context import RiskInput
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import RuleResult, TradePlan, Verdict
from trading.risk.sizing import Sizing, size_entry

LONG, SHORT = Action.OPEN_LONG, Action.OPEN_SHORT
WISH = Decimal(10) / Decimal("0.041")  # 1 % of 1,000 lost at 4 % plus fees of 0.1 %: 243.90
FINE = {"step_size": Decimal("0.00000001"), "min_quantity": Decimal("0.00000001")}


def asked_of(action: Action = LONG, **account: Any) -> RiskInput:
    return make_asked(action, account=account, instrument=FINE)


def size(asked: RiskInput, **limits: Any) -> Sizing:
    return size_entry(asked, limits=RiskLimits(**limits))


def plan_of(sizing: Sizing) -> TradePlan:
    assert sizing.plan is not None, [str(r.told) for r in sizing.results]
    return sizing.plan


def touched(sizing: Sizing) -> list[tuple[str, str, str]]:
    return [
        (result.rule, result.verdict.value, result.code)
        for result in sizing.results
        if result.verdict is not Verdict.APPROVED
    ]


def find(sizing: Sizing, rule: str) -> RuleResult:
    return next(result for result in sizing.results if result.rule == rule)


def levels(*, price: Decimal, notional: int) -> tuple[BookLevel, ...]:
    return (BookLevel(price, Decimal(notional) / price),)


CLAMPS: list[tuple[str, str, RiskInput, dict[str, Any], str]] = [
    ("position_size", "POSITION_LIMIT", asked_of(), {"max_position_ratio": Decimal("0.2")}, "200"),
    (
        "leverage",
        "LEVERAGE_LIMIT",
        make_asked(
            consensus={"stop_pct": Decimal("0.5")},
            account={"balance": make_balance(9000)},
            instrument=FINE,
        ),
        {
            "max_position_ratio": Decimal(9),
            "max_direction_ratio": Decimal(9),
            "max_exposure_ratio": Decimal(9),
            "max_leverage": Decimal("2.9"),
            "risk_per_trade_ratio": Decimal("0.02"),
        },
        "2000",
    ),
    (
        "total_exposure",
        "EXPOSURE_LIMIT",
        asked_of(elsewhere=Exposure(gross=Decimal(850))),
        {},
        "150",
    ),
    (
        "total_exposure",
        "EXPOSURE_LIMIT",
        asked_of(),
        {"max_exposure_ratio": Decimal("0.1")},
        "100",
    ),
    (
        "total_exposure",
        "EXPOSURE_LIMIT",
        asked_of(
            elsewhere=Exposure(gross=Decimal(500), net=Decimal(-400)),
            reserved_notional=Decimal(400),
        ),
        {},
        "100",
    ),
    (
        "direction_exposure",
        "DIRECTION_LIMIT",
        asked_of(elsewhere=Exposure(gross=Decimal(500), net=Decimal(500))),
        {},
        "100",
    ),
    (
        "direction_exposure",
        "DIRECTION_LIMIT",
        asked_of(SHORT, elsewhere=Exposure(gross=Decimal(500), net=Decimal(-500))),
        {},
        "100",
    ),
    ("direction_exposure", "DIRECTION_LIMIT", asked_of(reserved_notional=Decimal(450)), {}, "150"),
    # 50 x 3 / (1 + 2 x 0.0005 x 3) = 149.551...
    ("available_balance", "BALANCE_LIMIT", asked_of(balance=make_balance(50)), {}, "149.55134596"),
    (
        "available_balance",
        "BALANCE_LIMIT",
        asked_of(balance=make_balance(100), reserved_notional=Decimal(100)),
        {},
        "199.10269192",
    ),
    (
        "loss_room",
        "LOSS_ROOM_LIMIT",
        asked_of(portfolio=make_portfolio(equity=Decimal(1000), day_start_equity=Decimal(1045))),
        {},
        "176.82926829",  # (52.25 - 45) / 0.041
    ),
    (
        "loss_room",
        "LOSS_ROOM_LIMIT",
        asked_of(portfolio=make_portfolio(equity=Decimal(1000), peak_equity=Decimal(1170))),
        {},
        "134.14634146",  # (1000 - 0.85 x 1170) / 0.041
    ),
    (
        "loss_room",
        "LOSS_ROOM_LIMIT",
        asked_of(
            portfolio=make_portfolio(equity=Decimal(1000), day_start_equity=Decimal(2000)),
            pair_breaker=Breaker(counts_from=NOW, counts_from_pnl=Decimal(95)),
        ),
        {},
        "121.95121951",  # (100 - 95) / 0.041
    ),
    (
        "book_share",
        "BOOK_SHARE_LIMIT",
        make_asked(
            market={"book": make_book(asks=levels(price=PRICE, notional=2000))}, instrument=FINE
        ),
        {},
        "200",
    ),
    (
        "book_share",
        "BOOK_SHARE_LIMIT",
        make_asked(
            SHORT,
            market={"book": make_book(bids=levels(price=PRICE - 1, notional=2000))},
            instrument=FINE,
        ),
        {},
        "200",
    ),
    (
        "order_notional",
        "NOTIONAL_ABOVE_MAX",
        asked_of(),
        {"max_order_notional": Decimal(99)},
        "99",
    ),
    (
        "order_quantity",
        "QUANTITY_ABOVE_MAX",
        make_asked(instrument={**FINE, "max_quantity": Decimal("0.002")}),
        {},
        "100",
    ),
]


@pytest.mark.parametrize(("rule", "code", "asked", "limits", "cap"), CLAMPS)
def test_each_cap_has_an_order_that_it_alone_shrinks(
    rule: str, code: str, asked: RiskInput, limits: dict[str, Any], cap: str
) -> None:
    sizing = size(asked, **limits)
    assert touched(sizing) == [(rule, "clamped", code)]
    figures = find(sizing, rule).figures
    assert list(figures) == ["notional", "limit"]
    assert abs(Decimal(figures["limit"]) - Decimal(cap)) < Decimal("0.0001")
    assert Decimal(figures["notional"]) > Decimal(cap)
    step_value = Decimal("0.00000001") * PRICE
    assert Decimal(cap) - step_value <= plan_of(sizing).notional <= Decimal(cap)


def test_every_cap_is_among_them() -> None:
    assert {rule for rule, _, _ in CAPS} == {case[0] for case in CLAMPS}


@pytest.mark.parametrize(
    ("rule", "code", "changes"),
    [
        ("total_exposure", "EXPOSURE_LIMIT", {"elsewhere": Exposure(gross=Decimal(1000))}),
        (
            "direction_exposure",
            "DIRECTION_LIMIT",
            {"elsewhere": Exposure(gross=Decimal(600), net=Decimal(600))},
        ),
        ("available_balance", "BALANCE_LIMIT", {"balance": make_balance(0)}),
        ("available_balance", "BALANCE_LIMIT", {"balance": make_balance(-5)}),
    ],
)
def test_a_cap_that_leaves_nothing_denies_alone(
    rule: str, code: str, changes: dict[str, Any]
) -> None:
    sizing = size(asked_of(**changes))
    assert sizing.plan is None
    assert touched(sizing) == [(rule, "denied", code)]


def test_a_hedge_elsewhere_makes_no_room_beyond_the_limit() -> None:
    """A net short elsewhere leaves room for a long, but the long alone stays within its share."""
    hedged = asked_of(elsewhere=Exposure(gross=Decimal(300), net=Decimal(-300)))
    assert touched(size(hedged)) == []
    assert find(size(hedged), "direction_exposure").figures["limit"] == "900"


def test_the_wish_is_what_loses_the_risk_at_the_stop() -> None:
    sizing = size(asked_of())
    assert touched(sizing) == []
    figures = find(sizing, "risk_per_trade").figures
    assert figures == {
        "equity": "1000",
        "risk_ratio": "0.01",
        "loss_ratio": "0.041",
        "notional": "243.90243902",
    }
    assert WISH - PRICE * FINE["step_size"] <= plan_of(sizing).notional <= WISH


def test_a_stop_inside_the_noise_is_sized_as_if_it_were_outside() -> None:
    noisy = {"indicators": {Interval.H1: make_indicators(atr_ratio=0.08)}}
    sizing = size(make_asked(market=noisy, instrument=FINE))
    assert find(sizing, "risk_per_trade").figures["loss_ratio"] == "0.081"
    assert plan_of(sizing).stop_price == Decimal(48_000)  # the stop itself stays where it was


def test_quantities_are_rounded_down_to_the_step() -> None:
    sizing = size(make_asked(instrument={"step_size": Decimal("0.001")}))
    assert plan_of(sizing).quantity == Decimal("0.004")  # 0.004878...


@pytest.mark.parametrize(
    ("rule", "code", "over", "at"),
    [
        (
            "min_quantity",
            "QUANTITY_BELOW_MIN",
            {"min_quantity": Decimal("0.0049")},
            {"min_quantity": Decimal("0.0048")},
        ),
        (
            "min_notional",
            "NOTIONAL_BELOW_MIN",
            {"min_notional": Decimal("240.01")},
            {"min_notional": Decimal(240)},
        ),
        (
            "liquidation_distance",
            "STOP_BEYOND_LIQUIDATION",
            {"maintenance_margin_ratio": Decimal("0.941")},
            {"maintenance_margin_ratio": Decimal("0.94")},
        ),
        (
            "protection_prices",
            "PROTECTION_TOO_CLOSE",
            {"tick_size": Decimal(50_000)},
            {"tick_size": Decimal(2000)},
        ),
    ],
)
def test_each_minimum_has_an_order_that_it_alone_stops(
    rule: str, code: str, over: dict[str, Any], at: dict[str, Any]
) -> None:
    verdict = check_risk(make_asked(instrument=over), limits=RiskLimits())
    assert [(result.rule, result.code) for result in verdict.denials] == [(rule, code)]
    assert verdict.plan is None
    assert check_risk(make_asked(instrument=at), limits=RiskLimits()).plan is not None


def test_the_smallest_notional_is_measured_at_the_lower_price() -> None:
    cheap_mark = make_ticker(mark_price=PRICE - 400)
    sizing = size(make_asked(market={"ticker": cheap_mark}))
    assert find(sizing, "min_notional").figures == {"notional": "238.08", "limit": "5"}
    assert find(sizing, "min_quantity").figures == {"quantity": "0.0048", "limit": "0.0001"}


def test_nothing_wanted_is_too_little() -> None:
    zero = Decimal(0)
    gone = make_portfolio(equity=zero, peak_equity=zero, day_start_equity=zero)
    sizing = size(asked_of(portfolio=gone))
    assert sizing.plan is None
    assert touched(sizing) == [
        ("min_quantity", "denied", "QUANTITY_BELOW_MIN"),
        ("min_notional", "denied", "NOTIONAL_BELOW_MIN"),
    ]


def test_a_debt_is_nothing_wanted_and_not_a_short() -> None:
    sizing = size(asked_of(portfolio=make_portfolio(equity=Decimal(-100))))
    assert sizing.plan is None
    assert find(sizing, "risk_per_trade").figures["notional"] == "0"
    assert ("position_size", "denied", "POSITION_LIMIT") in touched(sizing)


@pytest.mark.parametrize(
    ("action", "prices"),
    [
        (LONG, {"mark_price": Decimal(48_000)}),
        (LONG, {"last_price": Decimal(48_000)}),
        (LONG, {"mark_price": Decimal(54_000)}),
        (LONG, {"last_price": Decimal(54_000)}),
        (SHORT, {"mark_price": Decimal("51998.9")}),
        (SHORT, {"last_price": Decimal("45999.1")}),
    ],
)
def test_protection_that_would_trigger_at_once_is_none(
    action: Action, prices: dict[str, Decimal]
) -> None:
    sizing = size(make_asked(action, market={"ticker": make_ticker(**prices)}))
    assert sizing.plan is None
    assert touched(sizing) == [("protection_prices", "denied", "PROTECTION_TOO_CLOSE")]


@pytest.mark.parametrize(
    ("action", "mark_price"), [(LONG, "48000.1"), (LONG, "53999.9"), (SHORT, "51998.8")]
)
def test_protection_may_be_a_tick_away(action: Action, mark_price: str) -> None:
    ticker = make_ticker(mark_price=Decimal(mark_price))
    sizing = size(make_asked(action, market={"ticker": ticker}))
    assert touched(sizing) == []
    prices = find(sizing, "protection_prices").figures
    assert list(prices) == [
        "stop_price",
        "target_price",
        "expected_price",
        "mark_price",
        "last_price",
    ]


def test_a_short_earns_at_most_everything() -> None:
    """A target at zero is no price; the tick nearest to it is one, for a cheap coin too."""
    all_of_it = make_asked(SHORT, consensus={"target_pct": Decimal(100)})
    assert touched(size(all_of_it)) == [("protection_prices", "denied", "PROTECTION_TOO_CLOSE")]
    nearly = make_asked(
        SHORT,
        consensus={"target_pct": Decimal("99.9999")},
        instrument={"tick_size": Decimal("0.1")},
    )
    assert plan_of(size(nearly)).target_price == Decimal("0.1")


def test_what_is_left_of_a_cap_may_be_less_than_one() -> None:
    """Half a dollar is not nothing: the cap clamps to it, and the venue's minimum denies it."""
    asked = make_asked(account={"elsewhere": Exposure(gross=Decimal("999.5"))})
    assert touched(size(asked)) == [
        ("total_exposure", "clamped", "EXPOSURE_LIMIT"),
        ("min_quantity", "denied", "QUANTITY_BELOW_MIN"),
        ("min_notional", "denied", "NOTIONAL_BELOW_MIN"),
    ]


@pytest.mark.parametrize(
    ("available", "leverage"),
    [(1000, 1), (Decimal("240.24"), 1), (Decimal("240.23"), 2), (110, 3), ("80.48", 3)],
)
def test_the_smallest_leverage_that_fits_is_asked_of_the_venue(
    available: Any, leverage: int
) -> None:
    """240 of notional and 0.24 of fees of both ways; with 3 the margin is 80."""
    asked = make_asked(account={"balance": make_balance(str(available))})
    plan = plan_of(size(asked))
    assert plan.notional == 240
    assert plan.leverage == leverage


def test_what_is_reserved_needs_margin_too() -> None:
    asked = make_asked(account={"balance": make_balance(400), "reserved_notional": Decimal(200)})
    assert plan_of(size(asked)).leverage == 2


@pytest.mark.parametrize(
    ("limits", "instrument", "allowed"),
    [
        ({"max_leverage": Decimal("2.9")}, {}, "2"),
        ({}, {"max_leverage": Decimal("1.5")}, "1"),
        ({"max_leverage": Decimal(50)}, {}, "15"),  # 1/15 - 0.004 >= 1.5 x 4 % > 1/16 - 0.004
        ({"max_leverage": Decimal(50)}, {"maintenance_margin_ratio": Decimal("0.0001")}, "16"),
    ],
)
def test_leverage_is_whole_and_keeps_liquidation_far_beyond_the_stop(
    limits: dict[str, Any], instrument: dict[str, Any], allowed: str
) -> None:
    sizing = size(make_asked(instrument=instrument), **limits)
    assert find(sizing, "liquidation_distance").figures["limit"] == allowed


def test_a_lowered_leverage_is_shown_as_a_clamp() -> None:
    result = find(size(make_asked(), max_leverage=Decimal(50)), "liquidation_distance")
    assert result.verdict is Verdict.CLAMPED
    assert result.code == "STOP_BEYOND_LIQUIDATION"
    assert result.figures == {
        "leverage": "50",
        "limit": "15",
        "stop_ratio": "0.04",
        "gap": "1.5",
    }


@pytest.mark.parametrize(
    "asked",
    [
        make_asked(consensus={"stop_pct": None}),
        make_asked(consensus={"target_pct": None}),
        make_asked(market={"indicators": {}}),
        make_asked(market={"book": None}),
    ],
)
def test_what_can_not_be_sized_is_an_error_of_ours(asked: RiskInput) -> None:
    with pytest.raises(ValueError, match=r"without its stop, target, volatility and book$"):
        size(asked)


def test_the_callers_arithmetic_is_left_alone() -> None:
    before = Decimal(2) / Decimal(3)
    size(replace(make_asked()))
    assert Decimal(2) / Decimal(3) == before
