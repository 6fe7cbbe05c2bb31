"""Registration in Prefect: pool, model block, system deployments and the pairs' deployments.

dead runs -> Crashed -> pool and queues -> model block -> system deployments -> pairs

Every step can be repeated; a correct object is not written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prefect.client.orchestration import PrefectClient

from blocks.model import ModelBlock
from blocks.prefect.client import prepare_pool, translate_errors
from blocks.prefect.drift import PairBooks, SyncReport
from blocks.prefect.gateway import Deployments
from blocks.prefect.system import SystemState
from cli.base.settings import CliSettings
from flows.late_runs import cancel_missed_runs
from flows.reaper import reap_dead_stack
from flows.worker.process_worker import GuardedProcessWorker
from flows.worker.worker import WarmWorker
from trading.domain.accounts import PairConfig

SPECS = Path(__file__).resolve().parents[2] / "prefect.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Counts of the changes made."""

    reaped: int
    dropped: int
    report: SyncReport
    system: SystemState

    def __str__(self) -> str:
        parts = (
            (self.reaped, "dead runs said to be dead"),
            (self.dropped, "late runs dropped"),
            (len(self.report.created), "pairs deployed"),
            (len(self.report.updated), "pairs changed"),
            (len(self.report.removed), "pairs removed"),
            (self.report.unchanged, "pairs unchanged"),
        )
        return ", ".join(f"{count} {what}" for count, what in parts if count) or "no pairs yet"


async def register_everything(
    client: PrefectClient,
    *,
    configs: Iterable[PairConfig],
    now: datetime,
    books: PairBooks | None = None,
    has_live_runs: bool = False,
) -> Registration:
    """
    Synchronize the server with prefect.yaml and the database.

    Args:
        client: of the server.
        configs: all pairs of the database.
        now: reference instant for late runs; aware UTC.
        books: the database; see `Deployments.sync`.
        has_live_runs: workers may be running; otherwise every active run is dead.

    Raises:
        TransientError, PermanentError: as the gateway does.
    """
    gateway = Deployments(client)
    with translate_errors():
        reaped = 0 if has_live_runs else await reap_dead_stack(client)
        dropped = await cancel_missed_runs(client, now=now)
    await ensure_pool(client)
    with translate_errors():
        await ModelBlock.register_type_and_schema(client=client)
    system = await gateway.restore_system()
    report = await gateway.sync(configs, books=books)
    return Registration(reaped=reaped, dropped=dropped, report=report, system=system)


async def ensure_pool(client: PrefectClient) -> None:
    """Create or update the work pool of the configured worker type. Raises as `prepare_pool`."""
    kind = CliSettings().worker_type
    # The server loaded the worker type at its start, perhaps from an earlier version.
    worker = WarmWorker if kind == WarmWorker.type else GuardedProcessWorker
    await prepare_pool(client, pool_type=kind, template=worker.get_default_base_job_template())
