"""Attack: a job variable, a pull step or an entrypoint carries code into the worker `process`."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.utilities.dispatch import lookup_type
from prefect.workers.base import BaseWorker
from prefect.workers.process import ProcessWorker

from flows.worker.process_worker import ENGINE, GuardedJobConfiguration, GuardedProcessWorker
from tests.attacks.test_deployment_code import CODE, make_run
from tests.database import TestDatabase
from tests.flows.worker.worker_stage import await_state
from tests.prefect_server import PrefectServer

POOL_TYPE = "process"


def test_prefects_own_worker_does_not_answer_to_the_name_of_the_type() -> None:
    assert lookup_type(BaseWorker, POOL_TYPE) is GuardedProcessWorker


def test_a_job_variable_sets_neither_command_nor_environment_nor_folder(tmp_path: Path) -> None:
    configuration = GuardedJobConfiguration(
        command="touch /srv/x", env={"LD_PRELOAD": "/srv/x.so"}, working_dir=tmp_path
    )
    configuration.prepare_for_flow_run(make_run())
    assert configuration.command == ENGINE
    assert "LD_PRELOAD" not in configuration.env
    assert configuration.working_dir is None


@pytest.fixture
async def pool(prefect_client: PrefectClient) -> AsyncIterator[str]:
    """A pool with the open template of Prefect's own worker, as an attacker would save."""
    name = f"process-{uuid4().hex}"
    template = ProcessWorker.get_default_base_job_template()
    await prefect_client.create_work_pool(
        WorkPoolCreate(name=name, type=POOL_TYPE, base_job_template=template)
    )
    yield name
    await prefect_client.delete_work_pool(name)


@pytest.fixture
def worker(
    pool: str, prefect_server: PrefectServer, database_run: TestDatabase, tmp_path: Path
) -> Iterator[None]:
    """A worker of the type, started by Prefect's command line."""
    environment = {
        **prefect_server.environment,
        "QUORUM_HOME": str(prefect_server.home.root),
        "QUORUM_DATABASE_APP_URL": database_run.urls.app,
        "QUORUM_DATABASE_OPERATOR_URL": database_run.urls.operator,
        "QUORUM_MARKET": "sample",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    command = [*(sys.executable, "-m", "prefect", "worker", "start"), "--pool", pool]
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--type", POOL_TYPE], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    yield
    process.kill()
    process.wait()


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.usefixtures("worker")
async def test_neither_file_nor_command_nor_pull_step_runs(
    prefect_client: PrefectClient, pool: str, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    (tmp_path / "x.py").write_text(CODE.format(marker=str(marker)))
    touch = {"prefect.deployments.steps.run_shell_script": {"script": f"touch {marker}"}}
    flow_id = await prefect_client.create_flow_from_name("reaper")
    ends = {}
    for entrypoint in (f"{tmp_path / 'x.py'}:evil", "flows.reaper.reaper"):
        deployment_id = await prefect_client.create_deployment(
            flow_id,
            name=uuid4().hex,
            entrypoint=entrypoint,
            work_pool_name=pool,
            job_variables={"command": f"touch {marker}", "working_dir": str(tmp_path)},
            pull_steps=[touch],
        )
        run = await prefect_client.create_flow_run_from_deployment(deployment_id)
        wanted = "Completed" if entrypoint == "flows.reaper.reaper" else "Crashed"
        ends[wanted] = await await_state(prefect_client, run.id, wanted)
        await prefect_client.delete_deployment(deployment_id)

    assert not marker.exists()
    assert "names no flow of Quorum" in str(getattr(ends["Crashed"].state, "message", ""))
