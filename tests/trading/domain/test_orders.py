"""Orders: what can't be is refused, and an intent's name is a function of the intent alone."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import BTC, ETH, NOW, USER, make_fill, make_intent, make_order
from trading.domain.orders import (
    Leg,
    OrderStatus,
    OrderType,
    Outcome,
    Placement,
    derive_client_order_id,
)
from trading.domain.units import ClientOrderId, Pair, Side, UserId

keys = st.fixed_dictionaries(
    {
        "user_id": st.integers(min_value=1, max_value=10**12).map(UserId),
        "pair": st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True)
        .filter(lambda base: base != "USDT")
        .map(lambda base: Pair(base, "USDT")),
        "cycle_time": st.integers(min_value=0, max_value=10**6).map(
            lambda n: NOW + n * timedelta(minutes=30)
        ),
        "leg": st.sampled_from(Leg),
        "attempt": st.integers(min_value=0, max_value=99),
    }
)


@given(key=keys)
def test_a_name_is_within_what_both_venues_take_and_spells_nothing(key: Any) -> None:
    name = derive_client_order_id(**key)
    assert re.fullmatch(r"q[0-9a-f]{30}", name)
    assert len(name) <= 32


@given(key=keys)
def test_a_name_is_the_same_after_any_restart(key: Any) -> None:
    assert derive_client_order_id(**key) == derive_client_order_id(**dict(reversed(key.items())))


@given(one=keys, other=keys)
def test_two_wishes_never_share_a_name(one: Any, other: Any) -> None:
    same_name = derive_client_order_id(**one) == derive_client_order_id(**other)
    assert same_name == (one == other)


def test_a_name_never_changes_between_releases() -> None:
    """An order sent before an update has to be found after it."""
    assert make_intent().client_order_id == "qc3329e1901316133ed9b08290bf228"


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": UserId(8)},
        {"pair": ETH},
        {"cycle_time": NOW + timedelta(minutes=30)},
        {"leg": Leg.EXIT},
        {"attempt": 1},
    ],
)
def test_every_part_of_the_key_makes_another_name(changes: dict[str, Any]) -> None:
    assert make_intent(**changes).client_order_id != make_intent().client_order_id


def test_what_is_not_the_key_does_not_change_the_name() -> None:
    changed = make_intent(quantity=Decimal(9), expected_price=Decimal(1), side=Side.SELL)
    assert changed.client_order_id == make_intent().client_order_id


def test_a_name_needs_a_real_instant() -> None:
    with pytest.raises(ValueError, match="cycle_time must be aware UTC"):
        derive_client_order_id(
            user_id=USER, pair=BTC, cycle_time=NOW.replace(tzinfo=None), leg=Leg.ENTRY
        )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": Decimal(0)}, "quantity must be above 0"),
        ({"expected_price": Decimal(0)}, "expected_price must be above 0"),
        ({"reserved_notional": Decimal(-1)}, "reserved_notional must be at least 0"),
        ({"cycle_time": NOW.replace(tzinfo=None)}, "cycle_time must be aware UTC"),
        ({"trigger_price": Decimal(1)}, "exactly the conditional orders have a trigger price"),
        ({"order_type": OrderType.STOP_MARKET}, "exactly the conditional orders"),
        (
            {"order_type": OrderType.STOP_MARKET, "trigger_price": Decimal(0)},
            "trigger_price must be above 0",
        ),
    ],
)
def test_an_impossible_intent_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_intent(**changes)


@pytest.mark.parametrize("kind", [OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET])
def test_a_conditional_order_has_a_trigger(kind: OrderType) -> None:
    assert make_intent(order_type=kind, trigger_price=Decimal(1)).trigger_price == 1


def test_what_is_final_stays_so() -> None:
    assert {status.value for status in OrderStatus if status.is_final} == {
        "filled",
        "canceled",
        "expired",
        "denied",
        "rejected",
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"quantity": Decimal(-1)}, "quantity must be at least 0"),
        ({"filled_quantity": Decimal(-1)}, "filled_quantity must be at least 0"),
        ({"created_at": NOW.replace(tzinfo=None)}, "created_at must be aware UTC"),
        ({"updated_at": NOW.replace(tzinfo=None)}, "updated_at must be aware UTC"),
    ],
)
def test_an_impossible_order_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_order(**changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fill_price": Decimal(0)}, "fill_price must be above 0"),
        ({"quantity": Decimal(0)}, "quantity must be above 0"),
        ({"fee": Decimal("NaN")}, "fee must be a finite Decimal"),
        ({"filled_at": NOW.replace(tzinfo=None)}, "filled_at must be aware UTC"),
    ],
)
def test_an_impossible_fill_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_fill(**changes)


def test_a_fee_may_be_a_rebate() -> None:
    assert make_fill(fee=Decimal("-0.5")).fee == Decimal("-0.5")


def test_exactly_an_accepted_placement_carries_the_order() -> None:
    accepted = Placement(outcome=Outcome.ACCEPTED, order=make_order())
    assert accepted.order is not None
    assert accepted.order.client_order_id == ClientOrderId("q1")
    with pytest.raises(ValueError, match="exactly an accepted placement"):
        Placement(outcome=Outcome.ACCEPTED)
    for outcome in set(Outcome) - {Outcome.ACCEPTED}:
        assert Placement(outcome=outcome).order is None
        with pytest.raises(ValueError, match="exactly an accepted placement"):
            Placement(outcome=outcome, order=make_order())
