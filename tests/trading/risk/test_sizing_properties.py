"""Whatever the market, the account and the limits: sizes keep every cap, and only ever shrink."""

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.trading.builders import (
    PRICE,
    make_asked,
    make_balance,
    make_book,
    make_indicators,
    make_portfolio,
)
from tests.trading.numbers import decimals
from trading.council.decisions import Action
from trading.domain.errors import BadInput
from trading.market.candles import Interval
from trading.market.snapshot import BookLevel
from trading.portfolio.valuation import Exposure
from trading.risk.context import RiskInput
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits, tighten
from trading.risk.margin import compute_liquidation_price
from trading.risk.results import DenialReason, TradePlan

steps = st.sampled_from([Decimal(text) for text in ("0.00000001", "0.0001", "0.001", "0.01")])
ticks = st.sampled_from([Decimal(text) for text in ("0.01", "0.1", "0.5", "10", "100")])


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a sizing depends on, drawn so that most of it can be traded."""

    action: Action
    equity: Decimal
    peak_equity: Decimal
    day_start_equity: Decimal
    available: Decimal
    user_equity: Decimal
    gross: Decimal
    net: Decimal
    reserved: Decimal
    stop_pct: Decimal
    reward: Decimal
    atr_ratio: float
    depth: Decimal
    step: Decimal
    tick: Decimal
    max_quantity: Decimal

    @property
    def asked(self) -> RiskInput:
        quantity = self.depth / PRICE
        return make_asked(
            self.action,
            consensus={"stop_pct": self.stop_pct, "target_pct": self.stop_pct * self.reward},
            account={
                "portfolio": make_portfolio(
                    equity=self.equity,
                    peak_equity=max(self.peak_equity, self.equity),
                    day_start_equity=self.day_start_equity,
                ),
                "balance": make_balance(str(self.available)),
                "user_equity": self.user_equity,
                "elsewhere": Exposure(gross=self.gross, net=max(self.net, -self.gross)),
                "reserved_notional": self.reserved,
            },
            market={
                "book": make_book(
                    bids=(BookLevel(PRICE - 1, quantity),), asks=(BookLevel(PRICE, quantity),)
                ),
                "indicators": {Interval.H1: make_indicators(atr_ratio=self.atr_ratio)},
            },
            instrument={
                "step_size": self.step,
                "min_quantity": self.step,
                "tick_size": self.tick,
                "max_quantity": self.max_quantity,
                "min_notional": Decimal(1),
            },
        )


def build_situation(equity: Decimal, parts: dict[str, Any]) -> Situation:
    """Everything in proportion to the equity, near to its limits and sometimes past them."""
    scaled = {
        name: (equity * parts.pop(name)).quantize(Decimal("0.01"))
        for name in (
            "peak_equity",
            "day_start_equity",
            "available",
            "user_equity",
            "gross",
            "net",
            "reserved",
        )
    }
    return Situation(equity=equity, **scaled, **parts)


situations = st.builds(
    build_situation,
    decimals("100", "1000000", places=2),
    st.fixed_dictionaries(
        {
            "peak_equity": decimals("0.5", "1.2", places=3),
            "day_start_equity": decimals("0.5", "1.06", places=3),
            "available": decimals("0.05", "1.5", places=2),
            "user_equity": decimals("1", "4", places=2),
            "gross": decimals("0", "1.5", places=2),
            "net": decimals("-1.5", "1", places=2),
            "reserved": decimals("0", "0.3", places=2),
            "action": st.sampled_from([Action.OPEN_LONG, Action.OPEN_SHORT]),
            "stop_pct": decimals("0.67", "10", places=2),
            "reward": decimals("1.5", "4", places=1),
            "atr_ratio": st.floats(min_value=0, max_value=0.15),
            "depth": decimals("5001", "9000000", places=2),
            "step": steps,
            "tick": ticks,
            "max_quantity": st.sampled_from([Decimal("0.02"), Decimal(1000)]),
        }
    ),
)
limit_sets = st.builds(
    RiskLimits,
    risk_per_trade_ratio=decimals("0.001", "0.2", places=3),
    max_position_ratio=decimals("0.05", "3", places=2),
    max_leverage=decimals("1", "20", places=1),
    max_exposure_ratio=decimals("0.1", "5", places=2),
    max_direction_ratio=decimals("0.1", "5", places=2),
    max_order_notional=decimals("100", "200000", places=2),
    max_book_share_ratio=decimals("0.01", "1", places=2),
    min_liquidation_gap=decimals("1.1", "5", places=1),
)


def plan_of(asked: RiskInput, limits: RiskLimits) -> TradePlan | None:
    return check_risk(asked, limits=limits).plan


def quantity_of(asked: RiskInput, limits: RiskLimits) -> Decimal:
    plan = plan_of(asked, limits)
    return Decimal(0) if plan is None else plan.quantity


@given(situation=situations, limits=limit_sets)
def test_no_size_is_ever_above_any_cap(situation: Situation, limits: RiskLimits) -> None:
    asked = situation.asked
    plan = plan_of(asked, limits)
    assume(plan is not None)
    assert plan is not None
    with localcontext(prec=80):
        stop_ratio = situation.stop_pct / 100
        loss_ratio = max(stop_ratio, Decimal(str(situation.atr_ratio))) + Decimal("0.001")
        notional, sign = plan.notional, plan.side.sign
        loss = notional * loss_ratio
        portfolio, elsewhere = asked.account.portfolio, asked.account.elsewhere
        committed = notional + situation.reserved
        costs = committed / plan.leverage + committed * Decimal("0.001")

        assert loss <= situation.equity * limits.risk_per_trade_ratio
        assert notional <= situation.equity * limits.max_position_ratio
        assert notional <= situation.equity * limits.max_leverage
        assert committed + elsewhere.gross <= situation.user_equity * limits.max_exposure_ratio
        assert (
            committed + elsewhere.net * sign <= situation.user_equity * limits.max_direction_ratio
        )
        assert costs <= situation.available + Decimal("1e-15")
        assert loss - portfolio.day_pnl <= (situation.day_start_equity * limits.max_day_loss_ratio)
        assert portfolio.equity - loss >= portfolio.peak_equity * (1 - limits.max_drawdown_ratio)
        assert notional <= situation.depth * limits.max_book_share_ratio
        assert notional <= limits.max_order_notional
        assert plan.quantity <= situation.max_quantity


@given(situation=situations, limits=limit_sets)
def test_sizes_are_on_the_step_and_prices_on_the_tick(
    situation: Situation, limits: RiskLimits
) -> None:
    plan = plan_of(situation.asked, limits)
    assume(plan is not None)
    assert plan is not None
    assert plan.quantity % situation.step == 0
    assert plan.stop_price % situation.tick == 0
    assert plan.target_price % situation.tick == 0
    asked_stop = plan.expected_price * (1 - plan.side.sign * situation.stop_pct / 100)
    assert abs(plan.stop_price - plan.expected_price) <= abs(asked_stop - plan.expected_price)
    assert abs(plan.stop_price - asked_stop) < situation.tick


@given(situation=situations, limits=limit_sets)
def test_the_stop_always_comes_long_before_liquidation(
    situation: Situation, limits: RiskLimits
) -> None:
    plan = plan_of(situation.asked, limits)
    assume(plan is not None)
    assert plan is not None
    liquidation = compute_liquidation_price(
        side=plan.side,
        entry_price=plan.expected_price,
        leverage=plan.leverage,
        maintenance_margin_ratio=situation.asked.instrument.maintenance_margin_ratio,
    )
    to_stop = abs(plan.expected_price - plan.stop_price)
    to_liquidation = (plan.expected_price - liquidation) * plan.side.sign
    assert to_liquidation >= to_stop * limits.min_liquidation_gap
    assert plan.leverage == plan.leverage.to_integral_value()
    assert 1 <= plan.leverage <= limits.max_leverage


@given(
    situation=situations,
    limits=limit_sets,
    name=st.sampled_from([limit.name for limit in fields(RiskLimits)]),
    factor=decimals("0.1", "4", places=2),
)
def test_a_stricter_limit_never_makes_an_order_larger(
    situation: Situation, limits: RiskLimits, name: str, factor: Decimal
) -> None:
    value = getattr(limits, name)
    number = Decimal(str(value.total_seconds() if isinstance(value, timedelta) else value))
    new = number * factor
    text = str(int(new)) if isinstance(value, int) else str(new)
    stricter = limits
    with suppress(BadInput):
        stricter = tighten(limits, {name: text})
    asked = situation.asked
    assert quantity_of(asked, stricter) <= quantity_of(asked, limits)


WORSE: dict[str, Any] = {
    "available": lambda s, part: replace(s, available=s.available * part),
    "user_equity": lambda s, part: replace(s, user_equity=s.user_equity * part),
    "depth": lambda s, part: replace(s, depth=s.depth * part),
    "gross": lambda s, part: replace(s, gross=s.gross + 1000 * part),
    "reserved": lambda s, part: replace(s, reserved=s.reserved + 1000 * part),
    "atr_ratio": lambda s, part: replace(s, atr_ratio=s.atr_ratio + float(part) / 10),
    "step": lambda s, part: replace(s, step=s.step * 10),
    "max_quantity": lambda s, part: replace(s, max_quantity=s.max_quantity * part),
}


@given(
    situation=situations,
    limits=limit_sets,
    what=st.sampled_from(sorted(WORSE)),
    part=decimals("0.01", "1", places=2),
)
def test_a_worse_situation_never_makes_an_order_larger(
    situation: Situation, limits: RiskLimits, what: str, part: Decimal
) -> None:
    worse = WORSE[what](situation, part)
    assert quantity_of(worse.asked, limits) <= quantity_of(situation.asked, limits)


@given(situation=situations, limits=limit_sets, part=decimals("0.01", "1", places=2))
def test_less_equity_never_makes_an_order_larger(
    situation: Situation, limits: RiskLimits, part: Decimal
) -> None:
    peak = max(situation.peak_equity, situation.equity)
    richer = replace(situation, peak_equity=peak)
    poorer = replace(richer, equity=richer.equity * part)
    assert quantity_of(poorer.asked, limits) <= quantity_of(richer.asked, limits)


@given(situation=situations, limits=limit_sets)
def test_the_same_question_has_the_same_answer(situation: Situation, limits: RiskLimits) -> None:
    assert check_risk(situation.asked, limits=limits) == check_risk(situation.asked, limits=limits)


def test_a_doubt_by_the_news_halves_the_order_and_is_shown() -> None:
    asked = make_asked(instrument={"step_size": Decimal("0.00000001")})
    doubted = replace(asked, consensus=replace(asked.consensus, size_share=Decimal("0.5")))

    sure, unsure = (check_risk(one, limits=RiskLimits()) for one in (asked, doubted))

    assert sure.plan is not None
    assert unsure.plan is not None
    assert abs(unsure.plan.quantity - sure.plan.quantity / 2) <= Decimal("0.00000001")
    assert [r.rule for r in unsure.results if r.code == DenialReason.NEWS_DOUBT] == ["news_doubt"]
