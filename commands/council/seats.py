"""The seats of the council: what the vendors say of each model, and how each has voted.

seats, catalog (a port), votes -> list_seats -> SeatLine ...
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from db.session import Database
from trading.council.seats import Listing, SeatView
from trading.domain.units import ZERO

LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLine:
    """
    One row of the table.

    Attributes:
        exists, shutdown_on, note: as of `trading.council.seats.Listing`.
        is_closing: the model is shut down within 30 days.
        votes_share: votes over questions of 7 days, 0..1; None without a question.
        spent_today_usd: since midnight UTC, shares of all users.
    """

    seat: str
    maker: str
    is_offline: bool
    price: str
    exists: bool | None
    shutdown_on: date | None
    is_closing: bool
    note: str
    last_vote_at: datetime | None
    votes_share: Decimal | None
    spent_today_usd: Decimal


async def list_seats(
    seats: Sequence[SeatView], *, database: Database, now: datetime
) -> tuple[SeatLine, ...]:
    """The seats in their order; the vendors' catalogs are read at the same time."""
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    async with database.operator() as operator:
        week = {one.model: one for one in await operator.health.list_models(now - LOOK_BACK)}
        spent = await operator.spend.load_spent_by_model(midnight.date())
    listings = await asyncio.gather(*map(_look_up, seats))
    lines = []
    for seat, listing in zip(seats, listings, strict=True):
        name = seat.identity.name
        health = week.get(name)
        lines.append(
            SeatLine(
                seat=name,
                maker=seat.identity.vendor,
                is_offline=seat.identity.is_offline,
                price=seat.price,
                exists=listing.exists,
                shutdown_on=listing.shutdown_on,
                is_closing=listing.is_closing(now.date()),
                note=listing.note,
                last_vote_at=health.last_vote_at if health else None,
                votes_share=(
                    Decimal(health.votes - health.failures) / health.votes if health else None
                ),
                spent_today_usd=spent.get(name, ZERO),
            )
        )
    return tuple(lines)


async def _look_up(seat: SeatView) -> Listing:
    return Listing(exists=True) if seat.catalog is None else await seat.catalog.look_up()
