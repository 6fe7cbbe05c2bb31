"""A look at a market: prices that fit together, books that are sorted, books that are made up."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.trading.builders import NOW, PRICE, make_book, make_instrument, make_ticker
from tests.trading.numbers import STEPS, decimals
from trading.market.snapshot import BookLevel, FundingRate, OrderBook, synthesize_book


@pytest.mark.parametrize("name", ["last_price", "mark_price", "best_bid", "best_ask"])
def test_every_price_of_a_quote_is_above_zero(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be above 0"):
        make_ticker(**{name: Decimal(0)})


def test_the_bid_is_never_above_the_ask() -> None:
    assert make_ticker(best_bid=PRICE, best_ask=PRICE).spread_ratio == 0
    with pytest.raises(ValueError, match="best_bid 50001 is above best_ask 50000"):
        make_ticker(best_bid=PRICE + 1)
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        make_ticker(as_of=NOW.replace(tzinfo=None))


def test_the_spread_is_measured_at_the_middle() -> None:
    ticker = make_ticker(best_bid=Decimal(99), best_ask=Decimal(101))
    assert ticker.mid_price == 100
    assert ticker.spread_ratio == Decimal("0.02")


@pytest.mark.parametrize(("price", "quantity"), [("0", "1"), ("1", "0"), ("-1", "1")])
def test_what_rests_in_a_book_has_a_price_and_a_quantity(price: str, quantity: str) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        BookLevel(Decimal(price), Decimal(quantity))


def levels(*prices: int) -> tuple[BookLevel, ...]:
    return tuple(BookLevel(Decimal(price), Decimal(1)) for price in prices)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bids": levels(98, 99), "asks": ()}, "levels are not sorted best first"),
        ({"bids": (), "asks": levels(102, 101)}, "levels are not sorted best first"),
        ({"bids": levels(101), "asks": levels(101)}, "is crossed: bid 101 >= ask 101"),
        ({"bids": levels(102), "asks": levels(101)}, "is crossed: bid 102 >= ask 101"),
        ({"as_of": NOW.replace(tzinfo=None)}, "as_of must be aware UTC"),
    ],
)
def test_an_impossible_book_cannot_be_built(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_book(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"bids": (), "asks": ()},
        {"bids": levels(100), "asks": ()},
        {"bids": (), "asks": levels(100)},
        {"bids": levels(100, 100, 99), "asks": levels(101, 101, 102)},
    ],
)
def test_a_book_may_be_empty_or_hold_a_price_twice(changes: dict[str, Any]) -> None:
    assert not make_book(**changes).is_synthetic


def test_a_funding_rate_may_have_either_sign() -> None:
    assert FundingRate(rate=Decimal("-0.0001"), next_at=NOW, as_of=NOW).rate < 0
    with pytest.raises(ValueError, match="rate must be a finite Decimal"):
        FundingRate(rate=Decimal("NaN"), next_at=NOW, as_of=NOW)
    with pytest.raises(ValueError, match="next_at must be aware UTC"):
        FundingRate(rate=Decimal(0), next_at=NOW.replace(tzinfo=None), as_of=NOW)
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        FundingRate(rate=Decimal(0), next_at=NOW, as_of=NOW.replace(tzinfo=None))


def synthesize(price: Decimal, volume: Decimal, tick: Decimal) -> OrderBook:
    instrument = make_instrument(tick_size=tick)
    return synthesize_book(price, volume=volume, instrument=instrument, as_of=NOW)


def test_a_made_up_book_says_so_and_widens_from_the_price() -> None:
    book = synthesize(Decimal(50_000), Decimal(100), Decimal("0.1"))
    assert book.is_synthetic
    assert book.as_of == NOW
    assert [(level.price, level.quantity) for level in book.bids[:3]] == [
        (Decimal("49997.5"), Decimal(1)),
        (Decimal(49_995), Decimal(2)),
        (Decimal(49_990), Decimal(3)),
    ]
    assert [(level.price, level.quantity) for level in book.asks[:3]] == [
        (Decimal("50002.5"), Decimal(1)),
        (Decimal(50_005), Decimal(2)),
        (Decimal(50_010), Decimal(3)),
    ]
    assert len(book.bids) == len(book.asks) == 10
    assert (book.bids[-1].price, book.asks[-1].price) == (Decimal(48_720), Decimal(51_280))


def test_a_made_up_book_without_volume_offers_the_smallest_order() -> None:
    book = synthesize(Decimal(50_000), Decimal(0), Decimal("0.1"))
    assert {level.quantity for level in (*book.bids, *book.asks)} == {Decimal("0.0001")}


@given(ticks=decimals("3", "100000", places=0), volume=decimals("0", "9999"), tick=STEPS)
def test_a_made_up_book_is_always_a_book(ticks: Decimal, volume: Decimal, tick: Decimal) -> None:
    """Coarse ticks merge levels; what rests in all of them together stays the same."""
    price = ticks * tick
    book = synthesize(price, volume, tick)
    assert book.bids[0].price < price < book.asks[0].price
    assert all(level.price % tick == 0 for level in (*book.bids, *book.asks))
    rests = [sum(level.quantity for level in side) for side in (book.bids, book.asks)]
    assert rests[0] == rests[1] >= 10 * Decimal("0.0001")
