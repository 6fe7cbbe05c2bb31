"""Booking in the paper venue: fills, funding payments and transfers applied to the book.

    PaperBook + Fill -> book_fill -> PaperStep

Money is booked in whole `MONEY_STEP`s with `apply_fill`, as in the user's books, so
balance = deposits - withdrawals + realized - fees - funding to the last digit, here and there.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.orders import Fill, Order, OrderStatus
from trading.domain.positions import Position, apply_fill, split_at_flat
from trading.domain.units import ZERO, PositionSide, floor_time, round_money
from trading.ports import FundingPayment
from trading.simulation.account import (
    ADVANCE_INTERVAL,
    PAPER_CURRENCY,
    OpenPair,
    PaperBook,
    PaperFill,
    PaperPair,
    PaperStep,
    PaperTransfer,
)


def deposit(book: PaperBook, amount: Decimal, *, at: datetime) -> PaperStep:
    """Add made-up money, quote units. Raises BadInput unless the amount is above 0."""
    if amount <= 0 or amount != round_money(amount):
        raise BadInput(message("deposit-not-possible", amount=amount, currency=PAPER_CURRENCY))
    ledger = replace(book.ledger, deposits=book.ledger.deposits + amount)
    return _transfer(replace(book, ledger=ledger), amount, at=at)


def withdraw(book: PaperBook, amount: Decimal, *, at: datetime) -> PaperStep:
    """Take out free money, quote units. Raises BadInput above the free balance."""
    if amount <= 0 or amount != round_money(amount):
        raise BadInput(message("withdrawal-not-possible", amount=amount, currency=PAPER_CURRENCY))
    if amount > book.available:
        raise BadInput(
            message(
                "withdrawal-too-large",
                amount=amount,
                currency=PAPER_CURRENCY,
                available=book.available,
            )
        )
    ledger = replace(book.ledger, withdrawals=book.ledger.withdrawals + amount)
    return _transfer(replace(book, ledger=ledger), -amount, at=at)


def book_fill(book: PaperBook, fill: Fill) -> PaperStep:
    """
    Book an execution; resting orders against a closed position expire.

    Margin follows the fill: an increase locks price x quantity / leverage, a reduction frees its
    share of the margin.
    """
    before = book.open_pair(fill.pair, at=fill.filled_at)
    closing, opening = split_at_flat(before.position, fill)
    after, realized = _apply(before, closing)
    if opening is not None:
        after, _ = _apply(after, opening)
    expired: tuple[Order, ...] = ()
    if before.position is not None and _side(after) is not before.position.side:
        expired = end_orders(before.orders, status=OrderStatus.EXPIRED, at=fill.filled_at)
    ledger = replace(
        book.ledger,
        realized_pnl=book.ledger.realized_pnl + realized,
        fees=book.ledger.fees + fill.fee,
    )
    return PaperStep(
        book=replace(book.put_pair(after), ledger=ledger),
        orders=expired,
        fills=(PaperFill(fill=fill, realized_pnl=realized),),
    )


def book_funding(
    book: PaperBook, found: OpenPair, *, due_at: datetime, price: Decimal, rate: Decimal
) -> PaperStep:
    """
    Book the settlement at `due_at`: a long pays price x quantity x rate, a short receives it.

    As on Bybit, an amount above the free balance comes out of the position's margin, at most the
    whole margin. `price` is the mark at the settlement in quote per base; longs pay a positive
    `rate` (ratio).
    """
    entry, position = found
    owed = round_money(position.signed_quantity * price * rate)
    amount = min(owed, book.available + entry.margin)
    from_margin = max(ZERO, amount - book.available)
    after = replace(
        entry,
        position=replace(position, funding=position.funding + amount),
        margin=entry.margin - from_margin,
        funded_to=due_at,
    )
    payment = FundingPayment(
        pair=entry.pair,
        payment_id=f"paper-{book.user_id}-{entry.pair.slug}-{due_at:%Y%m%dT%H}",
        amount=amount,
        paid_at=due_at,
    )
    ledger = replace(book.ledger, funding=book.ledger.funding + amount)
    return PaperStep(book=replace(book.put_pair(after), ledger=ledger), payments=(payment,))


def end_orders(orders: Iterable[Order], *, status: OrderStatus, at: datetime) -> tuple[Order, ...]:
    """The orders in a final state."""
    return tuple(replace(order, status=status, updated_at=at) for order in orders)


def _apply(entry: PaperPair, fill: Fill) -> tuple[PaperPair, Decimal]:
    """The entry after a fill without a reversal, and the realized PnL."""
    position = apply_fill(entry.position, fill)
    if entry.position is None:
        return _opened(entry, replace(position, leverage=entry.leverage), fill), ZERO
    realized = position.realized_pnl - entry.position.realized_pnl
    if fill.side is entry.position.side.entry_side:
        margin = entry.margin + _initial_margin(entry, fill)
    else:
        share = position.quantity / entry.position.quantity
        margin = round_money(entry.margin * share)
    is_flat = position.side is PositionSide.FLAT
    return (
        replace(
            entry,
            position=None if is_flat else position,
            margin=margin,
            orders=() if is_flat else entry.orders,
            touched_at=fill.filled_at,
        ),
        realized,
    )


def _opened(entry: PaperPair, position: Position, fill: Fill) -> PaperPair:
    opened_in = floor_time(fill.filled_at, ADVANCE_INTERVAL.duration)
    return replace(
        entry,
        position=position,
        margin=_initial_margin(entry, fill),
        touched_at=fill.filled_at,
        advanced_to=max(entry.advanced_to, opened_in),
        funded_to=fill.filled_at,
    )


def _initial_margin(entry: PaperPair, fill: Fill) -> Decimal:
    return round_money(fill.fill_price * fill.quantity / entry.leverage)


def _side(entry: PaperPair) -> PositionSide:
    return entry.position.side if entry.position else PositionSide.FLAT


def _transfer(book: PaperBook, amount: Decimal, *, at: datetime) -> PaperStep:
    transfer = PaperTransfer(transfer_id=book.next_id, amount=amount, transferred_at=at)
    return PaperStep(
        book=replace(book, sequence=book.sequence + 1),
        transfers=(transfer,),
    )
