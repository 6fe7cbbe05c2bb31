"""Removes old results and rows at every run of the watchdog.

results folder, market snapshots, settled messages, idle cycles, cassette -> removed by age

Never removed: orders, fills, funding, positions, cycles with trades, the audit log.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.runtime.caching import RESULTS
from tasks.runtime.container import get_services
from tasks.runtime.settings import watch_settings


@task(name="remove_old_results", cache_policy=NO_CACHE)
async def remove_old_results() -> int:
    """Remove expired shared results and lock files; the number of removed files."""
    services = await get_services()
    limit = services.clock() - timedelta(hours=services.settings.shared_hours)
    old = [path for path in _list_files(RESULTS) if path.stat().st_mtime < limit.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@task(name="remove_old_rows", cache_policy=NO_CACHE)
async def remove_old_rows() -> Mapping[str, int]:
    """Remove old rows; the number of removed rows of each kind."""
    services = await get_services()
    now, keep = services.clock(), watch_settings()
    async with services.database.operator() as operator:
        before = now - timedelta(days=keep.keep_cassette_days)
        answers = await operator.cassette.remove_before(before)
        removed = await operator.health.remove_old(
            snapshots_before=now - timedelta(days=keep.keep_snapshots_days),
            alerts_before=now - timedelta(days=keep.keep_alerts_days),
            cycles_before=now - timedelta(days=keep.keep_cycles_days),
        )
    return {**removed, "cassette_answers": answers}


@task(name="seal_audit", cache_policy=NO_CACHE)
async def seal_audit() -> int:
    """Extend the chain of hashes by the new audit entries; the number of entries."""
    services = await get_services()
    async with services.database.operator() as operator:
        return await operator.audit.seal_entries()


def _list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
