"""Alerts about a position that Quorum did not open, and about its adoption."""

from datetime import datetime
from decimal import Decimal

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import Message, message
from trading.domain.positions import Position
from trading.domain.units import Pair, UserId


def build_foreign_position(
    user_id: UserId, venue: Position, *, ours: Decimal, now: datetime
) -> Alert:
    """The venue holds a position that Quorum did not open; `ours` is our part, base units."""
    pair = str(venue.pair)
    return Alert(
        user_id=user_id,
        kind=AlertKind.BOOKS_DIFFER,
        severity=Severity.CRITICAL,
        text=message(
            "alert-position-foreign",
            pair=pair,
            venue=venue.venue.title(),
            held=describe_held(venue),
            price=venue.average_entry_price,
            part=message("foreign-part", quantity=ours, base=venue.pair.base)
            if ours
            else message("foreign-whole"),
        ),
        dedupe_key=f"foreign:{pair}:{venue.signed_quantity}:{ours}",
        created_at=now,
    )


def build_adopted(user_id: UserId, position: Position, *, now: datetime) -> Alert:
    """A foreign position became ours by its owner's word."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.TRADE_OPENED,
        severity=Severity.INFO,
        text=message(
            "alert-adopted",
            pair=str(position.pair),
            venue=position.venue.title(),
            held=describe_held(position),
            price=position.average_entry_price,
        ),
        dedupe_key=f"adopted:{position.pair}:{now.isoformat()}",
        created_at=now,
    )


def build_not_adopted(user_id: UserId, pair: Pair, *, reason: Message, now: datetime) -> Alert:
    """A foreign position stayed foreign."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.BOOKS_DIFFER,
        severity=Severity.CRITICAL,
        text=message("alert-not-adopted", pair=str(pair), why=reason),
        dedupe_key=f"not-adopted:{pair}:{now.isoformat()}",
        created_at=now,
    )


def describe_held(position: Position) -> Message:
    """Side and quantity of a position."""
    return message(f"held-{position.side}", quantity=position.quantity, base=position.pair.base)
