"""The paper account itself: money in and out, and books that can't be built."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.doubles.paper import ANN, BTC, NOON, build_intent, build_stop, open_account, place_all
from trading.domain.errors import BadInput
from trading.domain.units import ZERO
from trading.simulation.account import PaperBook, PaperPair
from trading.simulation.settlement import deposit, withdraw


def test_a_deposit_is_free_money_and_leaves_a_row() -> None:
    step = deposit(PaperBook(user_id=ANN), Decimal("1000.5"), at=NOON)
    assert step.book.balance == step.book.available == Decimal("1000.5")
    (transfer,) = step.transfers
    assert (transfer.amount, transfer.transferred_at) == (Decimal("1000.5"), NOON)
    assert transfer.transfer_id == "paper-1-1"


def test_a_withdrawal_takes_free_money_only() -> None:
    book = place_all(open_account("2000"), build_intent()).book
    with pytest.raises(BadInput, match=r"2000 USDT can't be withdrawn: only 999\.19985"):
        withdraw(book, Decimal(2000), at=NOON)
    step = withdraw(book, book.available, at=NOON)
    assert step.book.available == ZERO
    assert step.transfers[0].amount == -book.available


@pytest.mark.parametrize("amount", ["0", "-1", "0.000000001"])
def test_what_is_no_amount_moves_nothing(amount: str) -> None:
    for move in (deposit, withdraw):
        with pytest.raises(BadInput):
            move(open_account(), Decimal(amount), at=NOON)


def test_a_flat_pair_has_neither_orders_nor_margin() -> None:
    entry = place_all(open_account(), build_intent(), build_stop("990")).book.pairs[0]
    with pytest.raises(ValueError, match="flat and yet"):
        replace(entry, position=None, margin=ZERO)
    with pytest.raises(ValueError, match="flat and yet"):
        replace(entry, position=None, orders=())


def test_a_pair_stands_in_the_book_once() -> None:
    entry = PaperPair(
        pair=BTC,
        touched_at=NOON,
        advanced_to=NOON,
        funded_to=NOON,
    )
    with pytest.raises(ValueError, match="twice"):
        PaperBook(user_id=ANN, pairs=(entry, entry))
