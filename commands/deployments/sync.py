"""Synchronization of Prefect with the database, by the bot and by `quorum up`.

pairs -> gateway.sync;  pauses made in the Prefect UI -> database, audit, alert to the owner
pool, queues, system deployments -> gateway.restore_system -> alerts to the operator

The database is the source of truth. A change of pairs during a sync causes another sync.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from blocks.prefect.drift import SyncReport, UiSwitch
from blocks.prefect.system import SystemState
from commands.changes import adopt_switch
from commands.deployments.gateway import Gateway
from commands.operations import alert_operator
from commands.people.users import list_all_pairs
from db.session import Database
from trading.domain.accounts import PairConfig
from trading.domain.messages import Message, message

MAX_SYNCS = 3
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DatabaseBooks:
    """The pairs in the database, for `Deployments.sync`; `now` dates the audit entries."""

    database: Database
    now: datetime = field(kw_only=True)

    async def load_pairs(self) -> tuple[PairConfig, ...]:
        """List the pairs of every user, oldest first."""
        return await list_all_pairs(self.database)

    async def adopt_switches(self, switches: Iterable[UiSwitch]) -> None:
        """Write pauses and resumes of the Prefect UI into the database."""
        for switch in switches:
            async with self.database.tenant(switch.user_id) as tenant:
                if await adopt_switch(tenant, switch, now=self.now):
                    logger.warning(
                        "User %s, %s: %s in the Prefect UI.",
                        switch.user_id,
                        switch.pair,
                        "paused" if switch.is_paused else "resumed",
                    )


async def sync_pairs(database: Database, gateway: Gateway, *, now: datetime) -> SyncReport:
    """Make Prefect match the database; a change during the sync causes another sync."""
    books = DatabaseBooks(database, now=now)
    configs = await books.load_pairs()
    report = SyncReport()
    for _ in range(MAX_SYNCS):
        report = await gateway.sync(configs, books=books)
        if report.created or report.updated or report.removed:
            logger.info(
                "deployments: %d created, %d changed, %d removed, %d unchanged",
                len(report.created), len(report.updated), len(report.removed), report.unchanged,
            )  # fmt: skip
        before, configs = configs, await books.load_pairs()
        if configs == before:
            break
    return report


async def tend_system(database: Database, gateway: Gateway, *, now: datetime) -> SystemState:
    """Repair queues and system deployments; alert the operator of pauses and a missing pool."""
    state = await gateway.restore_system()
    for subject, text in _describe_troubles(state):
        await alert_operator(database, subject, text=text, now=now)
    return state


def _describe_troubles(state: SystemState) -> Iterator[tuple[str, Message]]:
    if not state.has_pool:
        yield "pool-gone", message("prefect-pool-gone")
    if state.paused:
        yield (
            f"paused:{','.join(state.paused)}"[:100],
            message("prefect-paused", names=", ".join(state.paused)),
        )
    if state.restored:
        logger.warning("System deployments were restored: %s", ", ".join(state.restored))
