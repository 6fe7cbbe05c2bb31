"""Finds seated models that the vendor shuts down soon; read in the vendors' catalogs once an hour.

seats -> GET /models -> shutdown date within 30 days -> one alert a week to the operator
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from blocks.council import view_seats
from tasks.runtime.container import get_services
from trading.council.seats import Listing
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import message

FIRST_MINUTES = 5
"""The watchdog runs every five minutes: only the first run of an hour reads the catalogs."""


@task(name="find_closing_models", cache_policy=NO_CACHE)
async def find_closing_models() -> tuple[Alert, ...]:
    """Alerts about seats with a shutdown date; empty outside the first run of an hour."""
    services = await get_services()
    now = services.clock()
    if now.minute >= FIRST_MINUTES:
        return ()
    seats = [seat for seat in view_seats(services.models) if seat.catalog is not None]
    found = await asyncio.gather(*(seat.catalog.look_up() for seat in seats if seat.catalog))
    listings = [(seat.identity.name, one) for seat, one in zip(seats, found, strict=True)]
    return build_closing_alerts(listings, now=now)


def build_closing_alerts(
    listings: Sequence[tuple[str, Listing]], *, now: datetime
) -> tuple[Alert, ...]:
    """One alert a week for each seat, counted back from the shutdown date."""
    return tuple(
        Alert(
            user_id=None,
            kind=AlertKind.MODELS_DOWN,
            severity=Severity.WARNING,
            text=message("alert-model-closing", model=name, day=f"{listing.shutdown_on}"),
            dedupe_key=f"model-closing:{name}:{listing.shutdown_on}:{_count_weeks(listing, now)}",
            created_at=now,
        )
        for name, listing in listings
        if listing.is_closing(now.date())
    )


def _count_weeks(listing: Listing, now: datetime) -> int:
    assert listing.shutdown_on is not None
    return (listing.shutdown_on - now.date()).days // 7
