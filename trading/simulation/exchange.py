"""The paper exchange: placing and canceling orders, and changes of leverage.

    PaperBook + OrderIntent + PaperMarket -> place -> PaperStep and the Placement

Decisions: an order against the rules is refused with a reason (`Refusal` and numbers), as at the
venues, never corrected. Every order type here takes liquidity, so every fill pays the taker fee. A
market order is immediate-or-cancel: quantity beyond the book is canceled. A client order id stays
taken for ever, as on Bybit; the store knows the ids of finished orders. An order with a close at
or past the liquidation price is not filled there: from the liquidation price on the venue owns
the position. Known wart: the order book does not get thinner by our fills.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading.domain.errors import PermanentError
from trading.domain.instruments import Instrument
from trading.domain.messages import message, plain
from trading.domain.orders import (
    Fill,
    Order,
    OrderIntent,
    OrderStatus,
    OrderType,
    Outcome,
    Placement,
)
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, round_money, sum_money
from trading.simulation.account import PaperBook, PaperPair, PaperStep
from trading.simulation.fills import Match, walk_book
from trading.simulation.margin import (
    compute_liquidation_price,
    is_exit,
    is_leverage_possible,
    is_reached,
)
from trading.simulation.settlement import book_fill, end_orders
from trading.simulation.validation import PaperMarket, Refusal, find_refusal


def place(
    book: PaperBook, intent: OrderIntent, *, market: PaperMarket, at: datetime
) -> tuple[PaperStep, Placement]:
    """
    Accept or refuse an order; a refused order changes nothing.

    The book must have been advanced to `at`. The fills are in the step.

    Raises:
        ValueError: for an intent of another user or another venue.
    """
    if intent.user_id != book.user_id or intent.venue is not VenueName.PAPER:
        raise ValueError("the intent is not for this account")
    entry = book.open_pair(intent.pair, at=at)
    unchanged = PaperStep(book=book)
    if any(order.client_order_id == intent.client_order_id for order in entry.orders):
        return unchanged, Placement(outcome=Outcome.DUPLICATE, reason=message("order-name-taken"))
    refusal = find_refusal(entry, intent, market=market)
    if refusal is not None:
        return unchanged, _rejected(refusal)
    order = Order.from_intent(
        intent, status=OrderStatus.ACCEPTED, venue_order_id=book.next_id, at=at
    )
    if order.order_type is OrderType.MARKET:
        return _execute(book, entry, order=order, market=market)
    resting = replace(entry, orders=(*entry.orders, order), touched_at=at)
    placed = replace(book.put_pair(resting), sequence=book.sequence + 1)
    return PaperStep(book=placed, orders=(order,)), _accepted(order)


def cancel(
    book: PaperBook, pair: Pair, *, client_order_id: ClientOrderId, at: datetime
) -> tuple[PaperStep, Placement]:
    """Cancel a resting order by client order id; REJECTED without such an order."""
    entry = book.find_pair(pair)
    resting = entry.orders if entry else ()
    found = tuple(order for order in resting if order.client_order_id == client_order_id)
    if entry is None or not found:
        return PaperStep(book=book), Placement(
            outcome=Outcome.REJECTED, reason=message("order-name-unknown")
        )
    canceled = end_orders(found, status=OrderStatus.CANCELED, at=at)
    left = tuple(order for order in entry.orders if order not in found)
    step = PaperStep(book=book.put_pair(replace(entry, orders=left)), orders=canceled)
    return step, _accepted(canceled[0])


def set_leverage(
    book: PaperBook, leverage: Decimal, *, instrument: Instrument, at: datetime
) -> PaperBook:
    """
    Set the leverage of the instrument's pair; the same book when nothing changes.

    Raises:
        PermanentError: for a leverage outside the venue's bounds, or with an open position: the
            margin is locked at the leverage of the opening.
    """
    entry = book.open_pair(instrument.pair, at=at)
    if entry.leverage == leverage:
        return book
    if not is_leverage_possible(leverage, instrument):
        raise PermanentError(
            message(
                "leverage-not-possible",
                leverage=leverage,
                pair=str(instrument.pair),
                most=instrument.max_leverage,
            )
        )
    if entry.position is not None:
        raise PermanentError(message("leverage-locked", pair=str(instrument.pair)))
    return book.put_pair(replace(entry, leverage=leverage))


def _execute(
    book: PaperBook, entry: PaperPair, *, order: Order, market: PaperMarket
) -> tuple[PaperStep, Placement]:
    """Fill from the order book, then check whether the account can carry the result."""
    matches = _match(entry, order, market)
    unchanged = PaperStep(book=book)
    if not matches:
        return unchanged, _rejected(f"{Refusal.UNABLE_TO_FILL} side={order.side}")
    filled = sum_money(match.quantity for match in matches)
    cost = sum_money(match.price * match.quantity for match in matches)
    done = replace(
        order,
        status=OrderStatus.FILLED if filled == order.quantity else OrderStatus.CANCELED,
        filled_quantity=filled,
        average_fill_price=cost / filled,
    )
    step = PaperStep(
        book=replace(book.put_pair(entry), sequence=book.sequence + 1), orders=(done,)
    )
    for number, match in enumerate(matches):
        fill = build_fill(done, match, number=number, instrument=market.instrument)
        step = step.then(book_fill(step.book, fill))
    if not order.reduce_only and not _can_carry(step.book, order.pair, market):
        return unchanged, _rejected(
            f"{Refusal.INSUFFICIENT_MARGIN} available={book.available} notional={cost} "
            f"leverage={entry.leverage}"
        )
    return step, _accepted(done)


def _match(entry: PaperPair, order: Order, market: PaperMarket) -> tuple[Match, ...]:
    position, quantity = entry.position, order.quantity
    if position is not None and order.reduce_only:
        quantity = min(quantity, position.quantity)
    matches = walk_book(
        market.order_book,
        side=order.side,
        quantity=quantity,
        volume=market.volume,
        instrument=market.instrument,
    )
    if position is None or not is_exit(order.side, position):
        return matches
    end = compute_liquidation_price(position, margin=entry.margin, instrument=market.instrument)
    return tuple(m for m in matches if not is_reached(m.price, end, side=position.side))


def _can_carry(book: PaperBook, pair: Pair, market: PaperMarket) -> bool:
    if book.available < ZERO:
        return False
    found = book.find_open(pair)
    if found is None:
        return True
    end = compute_liquidation_price(
        found.position, margin=found.entry.margin, instrument=market.instrument
    )
    return not is_reached(market.mark_price, end, side=found.position.side)


def build_fill(order: Order, match: Match, *, number: int, instrument: Instrument) -> Fill:
    """The `number`th execution of an order at the order's time of update, with the taker fee."""
    return Fill(
        venue=VenueName.PAPER,
        pair=order.pair,
        trade_id=f"{order.venue_order_id}-{number}",
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id,
        side=order.side,
        fill_price=match.price,
        quantity=match.quantity,
        fee=round_money(match.price * match.quantity * instrument.taker_fee_rate),
        filled_at=order.updated_at,
    )


def _accepted(order: Order) -> Placement:
    return Placement(outcome=Outcome.ACCEPTED, order=order)


def _rejected(reason: str) -> Placement:
    return Placement(outcome=Outcome.REJECTED, reason=plain(reason))
