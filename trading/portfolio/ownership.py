"""Separates our part of a pair's account from the owner's own trades in the same contract.

fills, our order names, position -> select_own -> fills that change our position
our books, open entries, the venue's position -> find_protectable -> the quantity to protect

A trade without an order of ours never opens, increases or turns our position; such a trade can
only reduce it, as an owner's close by hand does. The rest is foreign and stays untouched.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal

from trading.domain.orders import Fill, OrderIntent
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, round_money


def select_own(
    position: Position | None, fills: Iterable[Fill], *, own: Collection[ClientOrderId]
) -> tuple[Fill, ...]:
    """
    The fills that belong to our position, by time; foreign fills are cut to what they reduce.

    Args:
        own: names of our orders. A forced close by the venue counts as ours, too.
    """
    signed = ZERO if position is None else position.signed_quantity
    kept = []
    for fill in sorted(fills, key=lambda fill: fill.filled_at):
        change = fill.quantity * fill.side.sign
        if fill.client_order_id not in own and not fill.is_liquidation:
            reduces = min(fill.quantity, abs(signed)) if signed * change < 0 else ZERO
            if not reduces:
                continue
            change = reduces * fill.side.sign
            kept.append(_cut(fill, quantity=reduces))
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
