"""`quorum up` from end to end: real PostgreSQL, Prefect, worker and cycle on made-up prices."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from blocks.prefect.specs import WORK_POOL, load_specs
from cli.base.home import Home
from cli.base.prefect_settings import build_api_url, build_ui_url, ensure_auth_string
from cli.stack.processes import list_stack_processes
from cli.stack.registration import SPECS
from db.server.embedded import EmbeddedPostgres
from tests.cli.stack.stack_process import StackProcess, list_left
from tests.prefect_server import find_free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for the module: every test starts on what the one before left, as people do."""
    return tmp_path_factory.mktemp("stack") / "home"


type StartStack = Callable[..., StackProcess]
"""start_stack(home, port=..., arguments=..., environment=...)"""


@pytest.fixture
def start_stack() -> Iterator[StartStack]:
    """Starts stacks; whatever a test does to them, nothing of them is left."""
    started: list[StackProcess] = []

    def start(home: Path, **arguments: Any) -> StackProcess:
        stack = StackProcess(home, **{"port": find_free_port(), **arguments})
        started.append(stack)
        return stack

    yield start
    for stack in started:
        stack.kill()
        for process in list_stack_processes(stack.home):
            process.kill()
        EmbeddedPostgres(stack.home / "postgres").stop()


def test_stack_comes_up_trades_once_and_leaves_nothing_behind(
    start_stack: StartStack, home: Path, tmp_path: Path
) -> None:
    stack = start_stack(home, arguments=["--workers", "2"])
    stack.await_line("First cycle  completed")

    state = Home(root=home).load_state()
    assert state is not None
    port = int(str(state["ui_url"]).rsplit(":", 1)[1])
    _assert_ui_and_api_ask_for_the_password(home, port=port)
    _await_workers(home, names={"local", "local-2"}, port=port)
    assert "BTC/USDT" in stack.output
    assert "MADE UP" in stack.output
    assert "Warning" not in stack.output

    second = start_stack(home)
    assert second.await_end() == 1
    assert f"Quorum already runs on {home}" in second.output

    other = start_stack(tmp_path / "other", port=port)
    assert other.await_end() == 1
    assert f"Port {port} can't be used" in other.output
    assert list_left(tmp_path / "other") == []

    assert stack.interrupt() == 0
    assert stack.output.rstrip().endswith("Stopped.")
    assert list_left(home) == []


def _assert_ui_and_api_ask_for_the_password(home: Path, *, port: int) -> None:
    auth = ensure_auth_string(Home(root=home))
    user, _, password = auth.partition(":")
    page = httpx.get(build_ui_url(port), follow_redirects=True)
    assert page.is_success
    assert "<html" in page.text.lower()
    count = f"{build_api_url(port)}/deployments/count"
    assert httpx.post(count, json={}).status_code == httpx.codes.UNAUTHORIZED
    answer = httpx.post(count, json={}, auth=(user, password))
    assert answer.json() == len(load_specs(SPECS)) + 1  # prefect.yaml's, the local user's pair


def _await_workers(home: Path, *, names: set[str], port: int) -> None:
    user, _, password = ensure_auth_string(Home(root=home)).partition(":")
    address = f"{build_api_url(port)}/work_pools/{WORK_POOL}/workers/filter"
    deadline = time.monotonic() + 60
    while names != (
        found := {w["name"] for w in httpx.post(address, json={}, auth=(user, password)).json()}
    ):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


def test_killed_stack_takes_its_children_along_and_starts_again(
    start_stack: StartStack, home: Path
) -> None:
    stack = start_stack(home)
    stack.await_line("ok")  # PostgreSQL stands, the server is coming up
    stack.await_line("Reconciliation")

    stack.kill()

    _await_end_of_children(home)
    again = start_stack(home, arguments=["--once"])
    assert again.await_end() == 0, again.output
    assert "First cycle  completed" in again.output
    assert list_left(home) == []


def _await_end_of_children(home: Path) -> None:
    """The server and the worker die with their parent; a run of the worker's may outlive it."""
    deadline = time.monotonic() + 5
    while any("start" in process.cmdline() for process in list_stack_processes(home)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_dead_database_is_one_sentence(start_stack: StartStack, tmp_path: Path) -> None:
    address = f"postgresql://quorum:secret@127.0.0.1:{find_free_port()}/quorum"
    stack = start_stack(tmp_path / "home", environment={"QUORUM_DATABASE_URL": address})

    assert stack.await_end() == 1
    assert "The database refused: no connection" in stack.output
    assert "secret" not in stack.output
    assert list_left(tmp_path / "home") == []


def test_home_of_another_version_is_not_touched(start_stack: StartStack, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "VERSION").write_text("7\n")

    stack = start_stack(home)

    assert stack.await_end() == 1
    assert "was laid out by version 7" in stack.output
    assert (home / "VERSION").read_text() == "7\n"
