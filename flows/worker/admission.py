"""Admission: refuses every flow run outside the closed table of flows, whatever the server says.

run, entrypoint of its deployment -> check_run -> executed | RunRefused -> Crashed, with an alert

The password of the Prefect UI is enough to change an entrypoint or a parameter on the server. A
worker holds the users' exchange keys, so a worker imports no module named by the server alone.
"""

from collections.abc import Collection

from prefect.client.schemas.objects import FlowRun
from prefect.logging import get_logger

from blocks.prefect.specs import ENTRYPOINTS
from reports.texts.catalog import tell
from tasks.alerts.operator import build_trouble
from tasks.runtime.container import get_services
from trading.domain.alerts import Severity
from trading.domain.errors import QuorumError

logger = get_logger(__name__)


class RunRefused(ValueError):
    """A run of an unknown flow, or with a parameter reserved for a replay."""


def check_run(flow_run: FlowRun, *, entrypoint: str, known: Collection[str] = ENTRYPOINTS) -> None:
    """
    Raise RunRefused unless the worker may execute the run.

    Args:
        flow_run: as read from the server.
        entrypoint: named by the deployment of the run.
        known: dotted names of the allowed flows.
    """
    if entrypoint not in known:
        raise RunRefused(f"The deployment names no flow of Quorum: {entrypoint[:100]!r}.")
    if flow_run.parameters.get("cycle_time") is not None:
        raise RunRefused("Only a replay may choose the cycle time.")


async def alert_refusal(error: RunRefused) -> None:
    """Alert the operator, at most once an hour. A database without an answer is logged."""
    services = await get_services()
    text = (
        f"A worker refused a flow run. {error} Somebody with the password of the Prefect UI has "
        "changed a deployment: run `quorum doctor`, change the password, restart `quorum up`."
    )
    alert = build_trouble("refused-run", text, now=services.clock(), severity=Severity.CRITICAL)
    try:
        async with services.database.operator() as operator:
            await operator.alerts.enqueue_alert(alert)
    except QuorumError as failure:
        logger.error("The operator was not alerted of a refused run: %s", tell(failure))
