"""The gate admits exactly the levels that the rules and the sizing turn into a plan."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.builders import (
    PRICE,
    make_asked,
    make_consensus,
    make_instrument,
    make_market,
    make_ticker,
)
from trading.council.decisions import Action
from trading.risk.context import RiskInput
from trading.risk.engine import check_risk
from trading.risk.entry_gate import EntryGate
from trading.risk.limits import RiskLimits

LIMITS = RiskLimits()
ENTRIES = (Action.OPEN_LONG, Action.OPEN_SHORT)
SETS = 3_000
LEVELS = {
    "confidence": ("60", "69.9", "70", "95"),
    "stop_pct": ("0.1", "0.5", "0.6", "1", "3", "9", "10", "12", "30"),
    "win_probability": ("5", "35", "50", "99"),
    "target_pct": ("0.5", "1", "1.2", "2", "5", "20", "60", "120"),
}


def make_input(rng: random.Random) -> RiskInput:
    """A large flat account in a market with other fees, spreads and mark prices."""
    bid, ask = PRICE - rng.choice((1, 40)), PRICE
    mark = PRICE * (1 + Decimal(rng.choice(("-0.004", "0", "0.004"))))
    return replace(
        make_asked(),
        market=make_market(ticker=make_ticker(best_bid=bid, best_ask=ask, mark_price=mark)),
        instrument=make_instrument(
            taker_fee_rate=Decimal(rng.choice(("0", "0.0005", "0.002"))),
            maintenance_margin_ratio=Decimal(rng.choice(("0.004", "0.2", "0.6"))),
        ),
    )


def build_gate(asked: RiskInput) -> EntryGate:
    return EntryGate(limits=LIMITS, instrument=asked.instrument, ticker=asked.market.ticker)


@pytest.mark.parametrize("action", ENTRIES)
def test_the_gate_and_the_rules_agree(action: Action) -> None:
    rng = random.Random(20261130)
    admitted = 0
    for _ in range(SETS):
        asked = make_input(rng)
        levels = {name: Decimal(rng.choice(choices)) for name, choices in LEVELS.items()}
        consensus = make_consensus(action, **levels)
        plan = check_risk(replace(asked, consensus=consensus), limits=LIMITS).plan
        is_admitted = build_gate(asked).admits(action, **levels)
        admitted += is_admitted
        assert is_admitted == (plan is not None), (levels, asked.market.ticker, asked.instrument)
    assert SETS / 50 < admitted < SETS


def test_without_a_market_only_the_limits_are_checked() -> None:
    gate = EntryGate(limits=LIMITS)
    levels = {"confidence": Decimal(70), "stop_pct": Decimal(1), "target_pct": Decimal(2)}
    levels["win_probability"] = Decimal(50)
    assert gate.admits(Action.OPEN_LONG, **levels)
    assert not gate.admits(Action.OPEN_LONG, **levels | {"confidence": Decimal(69)})
    assert not gate.admits(Action.OPEN_LONG, **levels | {"win_probability": Decimal(34)})


def test_costs_that_eat_the_target_are_not_admitted() -> None:
    asked = make_asked()
    dear = replace(asked, instrument=make_instrument(taker_fee_rate=Decimal("0.02")))
    levels = {"confidence": Decimal(90), "stop_pct": Decimal(1), "target_pct": Decimal(2)}
    levels["win_probability"] = Decimal(50)
    assert build_gate(asked).admits(Action.OPEN_LONG, **levels)
    assert not build_gate(dear).admits(Action.OPEN_LONG, **levels)


def test_an_entry_without_a_chance_to_win_is_not_admitted() -> None:
    levels = {"confidence": Decimal(90), "stop_pct": Decimal(1), "target_pct": Decimal(2)}
    assert not EntryGate(limits=LIMITS).admits(Action.OPEN_LONG, win_probability=None, **levels)


def test_costs_of_half_the_target_are_the_limit_whatever_the_chance() -> None:
    """A certain win is worth its costs, and still too dear."""
    asked = make_asked()
    dear = replace(asked, instrument=make_instrument(taker_fee_rate=Decimal("0.006")))
    levels = {"confidence": Decimal(90), "stop_pct": Decimal(1), "target_pct": Decimal(2)}
    assert not build_gate(dear).admits(Action.OPEN_LONG, win_probability=Decimal(100), **levels)
