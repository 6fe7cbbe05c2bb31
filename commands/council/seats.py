"""The seats of the council: what the vendors say of each model, and how each has voted.

seats, catalog (a port), votes -> list_seats -> SeatLine ...
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from db.repositories.operations.health import ModelHealth
from db.session import Database
from trading.council.decisions import ModelIdentity
from trading.domain.units import ZERO

LOOK_BACK = timedelta(days=7)
SHUTDOWN_NOTICE = timedelta(days=30)
"""A model that is shut down within this time is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """
    A model in its vendor's catalog.

    Attributes:
        exists: None when the catalog can't be read.
        shutdown_on: None when the vendor names no date.
        note: reason for an unreadable catalog.
    """

    exists: bool | None
    shutdown_on: date | None = None
    note: str = ""


class Catalog(Protocol):
    """What a vendor says of one model."""

    async def look_up(self) -> Listing:
        """The model's entry; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """A configured seat; `price` is text for people."""

    identity: ModelIdentity
    price: str
    catalog: Catalog | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLine:
    """
    One row of the table.

    Attributes:
        votes_share: votes over questions of 7 days, 0..1; None without a question.
        spent_today_usd: since midnight UTC, shares of all users.
    """

    seat: str
    maker: str
    is_offline: bool
    price: str
    exists: bool | None
    shutdown_on: date | None
    note: str
    last_vote_at: datetime | None
    votes_share: Decimal | None
    spent_today_usd: Decimal


async def list_seats(
    seats: Sequence[SeatView], *, database: Database, now: datetime
) -> tuple[SeatLine, ...]:
    """The seats in their order."""
    midnight = datetime.combine(now.date(), time(), tzinfo=UTC)
    async with database.operator() as operator:
        week = {one.model: one for one in await operator.health.list_models(now - LOOK_BACK)}
        today = {one.model: one for one in await operator.health.list_models(midnight)}
    return tuple([await _describe(seat, week=week, today=today) for seat in seats])


async def count_pairs_below(database: Database, quorum: int, *, since: datetime) -> int:
    """Pairs whose newest cycles since then had fewer voices than the quorum."""
    async with database.operator() as operator:
        return await operator.decisions.count_pairs_below(quorum, since=since)


def find_closing_seats(lines: Sequence[SeatLine], *, today: date) -> tuple[SeatLine, ...]:
    """Seats whose model is shut down within `SHUTDOWN_NOTICE`."""
    until = today + SHUTDOWN_NOTICE
    return tuple(one for one in lines if one.shutdown_on and one.shutdown_on <= until)


async def _describe(
    seat: SeatView, *, week: Mapping[str, ModelHealth], today: Mapping[str, ModelHealth]
) -> SeatLine:
    name = seat.identity.name
    listing = Listing(exists=True) if seat.catalog is None else await seat.catalog.look_up()
    health, spent = week.get(name), today.get(name)
    return SeatLine(
        seat=name,
        maker=seat.identity.vendor,
        is_offline=seat.identity.is_offline,
        price=seat.price,
        exists=listing.exists,
        shutdown_on=listing.shutdown_on,
        note=listing.note,
        last_vote_at=health.last_vote_at if health else None,
        votes_share=Decimal(health.votes - health.failures) / health.votes if health else None,
        spent_today_usd=spent.cost_usd if spent else ZERO,
    )
