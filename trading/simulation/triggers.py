"""Triggers of the paper venue: stops, targets and liquidations hit by a range of prices.

    PaperStep + PriceStretch -> hit_at | hit_worse | hit_better -> PaperStep

A triggered order fills at the trigger price, or at the nearest price of the range for a trigger
outside the range, plus slippage, possibly beyond the range against the user. An order slipping to
the liquidation price or past it comes too late: the position is liquidated.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from trading.domain.instruments import Instrument
from trading.domain.orders import Order, OrderStatus, OrderType
from trading.domain.positions import Position
from trading.domain.units import VenueName, round_money
from trading.simulation.account import OpenPair, PaperStep
from trading.simulation.exchange import build_fill
from trading.simulation.fills import Match, apply_slippage, compute_slippage_bps
from trading.simulation.margin import (
    better_price,
    compute_bankruptcy_price,
    compute_liquidation_price,
    is_reached,
    worse_price,
)
from trading.simulation.settlement import book_fill
from trading.simulation.validation import is_triggered


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStretch:
    """
    A stretch of trading in the instrument's pair.

    Attributes:
        low, high: bounds of the range, quote per base; equal for a single moment.
        at: end of the stretch, the time of all bookings.
        volume: of the 5m candle around the stretch, base units.
    """

    instrument: Instrument
    low: Decimal
    high: Decimal
    at: datetime
    volume: Decimal


def hit_at(step: PaperStep, moment: PriceStretch) -> PaperStep:
    """Orders hit by a single price: liquidation before stops before targets."""
    found = step.book.find_open(moment.instrument.pair)
    if found is None:
        return step
    if is_reached(moment.low, _end_price(found, moment), side=found.position.side):
        return _liquidate(step, found, price=moment.low, stretch=moment)
    order = _find_stop(found, price=moment.low) or _find_target(found, price=moment.low)
    if order is None:
        return step
    return hit_at(_execute(step, found, order=order, stretch=moment), moment)


def hit_worse(step: PaperStep, stretch: PriceStretch) -> PaperStep:
    """Orders hit on the way to the worse extreme: stops and liquidation."""
    found = step.book.find_open(stretch.instrument.pair)
    if found is None:
        return step
    side = found.position.side
    worst = worse_price(stretch.low, stretch.high, side=side)
    end = _end_price(found, stretch)
    order = _find_stop(found, price=worst)
    if order is not None and not is_reached(_trigger_price(order), end, side=side):
        return hit_worse(_execute(step, found, order=order, stretch=stretch), stretch)
    if end is not None and is_reached(worst, end, side=side):
        return _liquidate(step, found, price=_clamp(end, stretch), stretch=stretch)
    return step


def hit_better(
    step: PaperStep, stretch: PriceStretch, *, reached: tuple[Decimal, Decimal]
) -> PaperStep:
    """Targets hit by the better of the two `reached` prices, nearest first."""
    found = step.book.find_open(stretch.instrument.pair)
    if found is None:
        return step
    order = _find_target(found, price=better_price(*reached, side=found.position.side))
    if order is None:
        return step
    executed = _execute(step, found, order=order, stretch=stretch)
    return hit_better(executed, stretch, reached=reached)


def _find_stop(found: OpenPair, *, price: Decimal) -> Order | None:
    """The first stop hit by `price`: the stop nearest to the earlier price."""
    triggered = _list_triggered(found, OrderType.STOP_MARKET, price)
    return max(triggered, key=lambda o: _trigger_price(o) * found.position.side.sign, default=None)


def _find_target(found: OpenPair, *, price: Decimal) -> Order | None:
    """The first target hit by `price`."""
    triggered = _list_triggered(found, OrderType.TAKE_PROFIT_MARKET, price)
    return min(triggered, key=lambda o: _trigger_price(o) * found.position.side.sign, default=None)


def _list_triggered(found: OpenPair, order_type: OrderType, price: Decimal) -> list[Order]:
    orders = found.entry.orders
    return [o for o in orders if o.order_type is order_type and is_triggered(o, price=price)]


def _execute(
    step: PaperStep, found: OpenPair, *, order: Order, stretch: PriceStretch
) -> PaperStep:
    """Fill a triggered order, as far as there is something to reduce."""
    entry, position = found
    quantity = min(order.quantity, position.quantity)
    price = apply_slippage(
        _clamp(_trigger_price(order), stretch),
        side=order.side,
        slippage_bps=compute_slippage_bps(quantity, volume=stretch.volume),
        tick_size=stretch.instrument.tick_size,
    )
    if is_reached(price, _end_price(found, stretch), side=position.side):
        return _liquidate(step, found, price=price, stretch=stretch)
    done = replace(
        order,
        status=OrderStatus.FILLED if quantity == order.quantity else OrderStatus.CANCELED,
        filled_quantity=quantity,
        average_fill_price=price,
        updated_at=stretch.at,
    )
    left = replace(entry, orders=tuple(other for other in entry.orders if other != order))
    taken = PaperStep(book=step.book.put_pair(left), orders=(done,))
    fill = build_fill(done, Match(price, quantity), number=0, instrument=stretch.instrument)
    return step.then(taken).then(book_fill(taken.book, fill))


def _liquidate(
    step: PaperStep, found: OpenPair, *, price: Decimal, stretch: PriceStretch
) -> PaperStep:
    """The venue takes the position over at `price`; the loss is exactly the margin."""
    entry, position = found
    bankruptcy = compute_bankruptcy_price(
        position, margin=entry.margin, instrument=stretch.instrument
    )
    fill_price = better_price(price, bankruptcy, side=position.side)
    order = _build_takeover(step, position, price=fill_price, stretch=stretch)
    fill = build_fill(
        order, Match(fill_price, position.quantity), number=0, instrument=stretch.instrument
    )
    gain = (fill_price - position.average_entry_price) * position.side.sign
    fee = entry.margin + round_money(gain * position.quantity)
    book = replace(step.book, sequence=step.book.sequence + 1)
    taken_over = book_fill(book, replace(fill, fee=fee, is_liquidation=True))
    return step.then(PaperStep(book=book, orders=(order,))).then(taken_over)


def _build_takeover(
    step: PaperStep, position: Position, *, price: Decimal, stretch: PriceStretch
) -> Order:
    """The venue's liquidation order, without a client order id."""
    return Order(
        venue=VenueName.PAPER,
        pair=position.pair,
        client_order_id=None,
        venue_order_id=step.book.next_id,
        side=position.side.exit_side,
        order_type=OrderType.MARKET,
        status=OrderStatus.FILLED,
        quantity=position.quantity,
        filled_quantity=position.quantity,
        reduce_only=True,
        created_at=stretch.at,
        updated_at=stretch.at,
        average_fill_price=price,
    )


def _end_price(found: OpenPair, stretch: PriceStretch) -> Decimal | None:
    return compute_liquidation_price(
        found.position, margin=found.entry.margin, instrument=stretch.instrument
    )


def _trigger_price(order: Order) -> Decimal:
    assert order.trigger_price is not None, "only conditional orders rest"
    return order.trigger_price


def _clamp(price: Decimal, stretch: PriceStretch) -> Decimal:
    return min(max(price, stretch.low), stretch.high)
