"""Checks the health of models, venues, breakers, clock, disk and database.

counts of the last hour, the machine -> find_* (pure) -> alerts to the operator with the next step
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from db.repositories.operations.health import ModelHealth
from tasks.alerts.operator import build_trouble
from tasks.runtime.container import Services, get_services, read_clock
from tasks.runtime.settings import WatchSettings, watch_settings
from trading.domain.alerts import Alert, AlertKind, Severity

LOOK_BACK = timedelta(hours=1)
GIGABYTE = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """
    The state of the machine and the database.

    Attributes:
        clock_offset: ours minus the database's.
        disk_free_ratio: of the disk that holds the home, 0..1.
    """

    clock_offset: timedelta
    disk_free_ratio: float
    database_bytes: int


@task(name="find_ill_health", cache_policy=NO_CACHE)
async def find_ill_health() -> tuple[Alert, ...]:
    """The present faults as alerts to the operator; empty without a fault."""
    services = await get_services()
    now, limits = services.clock(), watch_settings()
    async with services.database.operator() as operator:
        models = await operator.health.list_models(now - LOOK_BACK)
        venues = await operator.health.count_venue_failures(now - LOOK_BACK)
        opened = await operator.health.count_opened_breakers(now - LOOK_BACK)
    machine = await measure_machine(services)
    return (
        *find_failing_models(models, limits=limits, now=now),
        *find_failing_venues(venues, limits=limits, now=now),
        *find_breaker_storm(opened, limits=limits, now=now),
        *find_machine_trouble(machine, limits=limits, now=now),
    )


async def measure_machine(services: Services) -> Machine:
    """Look at the clocks, the disk and the database."""
    async with services.database.operator() as operator:
        before = read_clock()
        theirs = await operator.health.read_clock()
        ours = before + (read_clock() - before) / 2
        size = await operator.health.measure_size_bytes()
    disk = shutil.disk_usage(_find_existing(services.settings.home.absolute()))
    return Machine(
        clock_offset=ours - theirs, disk_free_ratio=disk.free / disk.total, database_bytes=size
    )


def find_failing_models(
    models: Iterable[ModelHealth], *, limits: WatchSettings, now: datetime
) -> tuple[Alert, ...]:
    """Alerts about models with too many abstentions."""
    return tuple(
        build_trouble(
            f"model:{one.model}",
            f"{one.model} did not answer {one.failures} of {one.votes} times within an hour. It "
            "abstains, the others decide. Look at its vendor's status page, its key and its "
            "credit; without it for long, take its seat from QUORUM_COUNCIL.",
            kind=AlertKind.MODELS_DOWN,
            now=now,
        )
        for one in models
        if one.votes >= limits.least_samples and one.failures / one.votes > limits.failure_ratio
    )


def find_failing_venues(
    venues: Mapping[str, tuple[int, int]], *, limits: WatchSettings, now: datetime
) -> tuple[Alert, ...]:
    """Alerts about venues with too many cycles without market data."""
    return tuple(
        build_trouble(
            f"venue:{venue}",
            f"{venue} gave nothing to {failures} of {cycles} cycles within an hour: they were "
            "skipped, stops stay. Look at its status page and at this machine's network; "
            f"`quorum halt --venue {venue}` keeps entries away while it flickers.",
            kind=AlertKind.VENUE_DOWN,
            now=now,
        )
        for venue, (cycles, failures) in venues.items()
        if cycles >= limits.least_samples and failures / cycles > limits.failure_ratio
    )


def find_breaker_storm(opened: int, *, limits: WatchSettings, now: datetime) -> tuple[Alert, ...]:
    """An alert when many breakers opened within an hour."""
    if opened < limits.breakers:
        return ()
    return (
        build_trouble(
            "breakers",
            f"{opened} breakers opened within an hour. Is the market in a crash, or a feed or a "
            "model wrong? Read `quorum why`; `quorum halt` stops all entries while you look.",
            severity=Severity.CRITICAL,
            now=now,
        ),
    )


def find_machine_trouble(
    machine: Machine, *, limits: WatchSettings, now: datetime
) -> tuple[Alert, ...]:
    """Clock, disk, size of the database."""
    found = []
    if abs(machine.clock_offset) > limits.clock_offset:
        offset_ms = machine.clock_offset / timedelta(milliseconds=1)
        found.append(
            build_trouble(
                "clock",
                f"The clock is {offset_ms:+.0f} ms off the database's (at most "
                f"{limits.clock_offset_ms:.0f}). Venues refuse signed requests then: start the "
                "time service (chrony, systemd-timesyncd) on both machines.",
                now=now,
            )
        )
    if machine.disk_free_ratio < limits.disk_free_ratio:
        found.append(
            build_trouble(
                "disk",
                f"{machine.disk_free_ratio:.0%} of the disk is free. When it is full, the "
                "database refuses writes and no order is sent; stops stay. Make room: old logs, "
                "backups, images.",
                severity=Severity.CRITICAL,
                now=now,
            )
        )
    if machine.database_bytes > limits.database_gb * GIGABYTE:
        found.append(
            build_trouble(
                "database-size",
                f"The database takes {machine.database_bytes / GIGABYTE:.1f} GB (you said "
                f"{limits.database_gb:g}). Lower QUORUM_WATCH_KEEP_CYCLES_DAYS, or give it a "
                "larger disk and raise QUORUM_WATCH_DATABASE_GB.",
                now=now,
            )
        )
    return tuple(found)


def _find_existing(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())
