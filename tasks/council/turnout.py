"""The alarms of a council below its quorum, and of a seat that can't vote until somebody acts.

the pair's last cycles -> has_fallen_short, find_lost_seats -> alerts in the outbox
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from db.session import Tenant
from tasks.council.llm_budget import find_quorum
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import Cycle
from trading.council.decisions import Decision
from trading.council.turnout import (
    STREAK,
    Turnout,
    explain_lost_seats,
    explain_shortfall,
    find_lost_seats,
    has_fallen_short,
)
from trading.domain.alerts import Alert, AlertKind, Severity


async def report_turnout(
    services: Services,
    *,
    tenant: Tenant,
    cycle: Cycle,
    decisions: tuple[Decision, ...],
    now: datetime,
) -> None:
    """Enqueue the alarms when the cycle completes a streak; its votes are stored already."""
    if not decisions:
        return
    turnouts = await tenant.decisions.list_turnouts(cycle.pair, cycles=STREAK + 1)
    quorum = find_quorum(services, cycle)
    if has_fallen_short(turnouts, quorum=quorum):
        alert = Alert(
            user_id=cycle.user_id,
            kind=AlertKind.MODELS_DOWN,
            severity=Severity.CRITICAL,
            text=explain_shortfall(cycle.pair, decisions, quorum=quorum),
            dedupe_key=f"council-short:{cycle.pair}:{_begin(turnouts)}",
            created_at=now,
        )
        await tenant.alerts.enqueue_alert(alert)
        key = f"council-short:{_begin(turnouts)}"
        await _tell_operator(services, replace(alert, user_id=None, dedupe_key=key))
    elif lost := find_lost_seats(turnouts):
        names = ",".join(decision.model.name for decision in lost)
        alert = Alert(
            user_id=None,
            kind=AlertKind.MODELS_DOWN,
            severity=Severity.WARNING,
            text=explain_lost_seats(lost),
            dedupe_key=f"seats-lost:{names}:{_begin(turnouts)}",
            created_at=now,
        )
        await _tell_operator(services, alert)


def _begin(turnouts: Sequence[Turnout]) -> str:
    """Time of the streak's first cycle, as a name."""
    return turnouts[STREAK - 1].cycle_time.isoformat()


async def _tell_operator(services: Services, alert: Alert) -> None:
    async with services.database.operator() as operator:
        await operator.alerts.enqueue_alert(alert)
