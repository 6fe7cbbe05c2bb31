"""The alarm of a council below its quorum: for the user, and once for the operator.

the pair's last cycles -> has_fallen_short -> alerts in the outbox
"""

from dataclasses import replace
from datetime import datetime

from db.session import Tenant
from tasks.council.llm_budget import find_quorum
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import Cycle
from trading.council.decisions import Decision
from trading.council.turnout import STREAK, explain_shortfall, has_fallen_short
from trading.domain.alerts import Alert, AlertKind, Severity


async def report_turnout(
    services: Services,
    *,
    tenant: Tenant,
    cycle: Cycle,
    decisions: tuple[Decision, ...],
    now: datetime,
) -> None:
    """Enqueue the alarm when the cycle completes a streak; its votes are stored already."""
    quorum = find_quorum(services, cycle)
    if not decisions:
        return
    turnouts = await tenant.decisions.list_turnouts(cycle.pair, cycles=STREAK + 1)
    if not has_fallen_short(turnouts, quorum=quorum):
        return
    since = turnouts[STREAK - 1].cycle_time
    alert = Alert(
        user_id=cycle.user_id,
        kind=AlertKind.MODELS_DOWN,
        severity=Severity.CRITICAL,
        text=explain_shortfall(cycle.pair, decisions, quorum=quorum),
        dedupe_key=f"council-short:{cycle.pair}:{since.isoformat()}",
        created_at=now,
    )
    await tenant.alerts.enqueue_alert(alert)
    operators = replace(alert, user_id=None, dedupe_key=f"council-short:{since.isoformat()}")
    async with services.database.operator() as operator:
        await operator.alerts.enqueue_alert(operators)
