"""Positions add up fills, and no sequence of fills makes or loses a cent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import ETH, NOW, make_fill, make_position
from tests.trading.numbers import fees, prices, quantities
from trading.domain.orders import Fill
from trading.domain.positions import Position, apply_fill, split_at_flat
from trading.domain.units import MONEY_STEP, PositionSide, Side, VenueName

FLAT = make_position(side=PositionSide.FLAT, quantity=Decimal(0))
SHORT = make_position(side=PositionSide.SHORT)

fills = st.builds(
    make_fill, side=st.sampled_from(Side), fill_price=prices, quantity=quantities, fee=fees
)


def book(sequence: Sequence[Fill]) -> list[Position]:
    """Every position that the fills went through, as the books keep them: one per lifetime."""
    positions: list[Position] = []
    for fill in sequence:
        current = positions[-1] if positions and positions[-1].quantity else None
        closing, opening = split_at_flat(current, fill)
        for part in (closing, opening):
            if part is None:
                continue
            open_one = positions.pop() if positions and positions[-1].quantity else None
            positions.append(apply_fill(open_one, part))
    return positions


@pytest.mark.parametrize("nothing", [None, FLAT])
@pytest.mark.parametrize(
    ("side", "position_side"), [(Side.BUY, PositionSide.LONG), (Side.SELL, PositionSide.SHORT)]
)
def test_the_first_fill_opens(
    nothing: Position | None, side: Side, position_side: PositionSide
) -> None:
    position = apply_fill(nothing, make_fill(side=side))
    assert position == Position(
        venue=VenueName.BINANCE,
        pair=make_fill().pair,
        side=position_side,
        quantity=Decimal("0.1"),
        average_entry_price=Decimal(50_000),
        opened_at=NOW,
        fees=Decimal("2.5"),
    )
    assert position.leverage == 1
    assert (position.stop_price, position.target_price, position.closed_at) == (None, None, None)


def test_an_increase_moves_the_average_and_realizes_nothing() -> None:
    more = make_fill(fill_price=Decimal(53_000), quantity=Decimal("0.2"), fee=Decimal(5))
    position = apply_fill(make_position(fees=Decimal("2.5"), stop_price=Decimal(49_000)), more)
    assert position.quantity == Decimal("0.3")
    assert position.average_entry_price == Decimal(52_000)  # (0.1 x 50,000 + 0.2 x 53,000) / 0.3
    assert position.realized_pnl == 0
    assert position.fees == Decimal("7.5")
    assert position.stop_price == Decimal(49_000)
    assert position.closed_at is None


def test_a_reduction_realizes_and_leaves_the_average() -> None:
    less = make_fill(
        side=Side.SELL, fill_price=Decimal(51_000), quantity=Decimal("0.04"), fee=Decimal(1)
    )
    position = apply_fill(make_position(), less)
    assert position.side is PositionSide.LONG
    assert position.quantity == Decimal("0.06")
    assert position.average_entry_price == Decimal(50_000)
    assert position.realized_pnl == Decimal(40)
    assert position.net_pnl == Decimal(39)
    assert position.closed_at is None


@pytest.mark.parametrize(
    ("position", "side", "pnl"), [(make_position(), Side.SELL, -100), (SHORT, Side.BUY, 100)]
)
def test_a_fill_of_the_same_size_closes(position: Position, side: Side, pnl: int) -> None:
    later = NOW + timedelta(hours=1)
    fill = make_fill(side=side, fill_price=Decimal(49_000), filled_at=later)
    closed = apply_fill(replace(position, realized_pnl=Decimal(1), fees=Decimal(1)), fill)
    assert closed.side is PositionSide.FLAT
    assert closed.quantity == 0
    assert closed.realized_pnl == 1 + pnl
    assert closed.fees == Decimal("3.5")
    assert closed.closed_at == later


def test_what_is_realized_is_booked_in_whole_money_steps() -> None:
    fill = make_fill(
        side=Side.SELL, fill_price=Decimal("50000.123456789"), quantity=Decimal("0.1")
    )
    closed = apply_fill(make_position(), fill)
    assert closed.realized_pnl == Decimal("0.01234568")


def test_a_fill_that_would_turn_the_position_round_has_to_be_cut_first() -> None:
    with pytest.raises(ValueError, match=r"a fill of 0\.3 can't close 0\.1: cut it first$"):
        apply_fill(make_position(), make_fill(side=Side.SELL, quantity=Decimal("0.3")))


@pytest.mark.parametrize("other", [{"pair": ETH}, {"venue": VenueName.BYBIT}])
def test_a_fill_of_another_market_changes_nothing(other: dict[str, object]) -> None:
    with pytest.raises(
        ValueError, match=r"^a fill of \w+/USDT can't change a position in BTC/USDT$"
    ):
        apply_fill(make_position(), make_fill(**other))


def test_a_fill_round_the_corner_is_cut_at_flat() -> None:
    fill = make_fill(side=Side.SELL, quantity=Decimal("0.4"), fee=Decimal("0.00000004"))
    closing, opening = split_at_flat(make_position(), fill)
    assert opening is not None
    assert (closing.trade_id, opening.trade_id) == ("t1:close", "t1:open")
    assert (closing.quantity, opening.quantity) == (Decimal("0.1"), Decimal("0.3"))
    assert (closing.fee, opening.fee) == (Decimal("0.00000001"), Decimal("0.00000003"))
    assert replace(closing, trade_id="t1", quantity=fill.quantity, fee=fill.fee) == fill
    assert replace(opening, trade_id="t1", quantity=fill.quantity, fee=fill.fee) == fill


@pytest.mark.parametrize(
    ("position", "fill"),
    [
        (None, make_fill(quantity=Decimal(9))),
        (FLAT, make_fill(quantity=Decimal(9))),
        (make_position(), make_fill(quantity=Decimal(9))),
        (make_position(), make_fill(side=Side.SELL)),
        (SHORT, make_fill(quantity=Decimal("0.05"))),
    ],
)
def test_every_other_fill_comes_back_whole(position: Position | None, fill: Fill) -> None:
    assert split_at_flat(position, fill) == (fill, None)


@given(held=quantities, fill=fills)
def test_cutting_loses_neither_quantity_nor_fee(held: Decimal, fill: Fill) -> None:
    closing, opening = split_at_flat(make_position(quantity=held), fill)
    if opening is None:
        assert closing == fill
    else:
        assert fill.side is Side.SELL
        assert closing.quantity == held
        assert closing.quantity + opening.quantity == fill.quantity
        assert closing.fee + opening.fee == fill.fee
        assert abs(closing.fee - fill.fee * held / fill.quantity) <= MONEY_STEP


@given(sequence=st.lists(fills, min_size=1, max_size=12), mark_price=prices)
def test_equity_equals_cash_flow_plus_what_is_held(
    sequence: list[Fill], mark_price: Decimal
) -> None:
    """Each booking may round by one money step; nothing else is lost, whatever the order."""
    positions = book(sequence)
    held = sum((fill.quantity * fill.side.sign for fill in sequence), Decimal(0))
    cash = -sum((f.quantity * f.fill_price * f.side.sign for f in sequence), Decimal(0))
    realized = sum((p.realized_pnl for p in positions), Decimal(0))
    carried = sum((p.unrealized_pnl(mark_price=mark_price) for p in positions), Decimal(0))
    assert sum((p.signed_quantity for p in positions), Decimal(0)) == held
    assert abs(realized + carried - (cash + held * mark_price)) <= len(sequence) * MONEY_STEP
    assert sum((p.fees for p in positions), Decimal(0)) == sum(f.fee for f in sequence)


@given(sequence=st.lists(fills, min_size=1, max_size=12))
def test_each_position_has_one_side_for_its_life_and_ends_flat(sequence: list[Fill]) -> None:
    positions = book(sequence)
    for closed in positions[:-1]:
        assert closed.side is PositionSide.FLAT
        assert closed.closed_at is not None


@given(fill=fills)
def test_in_and_out_at_one_price_costs_exactly_the_fees(fill: Fill) -> None:
    opened = apply_fill(None, fill)
    closed = apply_fill(opened, replace(fill, side=fill.side.opposite))
    assert closed.realized_pnl == 0
    assert closed.net_pnl == -2 * fill.fee


def test_unrealized_pnl_and_notional_follow_the_mark() -> None:
    mark = Decimal(48_000)
    assert make_position().unrealized_pnl(mark_price=mark) == Decimal(-200)
    assert SHORT.unrealized_pnl(mark_price=mark) == Decimal(200)
    assert FLAT.unrealized_pnl(mark_price=mark) == 0
    assert make_position().notional(mark_price=mark) == Decimal(4800)
    assert SHORT.notional(mark_price=mark) == Decimal(4800)
    assert (make_position().signed_quantity, SHORT.signed_quantity) == (
        Decimal("0.1"),
        Decimal("-0.1"),
    )


def test_net_pnl_is_after_fees_and_funding() -> None:
    position = make_position(realized_pnl=Decimal(10), fees=Decimal(3), funding=Decimal(-1))
    assert position.net_pnl == Decimal(8)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"side": PositionSide.FLAT}, "flat with quantity 0.1"),
        ({"quantity": Decimal(0)}, "long with quantity 0"),
        ({"quantity": Decimal(-1)}, "quantity must be at least 0"),
        ({"average_entry_price": Decimal(-1)}, "average_entry_price must be at least 0"),
        ({"realized_pnl": Decimal("NaN")}, "realized_pnl must be a finite Decimal"),
        ({"fees": Decimal("NaN")}, "fees must be a finite Decimal"),
        ({"funding": Decimal("NaN")}, "funding must be a finite Decimal"),
        ({"leverage": Decimal(0)}, "leverage must be above 0"),
        ({"opened_at": NOW.replace(tzinfo=None)}, "opened_at must be aware UTC"),
        ({"closed_at": NOW.replace(tzinfo=None)}, "closed_at must be aware UTC"),
    ],
)
def test_an_impossible_position_cannot_be_built(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_position(**changes)
