"""Bookkeeping: new fills and funding payments applied to a pair's position.

    Position, Fill ..., FundingPayment ... -> book_events -> Booked (positions closed, one open)

Events are booked by time, separately for each lifetime of a position. A payment reported after the
close of the position is charged to the last closed position: the sum stays right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from trading.domain.orders import Fill
from trading.domain.positions import Position, apply_fill, split_at_flat
from trading.domain.units import PositionSide
from trading.ports import FundingPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """
    A closed position.

    Attributes:
        fill: the closing fill; None for a late payment on a position closed before.
    """

    position: Position
    fill: Fill | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedEvents:
    """
    A pair after some events.

    Attributes:
        position: the open position, None when flat.
        closed: positions closed or charged late, in the order of the events.
        opened: whether `position` was opened by these events.
        uncharged: payments without a position.
    """

    position: Position | None
    closed: tuple[Closing, ...] = ()
    opened: bool = False
    uncharged: tuple[FundingPayment, ...] = ()


def book_events(
    position: Position | None,
    *,
    last_closed: Position | None,
    fills: Sequence[Fill],
    payments: Sequence[FundingPayment],
) -> BookedEvents:
    """
    Book new events.

    Args:
        position: The open position, None (or flat) without an open position.
        last_closed: The pair's newest closed position, for late payments.
        fills: New fills only, in any order.
        payments: New payments only, in any order.

    Raises:
        ValueError: when a fill is of another venue or pair than the position.
    """
    booked = BookedEvents(
        position=position if position is not None and position.quantity else None
    )
    events: list[Fill | FundingPayment] = [*fills, *payments]
    # At equal times the payment comes first: funding is charged on the position before the fill.
    events.sort(key=lambda event: (_happened_at(event), isinstance(event, Fill)))
    for event in events:
        if isinstance(event, Fill):
            booked = _book_fill(booked, event)
        else:
            booked = _book_payment(booked, event, last_closed=last_closed)
    return booked


def _happened_at(event: Fill | FundingPayment) -> object:
    return event.filled_at if isinstance(event, Fill) else event.paid_at


def _book_fill(booked: BookedEvents, fill: Fill) -> BookedEvents:
    first, rest = split_at_flat(booked.position, fill)
    position = apply_fill(booked.position, first)
    if position.side is not PositionSide.FLAT:
        return replace(booked, position=position, opened=booked.opened or booked.position is None)
    ended = replace(
        booked,
        position=None,
        opened=False,
        closed=(*booked.closed, Closing(position=position, fill=first)),
    )
    return ended if rest is None else _book_fill(ended, rest)


def _book_payment(
    booked: BookedEvents, payment: FundingPayment, *, last_closed: Position | None
) -> BookedEvents:
    if booked.position is not None:
        return replace(booked, position=_charge(booked.position, payment))
    if booked.closed:
        *earlier, last = booked.closed
        charged = replace(last, position=_charge(last.position, payment))
        return replace(booked, closed=(*earlier, charged))
    if last_closed is not None:
        late = Closing(position=_charge(last_closed, payment), fill=None)
        return replace(booked, closed=(late,))
    return replace(booked, uncharged=(*booked.uncharged, payment))


def _charge(position: Position, payment: FundingPayment) -> Position:
    return replace(position, funding=position.funding + payment.amount)
