"""Foreign trades never open, increase or turn our position; the smaller side is protected."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from trading.domain.orders import Fill, Leg, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, PositionSide, Side, UserId, VenueName
from trading.portfolio.ownership import adopt, find_foreign, find_protectable, select_own

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
BTC = Pair("BTC", "USDT")
OURS = ClientOrderId("q" + "0" * 30)


def hold(signed: str) -> Position | None:
    quantity = Decimal(signed)
    if not quantity:
        return None
    return Position(
        venue=VenueName.BINANCE,
        pair=BTC,
        side=PositionSide.LONG if quantity > 0 else PositionSide.SHORT,
        quantity=abs(quantity),
        average_entry_price=Decimal(100),
        opened_at=NOON,
    )


def trade(signed: str, *, name: str | None = None, forced: bool = False, second: int = 0) -> Fill:
    quantity = Decimal(signed)
    return Fill(
        venue=VenueName.BINANCE,
        pair=BTC,
        trade_id=f"{signed}-{second}",
        client_order_id=None if name is None else ClientOrderId(name),
        venue_order_id="1",
        side=Side.BUY if quantity > 0 else Side.SELL,
        fill_price=Decimal(100),
        quantity=abs(quantity),
        fee=abs(quantity),
        filled_at=NOON + timedelta(seconds=second),
        is_liquidation=forced,
    )


@pytest.mark.parametrize(
    ("held", "fill", "kept"),
    [
        ("0", trade("1"), []),  # opened by hand
        ("1", trade("2", name="web_1"), []),  # increased by hand
        ("1", trade("-1"), ["1"]),  # closed by hand
        ("1", trade("-5"), ["1"]),  # turned by hand: only the closing part is ours
        ("-2", trade("3", name="other"), ["2"]),
        ("0", trade("1", name=OURS), ["1"]),
        ("1", trade("-1", forced=True), ["1"]),
    ],
)
def test_a_foreign_trade_can_only_reduce(held: str, fill: Fill, kept: list[str]) -> None:
    own = select_own(hold(held), [fill], own={OURS}, entries=())
    assert [str(one.quantity) for one in own] == kept
    assert all(one.fee == one.quantity for one in own)


def test_trades_are_taken_in_their_order() -> None:
    fills = [trade("-1", second=2), trade("1", name=OURS, second=1), trade("-1", second=3)]
    own = select_own(None, fills, own={OURS}, entries=())
    assert [fill.filled_at.second for fill in own] == [1, 2]


@pytest.mark.parametrize(("traded", "kept"), [("1", "1"), ("3", "2"), ("-1", None)])
def test_a_fill_whose_order_is_hidden_counts_as_the_open_entry_s(
    traded: str, kept: str | None
) -> None:
    own = select_own(None, [trade(traded)], own=set(), entries=[intend("2")])
    assert [str(fill.quantity) for fill in own] == ([] if kept is None else [kept])
    other = select_own(None, [trade(traded, name="web_1")], own=set(), entries=[intend("2")])
    assert other == ()


@pytest.mark.parametrize(
    ("books", "entered", "venue", "protected"),
    [
        ("0", "0", "1", "0"),  # opened by hand
        ("1", "0", "5", "1"),  # increased by hand
        ("1", "0", "-2", "0"),  # turned by hand
        ("1", "0", "0", "0"),  # flat at the venue
        ("0", "2", "1", "1"),  # our entry, in part, its fills unreadable
        ("0", "2", "7", "2"),
        ("-1", "0", "-0.5", "-0.5"),
        ("1", "1", "2", "2"),
    ],
)
def test_the_smaller_part_on_the_same_side_is_protected(
    books: str, entered: str, venue: str, protected: str
) -> None:
    entries = [intend(entered)] if Decimal(entered) else []
    found = find_protectable(hold(books), entries=entries, venue=hold(venue))
    assert (found.signed_quantity if found else 0) == Decimal(protected)


def intend(quantity: str) -> OrderIntent:
    return OrderIntent(
        user_id=UserId(1),
        venue=VenueName.BINANCE,
        pair=BTC,
        cycle_time=NOON,
        leg=Leg.ENTRY,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(quantity),
        reduce_only=False,
        expected_price=Decimal(100),
    )


@pytest.mark.parametrize(
    ("ours", "venue", "is_foreign"),
    [
        ("0", "0", False),
        ("1", "0", False),
        ("1", "1", False),
        ("2", "1", False),  # closed in part by hand, not booked yet
        ("0", "1", True),
        ("0", "-1", True),
        ("1", "3", True),
        ("-1", "-3", True),
        ("1", "-1", False),  # turned by hand: first the close of ours is booked
    ],
)
def test_a_position_beyond_ours_can_be_adopted(ours: str, venue: str, *, is_foreign: bool) -> None:
    found = find_foreign(hold(ours), venue=hold(venue))
    assert (found is not None) == is_foreign


def test_an_adopted_position_begins_now_at_the_venue_s_price() -> None:
    venue = hold("-2")
    assert venue is not None
    later = NOON + timedelta(hours=1)

    adopted = adopt(None, venue=venue, now=later)

    assert (adopted.side, adopted.quantity) == (PositionSide.SHORT, Decimal(2))
    assert adopted.opened_at == later
    assert adopted.average_entry_price == Decimal(100)


def test_an_adopted_part_keeps_the_history_of_ours() -> None:
    ours, venue = hold("1"), hold("3")
    assert ours is not None
    assert venue is not None
    ours = replace(ours, fees=Decimal(7), realized_pnl=Decimal(5))
    venue = replace(venue, average_entry_price=Decimal(90), opened_at=NOON + timedelta(hours=1))

    adopted = adopt(ours, venue=venue, now=NOON + timedelta(hours=2))

    assert adopted == replace(ours, quantity=Decimal(3), average_entry_price=Decimal(90))
