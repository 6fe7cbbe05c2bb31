"""`docker-compose.yml`, read: what it promises, and its service commands run as processes.

The commands run as they stand in the file, against a PostgreSQL server and a home of their own:
server, prepare, two workers and metrics; a paper cycle completes and both workers take part.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from cli.base.home import Home
from cli.base.prefect_settings import ensure_auth_string
from cli.stack.processes import list_stack_processes
from db.server.embedded import EmbeddedPostgres
from tests.prefect_server import find_free_port
from tests.server_folders import make_server_folder

CHECKOUT = Path(__file__).resolve().parents[3]
FILE = CHECKOUT / "docker-compose.yml"
OURS = ("server", "prepare", "work", "bot", "metrics")
PATIENCE_SECONDS = 240.0
GRACE_SECONDS = 60.0
"""Less than the `stop_grace_period` of the file, which is for the cycles that still run."""
KILLED = -9
ENDED = "Finished in state"
PAIRS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT", "XRP/USDT", "ADA/USDT")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return found


def test_every_service_has_a_command_a_restart_policy_and_a_log_that_ends(
    services: dict[str, Any],
) -> None:
    assert set(services) == {"postgres", *OURS}
    for name, service in services.items():
        assert service["restart"] in {"unless-stopped", "on-failure"}, name
        assert service["logging"]["options"]["max-size"], name
    for name in OURS:
        assert services[name]["command"], name


def test_nobody_is_root_and_nobody_may_become_it(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["user"] == "quorum", name
        assert services[name]["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in services[name]["security_opt"], name


def test_no_port_is_open_to_the_world_and_no_password_stands_in_the_file(
    services: dict[str, Any],
) -> None:
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "PASSWORD:" not in FILE.read_text()


def test_images_are_pinned(services: dict[str, Any]) -> None:
    _, _, tag = services["postgres"]["image"].partition(":")
    assert any(letter == "." for letter in tag)


def test_workers_wait_for_the_one_migration(services: dict[str, Any]) -> None:
    for name in ("work", "bot", "metrics"):
        waits = services[name]["depends_on"]["prepare"]["condition"]
        assert waits == "service_completed_successfully", name


def test_the_client_takes_the_file_where_there_is_one() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker client here")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("this docker client has no compose")
    done = subprocess.run(
        [docker, "compose", "--file", str(FILE), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class Containers:
    """Runs service commands of the file as processes on one home."""

    def __init__(self, home: Home, services: dict[str, Any], *, database: str) -> None:
        self.home = home
        self.port = find_free_port()
        self.metrics_port = find_free_port()
        self._services = services
        self._database = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    def start(self, service: str, *, name: str = "") -> None:
        """As `docker compose up SERVICE` does, on ports that are free here."""
        command = [*self._services[service]["command"]]
        extra = {"server": self.port, "metrics": self.metrics_port}.get(service)
        if extra is not None:
            command += ["--port", str(extra)]
        self._spawn(name or service, command)

    def run(self, *command: str) -> str:
        """A command of a person, or `prepare`: what it said, once it has succeeded."""
        self._spawn("run", list(command))
        code = self._processes["run"].wait(timeout=PATIENCE_SECONDS)
        assert code == 0, self.read_log("run")
        return self.read_log("run")

    def read_log(self, name: str) -> str:
        return (self.home.logs / f"test-{name}.log").read_text(encoding="utf-8")

    def await_that(self, what: str, is_so: Callable[[], bool], *, every: float = 0.5) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < deadline, f"{what}: not in time"
            for name, process in self._processes.items():
                if name != "run":
                    assert process.poll() is None, f"{name} ended:\n{self.read_log(name)}"
            time.sleep(every)

    def stop(self) -> dict[str, int]:
        """As compose does: who depends on others ends first; answers their exit codes."""
        codes = {}
        names = [name for name in self._processes if name != "run"]
        for group in ([name for name in names if name != "server"], ["server"]):
            for name in group:
                self._processes[name].terminate()
            for name in group:
                codes[name] = self._wait(name)
        for left in list_stack_processes(self.home.root):
            left.kill()
        return codes

    def _wait(self, name: str) -> int:
        process = self._processes[name]
        try:
            return process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return KILLED

    def _spawn(self, name: str, command: list[str]) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("QUORUM_", "PREFECT_"))}
        with (self.home.logs / f"test-{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "cli.main", *command],
                cwd=self.home.root,
                env={
                    **kept,
                    "PYTHONPATH": str(CHECKOUT),
                    "QUORUM_HOME": str(self.home.root),
                    "QUORUM_DATABASE_URL": self._database,
                    "QUORUM_PREFECT_API_URL": self.api,
                    "QUORUM_MARKET": "sample",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )


@pytest.fixture
def containers(tmp_path: Path, services: dict[str, Any]) -> Iterator[Containers]:
    home = Home(root=tmp_path / "home")
    home.prepare()
    folder = make_server_folder()
    server = EmbeddedPostgres(folder / "postgres", secrets=tmp_path / "owner")
    server.start()
    stack = Containers(home, services, database=server.url)
    yield stack
    stack.stop()
    server.stop()
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_services_come_up_trade_on_paper_and_share_the_load(containers: Containers) -> None:
    containers.start("server")
    containers.await_that("the server answers", lambda: _answers(f"{containers.api}/health"))
    assert "Ready" in containers.run("prepare")
    containers.run("user", "add", "local")
    for pair in PAIRS:
        containers.run("addpair", pair, "1000")
    containers.start("work", name="work-1")
    containers.start("work", name="work-2")
    containers.start("metrics")
    auth = tuple(ensure_auth_string(containers.home).split(":", 1))
    with httpx.Client(base_url=containers.api, auth=(auth[0], auth[1]), timeout=60) as client:
        for pair in PAIRS:
            asked = partial(_run_now, client, pair)
            containers.await_that(f"a cycle of {pair} is asked for", asked)

        def is_done() -> bool:
            found = client.post("/flow_runs/count", json=_completed_cycles())
            return found.is_success and int(found.json()) >= len(PAIRS)

        def is_shared() -> bool:
            """One run at a time: whichever worker asks first takes it and ends it.

            A cycle of this half hour has been run by then, so it ends as skipped; a worker that
            was late for the first six has only such ones.
            """
            _run_now(client, PAIRS[0])
            logs = [containers.read_log(name) for name in ("work-1", "work-2")]
            return all(ENDED in log for log in logs)

        containers.await_that("every cycle is done", is_done)
        containers.await_that("both workers take part", is_shared, every=3.0)
    receipt = json.loads(containers.run("why", "BTC/USDT", "--json").splitlines()[-1])
    assert receipt
    url = f"http://127.0.0.1:{containers.metrics_port}/metrics"
    containers.await_that(
        "metrics count the cycles",
        lambda: "quorum_active_users 1.0" in httpx.get(url, timeout=10).text,
    )
    codes = containers.stop()
    assert KILLED not in codes.values(), codes
    assert {codes["work-1"], codes["work-2"]} == {0}, codes


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False


def _run_now(client: httpx.Client, pair: str) -> bool:
    """Ask for a cycle; False when the server is too busy: then one asks again, as people do."""
    name = f"u1-{pair.replace('/', '-')}"
    found = client.get(f"/deployments/name/trading-cycle/{name}")
    if not found.is_success:
        return False
    body = {"state": {"type": "SCHEDULED"}, "parameters": {"user_id": 1, "pair": pair}}
    answer = client.post(f"/deployments/{found.json()['id']}/create_flow_run", json=body)
    assert answer.is_success or answer.is_server_error, answer.text
    return answer.is_success


def _completed_cycles() -> dict[str, Any]:
    return {
        "flows": {"name": {"any_": ["trading-cycle"]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED", "CANCELLED", "FAILED"]}}},
    }
