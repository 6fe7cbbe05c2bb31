"""Checks of Prefect: API, pool, queues, deployments, workers, and the flows that run.

home -> requests to the Prefect API -> Finding

The checks start and change nothing: a stopped part is idle, not broken.
"""

from prefect.client.orchestration import PrefectClient

from blocks.prefect.client import open_client, translate_errors
from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import ENTRYPOINTS, WORK_POOL
from blocks.prefect.system import SystemState
from cli.base.database import load_running_access
from cli.base.home import Home
from cli.base.prefect_settings import ensure_auth_string
from cli.doctor.findings import Finding, Health
from commands.people.users import list_all_pairs
from db.session import Database
from reports.texts.catalog import tell
from trading.domain.errors import QuorumError

PAGE = 200
START = "Start it with `quorum up`."


async def check_prefect(home: Home) -> list[Finding]:
    """The API answers our password, a worker is online, the deployments match the database."""
    state = home.load_state()
    if state is None:
        return [Finding(part="Prefect", health=Health.IDLE, detail="does not run", mend=START)]
    try:
        async with open_client(
            str(state["api_url"]), auth_string=ensure_auth_string(home)
        ) as client:
            gateway = Deployments(client)
            system = await gateway.read_system()
            if not system.has_pool:
                return [_judge_system(system)]
            with translate_errors():
                workers = await client.read_workers_for_work_pool(WORK_POOL)
            online = [worker.name for worker in workers if worker.status == "ONLINE"]
            drift = await _check_drift(home, gateway=gateway)
            flows = await _check_entrypoints(client)
    except QuorumError as error:
        return [
            Finding(
                part="Prefect",
                health=Health.BROKEN,
                detail=tell(error),
                mend="See logs/prefect-server.log in the home; stop `quorum up` and start it.",
            )
        ]
    return [
        Finding(part="Prefect", health=Health.GOOD, detail=str(state["ui_url"])),
        _judge_system(system),
        _judge_workers(online),
        drift,
        flows,
    ]


def _judge_system(system: SystemState) -> Finding:
    """Pool, queues and system deployments: each that is gone, missing or paused is broken."""
    if not system.has_pool:
        return Finding(
            part="Work pool",
            health=Health.BROKEN,
            detail=f"{WORK_POOL} is gone: no run starts; workers' guards still protect and close",
            mend="Start `quorum up` again.",
        )
    if system.is_good:
        return Finding(part="Work pool", health=Health.GOOD, detail="nothing missing or paused")
    paused = f"paused: {', '.join(system.paused)}" if system.paused else ""
    missing = f"missing or changed: {', '.join(system.missing)}" if system.missing else ""
    return Finding(
        part="Work pool",
        health=Health.BROKEN,
        detail=f"{'; '.join(filter(None, (paused, missing)))}: such runs do not start; workers' "
        "guards still protect and close",
        mend="Resume in the Prefect UI what is paused; the bot or `quorum up` restores the rest.",
    )


def _judge_workers(online: list[str]) -> Finding:
    if online:
        return Finding(part="Worker", health=Health.GOOD, detail=f"{', '.join(online)} online")
    return Finding(
        part="Worker",
        health=Health.BROKEN,
        detail="none is online: no cycle runs",
        mend="See logs/worker.log in the home; was `quorum up` started with --workers 0?",
    )


async def _check_entrypoints(client: PrefectClient) -> Finding:
    """Every deployment names a flow of Quorum, without steps before the flow."""
    foreign, offset = [], 0
    while page := await client.read_deployments(limit=PAGE, offset=offset):
        offset += len(page)
        foreign += [
            deployment.name
            for deployment in page
            if deployment.entrypoint not in ENTRYPOINTS or deployment.pull_steps
        ]
    if not foreign:
        return Finding(part="Flows", health=Health.GOOD, detail="all deployments run our flows")
    return Finding(
        part="Flows",
        health=Health.BROKEN,
        detail=f"{len(foreign)} deployments name foreign code: {', '.join(foreign[:5])}",
        mend="Change the password of the Prefect UI, then delete these deployments there.",
    )


async def _check_drift(home: Home, *, gateway: Deployments) -> Finding:
    access = load_running_access(home)
    if access is None:
        return Finding(part="Deployments", health=Health.IDLE, detail="no database to compare")
    database = Database(access.app_url, operator_url=access.operator_url)
    try:
        configs = await list_all_pairs(database)
    finally:
        await database.close()
    report = await gateway.compare(configs)
    wrong = [*report.created, *report.updated, *report.removed]
    if not wrong:
        detail = f"{report.unchanged} match the database"
        return Finding(part="Deployments", health=Health.GOOD, detail=detail)
    return Finding(
        part="Deployments",
        health=Health.WEAK,
        detail=f"{len(wrong)} differ from the database: {', '.join(wrong[:5])}",
        mend="The next `quorum up` repairs it.",
    )
