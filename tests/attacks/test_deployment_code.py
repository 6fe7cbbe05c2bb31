"""Attack: whoever has the password of the Prefect UI names other code in a deployment."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from blocks.prefect.specs import ENTRYPOINTS, load_specs
from cli.doctor.findings import Health
from cli.doctor.prefect_checks import check_prefect
from cli.stack.registration import SPECS
from flows.worker.admission import RunRefused, alert_refusal, check_run
from flows.worker.configuration import WarmJobConfiguration
from reports.texts.catalog import render
from tests.flows.worker.worker_stage import StartWorker, await_state
from tests.prefect_server import PrefectServer
from tests.stage import Stage
from trading.domain.alerts import Severity

CYCLE = "flows.trading_cycle.trading_cycle"
CODE = """
from pathlib import Path
from prefect import flow

Path({marker!r}).touch()

@flow
async def evil() -> None: ...
"""


def make_run(**parameters: object) -> FlowRun:
    return FlowRun(flow_id=uuid4(), parameters=parameters)


def test_the_table_is_what_our_deployments_run() -> None:
    assert {spec.entrypoint for spec in load_specs(SPECS)} | {CYCLE} == ENTRYPOINTS


@pytest.mark.parametrize(
    "entrypoint", ["/srv/x.py:evil", "os.system", "flows.replay.replay_cycles", "", f"{CYCLE} "]
)
def test_no_other_entrypoint_is_admitted(entrypoint: str) -> None:
    with pytest.raises(RunRefused, match="names no flow of Quorum"):
        check_run(make_run(), entrypoint=entrypoint)


def test_no_caller_chooses_the_time_of_a_cycle() -> None:
    with pytest.raises(RunRefused, match="Only a replay"):
        check_run(make_run(cycle_time="2030-01-01T00:00:00Z"), entrypoint=CYCLE)
    check_run(make_run(user_id=1, pair="BTC/USDT", cycle_time=None), entrypoint=CYCLE)


def test_a_job_variable_carries_no_command_into_the_worker() -> None:
    configuration = WarmJobConfiguration(command="touch /srv/x", env={"LD_PRELOAD": "/srv/x.so"})
    configuration.prepare_for_flow_run(make_run())
    assert (configuration.command, configuration.env) == (None, {})


async def test_the_operator_is_alerted(stage: Stage) -> None:
    with stage.in_use():
        await alert_refusal(RunRefused("The deployment names no flow of Quorum: '/srv/x.py'."))
        async with stage.database.operator() as operator:
            heads = await operator.alerts.claim_heads(
                9, now=stage.now, lease=timedelta(0), resting=()
            )
    (alert,) = [head.alert for head in heads if head.alert.severity is Severity.CRITICAL]
    assert "/srv/x.py" in render(alert.text)
    assert "quorum doctor" in render(alert.text)


@pytest.fixture
async def foreign(prefect_client: PrefectClient, pool: str, tmp_path: Path) -> AsyncIterator[str]:
    """The name of a deployment that names a file of the attacker."""
    (tmp_path / "x.py").write_text(CODE.format(marker=str(tmp_path / "marker")))
    name = uuid4().hex
    deployment_id = await prefect_client.create_deployment(
        await prefect_client.create_flow_from_name("trading-cycle"),
        name=name,
        entrypoint=f"{tmp_path / 'x.py'}:evil",
        work_pool_name=pool,
        pull_steps=[],
    )
    yield name
    await prefect_client.delete_deployment(deployment_id)


async def test_doctor_names_the_deployment(
    prefect_server: PrefectServer, prefect_client: PrefectClient, foreign: str
) -> None:
    prefect_server.home.write_state({"api_url": prefect_server.api_url, "ui_url": "-"})
    with prefect_server.home.lock():
        findings = await check_prefect(prefect_server.home)
    (flows,) = [finding for finding in findings if finding.part == "Flows"]
    assert flows.health is Health.BROKEN
    assert "foreign code" in flows.detail


@pytest.mark.slow
@pytest.mark.timeout(500)
async def test_a_worker_does_not_run_the_file(
    prefect_client: PrefectClient, foreign: str, start_worker: StartWorker, tmp_path: Path
) -> None:
    deployment = await prefect_client.read_deployment_by_name(f"trading-cycle/{foreign}")
    run = await prefect_client.create_flow_run_from_deployment(deployment.id)
    start_worker()

    run = await await_state(prefect_client, run.id, "Crashed")

    assert run.state is not None
    assert "names no flow of Quorum" in str(run.state.message)
    assert not (tmp_path / "marker").exists()
