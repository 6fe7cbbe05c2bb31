"""Separates our part of a pair's account from the owner's own trades in the same contract.

fills, our order names, position -> select_own -> fills that change our position
our books, open entries, the venue's position -> find_protectable -> the quantity to protect
our books, the venue's position -> find_foreign -> the position to adopt by the owner's word

A trade without an order of ours never opens, increases or turns our position; such a trade can
only reduce it, as an owner's close by hand does. The rest is foreign and stays untouched.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from trading.domain.orders import Fill, OrderIntent
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, round_money


def select_own(
    position: Position | None,
    fills: Sequence[Fill],
    *,
    own: Collection[ClientOrderId],
    entries: Iterable[OrderIntent],
) -> tuple[Fill, ...]:
    """
    The fills that belong to our position, by time; foreign fills are cut to what they reduce.

    Args:
        own: names of our orders. A forced close by the venue counts as ours, too.
        entries: our open entries. A venue hides a new order for a while, and its fills then have
            no name: such a fill counts as the entry's, up to the quantity of the entries.
    """
    signed = ZERO if position is None else position.signed_quantity
    room = sum((entry.quantity * entry.side.sign for entry in entries), ZERO)
    room -= sum((f.quantity * f.side.sign for f in fills if f.client_order_id in own), ZERO)
    kept = []
    for fill in sorted(fills, key=lambda fill: fill.filled_at):
        change = fill.quantity * fill.side.sign
        if fill.client_order_id not in own and not fill.is_liquidation:
            is_hidden = fill.client_order_id is None and room * change > 0
            quantity = min(fill.quantity, abs(room if is_hidden else signed))
            if not quantity or not (is_hidden or signed * change < 0):
                continue
            change = quantity * fill.side.sign
            room -= change if is_hidden else ZERO
            kept.append(_cut(fill, quantity=quantity))
        else:
            kept.append(fill)
        signed += change
    return tuple(kept)


def _cut(fill: Fill, *, quantity: Decimal) -> Fill:
    """The fill with a part of its quantity and the same part of its fee."""
    if quantity == fill.quantity:
        return fill
    return replace(fill, quantity=quantity, fee=round_money(fill.fee * quantity / fill.quantity))


def find_protectable(
    position: Position | None, *, entries: Iterable[OrderIntent], venue: Position | None
) -> Position | None:
    """
    The part of the venue's position that can be ours: the smaller of the two, on the same side.

    Args:
        position: by our books.
        entries: our entries whose fills may not be booked yet.
        venue: the venue's position, None when flat.
    """
    if venue is None:
        return None
    possible = sum(
        (entry.quantity * entry.side.sign for entry in entries),
        start=ZERO if position is None else position.signed_quantity,
    )
    quantity: Decimal = min(venue.quantity, possible * venue.side.sign)
    if quantity <= 0:
        return None
    base = position if position is not None and position.side is venue.side else venue
    return replace(base, quantity=quantity)


def find_foreign(position: Position | None, *, venue: Position | None) -> Position | None:
    """The venue's position where a part is not ours; None where our books explain the whole."""
    if venue is None:
        return None
    ours = ZERO if position is None else position.signed_quantity * venue.side.sign
    return venue if ZERO <= ours < venue.quantity else None


def adopt(position: Position | None, *, venue: Position, now: datetime) -> Position:
    """
    Our position after taking over the whole position at the venue.

    The entry price is the venue's, so profit and loss are those that the owner sees there. Fees
    and funding paid before `now` stay the owner's.
    """
    if position is None:
        return replace(venue, opened_at=now, stop_price=None, target_price=None)
    return replace(
        position, quantity=venue.quantity, average_entry_price=venue.average_entry_price
    )
