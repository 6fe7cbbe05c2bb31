"""Settlements of a paper position: the contract's interval, and an interval that changes."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doubles.market import build_candles
from tests.doubles.paper import (
    BTC,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    open_account,
    place_all,
)
from trading.domain.units import Side, floor_time
from trading.ports import FundingPayment
from trading.simulation.account import ADVANCE_INTERVAL, PaperBook
from trading.simulation.clock import DEFAULT_FUNDING_RATE, MarketTape, advance

HOUR = timedelta(hours=1)
HOURS = st.sampled_from([1, 2, 4, 8])


def open_long(at: datetime) -> PaperBook:
    return place_all(open_account("100000"), build_intent(Side.BUY), at=at).book


def follow(
    book: PaperBook, *, now: datetime, hours: int, with_candles: bool = True
) -> tuple[PaperBook, tuple[FundingPayment, ...]]:
    """The book at `now`, in a market that stood at 1000 with settlements every `hours`."""
    found = book.find_open(BTC)
    assert found is not None
    begin = found.entry.advanced_to
    count = (now - begin) // ADVANCE_INTERVAL.duration if with_candles else 0
    tape = MarketTape(
        instrument=build_instrument(funding_interval=timedelta(hours=hours)),
        candles=build_candles([1000] * (count + 1), start=begin, volume=MILLION)[:count],
        now=now,
        mark_price=Decimal(1000),
    )
    step = advance(book, tape=tape)
    return step.book, step.payments


@pytest.mark.parametrize(("hours", "count"), [(1, 8), (2, 4), (4, 2), (8, 1)])
@pytest.mark.parametrize("with_candles", [True, False])
def test_a_contract_settles_at_its_own_interval(
    hours: int, count: int, *, with_candles: bool
) -> None:
    at = NOON + timedelta(minutes=2)
    _, payments = follow(open_long(at), now=at + 8 * HOUR, hours=hours, with_candles=with_candles)
    assert len(payments) == count
    assert {payment.paid_at.hour % hours for payment in payments} == {0}
    # Nobody tells the rate: the interest of 1 bp in 8 h, whatever the interval.
    assert sum(payment.amount for payment in payments) == 1000 * DEFAULT_FUNDING_RATE


def test_a_shorter_interval_starts_at_the_next_hour_and_pays_nothing_twice() -> None:
    book, paid = follow(open_long(NOON), now=NOON + 4 * HOUR + timedelta(seconds=3), hours=4)
    assert [payment.paid_at.hour for payment in paid] == [16]
    book, paid = follow(book, now=NOON + 6 * HOUR + timedelta(minutes=20), hours=1)
    assert [payment.paid_at.hour for payment in paid] == [17, 18]


def test_a_settlement_paid_at_the_mark_is_not_paid_again_under_a_new_interval() -> None:
    now = NOON + 4 * HOUR + timedelta(seconds=3)
    book, paid = follow(open_long(NOON), now=now, hours=2, with_candles=False)
    assert [payment.paid_at.hour for payment in paid] == [14, 16]
    _, paid = follow(book, now=now + timedelta(seconds=9), hours=1, with_candles=False)
    assert not paid


def test_a_longer_interval_leaves_out_the_settlements_in_between() -> None:
    book, _ = follow(open_long(NOON), now=NOON + 90 * timedelta(minutes=1), hours=1)
    _, paid = follow(book, now=NOON + 13 * HOUR, hours=8)
    assert [payment.paid_at.hour for payment in paid] == [16, 0]


@given(
    looks=st.lists(st.tuples(st.integers(1, 700), HOURS), min_size=1, max_size=8),
    minute=st.integers(0, 1439),
    with_candles=st.booleans(),
)
def test_whatever_the_interval_becomes_each_settlement_is_due_and_paid_once(
    *, looks: list[tuple[int, int]], minute: int, with_candles: bool
) -> None:
    now = floor_time(NOON, timedelta(days=1)) + timedelta(minutes=minute)
    book, seen_at = open_long(now), now
    paid: list[FundingPayment] = []
    for minutes, hours in looks:
        now = seen_at + timedelta(minutes=minutes)
        book, payments = follow(book, now=now, hours=hours, with_candles=with_candles)
        instants = [payment.paid_at for payment in payments]
        due = timedelta(hours=hours)
        # On the schedule seen now, and none of it left out since the last look.
        assert all(at == floor_time(at, due) for at in instants)
        first = floor_time(seen_at, due) + due
        since_last = [at for at in instants if at > seen_at]
        assert since_last == [first + n * due for n in range(max(0, (now - first) // due + 1))]
        paid += payments
        seen_at = now
    assert len({payment.payment_id for payment in paid}) == len(paid)
    assert len({payment.paid_at for payment in paid}) == len(paid)
