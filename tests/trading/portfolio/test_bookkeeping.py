"""Booking fills and funding: each lifetime its own row, every payment charged once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.domain.orders import Fill
from trading.domain.positions import Position
from trading.domain.units import Pair, PositionSide, Side, VenueName, sum_money
from trading.portfolio.bookkeeping import book_events
from trading.ports import FundingPayment

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAIR = Pair("BTC", "USDT")


def fill(side: Side, quantity: str, *, minute: int, price: str = "100", fee: str = "0") -> Fill:
    return Fill(
        venue=VenueName.PAPER,
        pair=PAIR,
        trade_id=f"t{minute}{side}{quantity}",
        client_order_id=None,
        venue_order_id="1",
        side=side,
        fill_price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        filled_at=START + timedelta(minutes=minute),
    )


def payment(amount: str, *, minute: int) -> FundingPayment:
    return FundingPayment(
        pair=PAIR,
        payment_id=f"p{minute}",
        amount=Decimal(amount),
        paid_at=START + timedelta(minutes=minute),
    )


def opened(quantity: str = "1") -> Position:
    position = book_events(
        None, last_closed=None, fills=[fill(Side.BUY, quantity, minute=0)], payments=[]
    ).position
    assert position is not None
    return position


def closed() -> Position:
    (closing,) = book_events(
        opened(), last_closed=None, fills=[fill(Side.SELL, "1", minute=5)], payments=[]
    ).closed
    return closing.position


def test_nothing_new_changes_nothing() -> None:
    booked = book_events(opened(), last_closed=None, fills=[], payments=[])
    assert (booked.position, booked.closed, booked.opened) == (opened(), (), False)


def test_a_flat_position_is_no_position() -> None:
    assert book_events(closed(), last_closed=None, fills=[], payments=[]).position is None


def test_the_first_fill_opens() -> None:
    booked = book_events(
        None, last_closed=None, fills=[fill(Side.SELL, "2", minute=0)], payments=[]
    )
    assert booked.opened
    assert booked.position is not None
    assert (booked.position.side, booked.position.quantity) == (PositionSide.SHORT, Decimal(2))


def test_an_increase_opens_nothing_new() -> None:
    booked = book_events(
        opened(), last_closed=None, fills=[fill(Side.BUY, "1", minute=1)], payments=[]
    )
    assert not booked.opened
    assert booked.position is not None
    assert booked.position.quantity == 2


def test_fills_are_booked_in_the_order_of_their_times() -> None:
    late_first = [
        fill(Side.SELL, "1", minute=9, price="110"),
        fill(Side.BUY, "1", minute=3, price="100"),
    ]
    booked = book_events(None, last_closed=None, fills=late_first, payments=[])
    assert booked.position is None
    assert [closing.position.realized_pnl for closing in booked.closed] == [Decimal(10)]
    assert booked.closed[0].fill == late_first[0]


def test_a_fill_that_turns_round_ends_one_lifetime_and_begins_another() -> None:
    booked = book_events(
        opened(), last_closed=None, fills=[fill(Side.SELL, "3", minute=2, fee="0.3")], payments=[]
    )
    assert booked.opened
    assert booked.position is not None
    assert (booked.position.side, booked.position.quantity) == (PositionSide.SHORT, Decimal(2))
    assert booked.closed[0].position.fees + booked.position.fees == Decimal("0.3")


def test_funding_is_charged_to_what_was_held() -> None:
    booked = book_events(
        opened(),
        last_closed=None,
        fills=[fill(Side.SELL, "1", minute=5)],
        payments=[payment("0.7", minute=5)],
    )
    assert booked.closed[0].position.funding == Decimal("0.7")
    assert booked.closed[0].position.closed_at == START + timedelta(minutes=5)


def test_funding_while_open_is_charged_to_the_open_position() -> None:
    booked = book_events(
        opened(), last_closed=None, fills=[], payments=[payment("-0.2", minute=1)]
    )
    assert booked.position == replace(opened(), funding=Decimal("-0.2"))


def test_funding_after_the_close_is_charged_to_what_closed_in_the_same_booking() -> None:
    booked = book_events(
        opened(),
        last_closed=None,
        fills=[fill(Side.SELL, "1", minute=5)],
        payments=[payment("0.7", minute=6)],
    )
    assert booked.closed[0].position.funding == Decimal("0.7")


def test_late_funding_is_charged_to_the_last_closed_position() -> None:
    booked = book_events(None, last_closed=closed(), fills=[], payments=[payment("0.4", minute=1)])
    assert booked.closed[0].position == replace(closed(), funding=Decimal("0.4"))
    assert booked.closed[0].fill is None


def test_funding_without_any_position_is_told_apart() -> None:
    booked = book_events(None, last_closed=None, fills=[], payments=[payment("1", minute=1)])
    assert booked.uncharged == (payment("1", minute=1),)


steps = st.lists(
    st.tuples(
        st.sampled_from(list(Side)),
        st.integers(1, 5),
        st.integers(50, 150),
        st.integers(0, 100),
    ),
    max_size=12,
)


@given(steps)
def test_no_fee_and_no_quantity_is_lost(moves: list[tuple[Side, int, int, int]]) -> None:
    fills = [
        fill(side, str(quantity), minute=number, price=str(price), fee=f"0.{fee:03d}")
        for number, (side, quantity, price, fee) in enumerate(moves)
    ]
    booked = book_events(None, last_closed=None, fills=fills, payments=[])
    positions = [closing.position for closing in booked.closed]
    if booked.position is not None:
        positions.append(booked.position)
    assert sum_money(p.fees for p in positions) == sum_money(f.fee for f in fills)
    held = booked.position.signed_quantity if booked.position else Decimal(0)
    assert held == sum_money(f.quantity * f.side.sign for f in fills)
    cash = -sum_money(f.quantity * f.fill_price * f.side.sign for f in fills)
    worth = cash + held * 100
    unrealized = booked.position.unrealized_pnl(mark_price=Decimal(100)) if booked.position else 0
    realized = sum_money(p.realized_pnl for p in positions)
    assert abs(worth - realized - unrealized) < Decimal("0.0001")
