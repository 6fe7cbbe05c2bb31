"""The reaper: what nobody owns any more is said to be dead, and its slot is free again."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Pending, Running
from prefect.types import DateTime

from flows.reaper import find_reason, free_slots, reap_runs

NOW = datetime.now(UTC)
HERE = socket.gethostname()
OURS = "this process"


def make_run(kind: StateType, *, ago: timedelta, owner: str | None) -> FlowRun:
    state: State[None] = State(type=kind, timestamp=DateTime.instance(NOW - ago))
    return FlowRun(flow_id=uuid4(), state=state, infrastructure_pid=owner)


def find_dead_process() -> int:
    """A number that a process had."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("kind", "minutes", "owner", "is_dead"),
    [
        (StateType.PENDING, 4, None, True),
        (StateType.PENDING, 1, None, False),
        (StateType.RUNNING, 1, OURS, False),
        (StateType.RUNNING, 30, OURS, True),
        (StateType.RUNNING, 1, None, False),
        (StateType.RUNNING, 3, "elsewhere:1:x", True),
        (StateType.RUNNING, 1, "elsewhere:1:x", False),
        (StateType.RUNNING, 3, "heard:1:x", False),
        (StateType.CANCELLING, 3, "elsewhere:1:x", True),
    ],
)
def test_a_run_is_dead_when_its_owner_is(
    kind: StateType, minutes: int, owner: str | None, is_dead: bool
) -> None:
    owner = f"{HERE}:{os.getpid()}:x" if owner == OURS else owner
    run = make_run(kind, ago=timedelta(minutes=minutes), owner=owner)
    assert (find_reason(run, now=NOW, hosts_heard={"heard"}) is not None) == is_dead


def test_a_process_that_is_gone_owns_nothing() -> None:
    owner = f"{HERE}:{find_dead_process()}:x"
    run = make_run(StateType.RUNNING, ago=timedelta(seconds=1), owner=owner)
    assert find_reason(run, now=NOW, hosts_heard=()) == "Its process is gone."


def test_a_process_that_began_later_is_another_one() -> None:
    waits = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as process:
        owner = f"{HERE}:{process.pid}:x"
        run = make_run(StateType.RUNNING, ago=timedelta(minutes=20), owner=owner)
        reason = find_reason(run, now=NOW, hosts_heard=())
        process.kill()
    assert reason == "Its process is gone."


async def test_a_dead_run_shows_as_crashed_and_gives_its_slot_back(
    prefect_client: PrefectClient,
) -> None:
    client = prefect_client
    deployment_id = await client.create_deployment(
        await client.create_flow_from_name("nobody-s"),
        name=uuid4().hex,
        concurrency_limit=1,
    )
    run = await client.create_flow_run_from_deployment(deployment_id)
    await client.set_flow_run_state(run.id, Pending())
    await client.update_flow_run(
        run.id, infrastructure_pid=f"{HERE}:{find_dead_process()}:{run.id}"
    )
    await client.set_flow_run_state(run.id, Running())

    assert await reap_runs(client, now=datetime.now(UTC)) >= 1

    assert (await client.read_flow_run(run.id)).state_name == "Crashed"
    await free_slots(client)
    found = await client.read_deployment(deployment_id)
    assert found.global_concurrency_limit is not None
    assert found.global_concurrency_limit.active_slots == 0


async def test_a_slot_without_a_run_is_freed_and_a_taken_one_is_not(
    prefect_client: PrefectClient,
) -> None:
    client = prefect_client
    slots = {}
    for name in ("orphaned", "taken"):
        deployment_id = await client.create_deployment(
            await client.create_flow_from_name("nobody-s"), name=uuid4().hex, concurrency_limit=1
        )
        run = await client.create_flow_run_from_deployment(deployment_id)
        await client.set_flow_run_state(run.id, Pending())
        await client.set_flow_run_state(run.id, Running())
        slots[name] = deployment_id
        if name == "orphaned":
            await client.delete_flow_run(run.id)

    await free_slots(client)

    left = {
        name: limit.active_slots
        for name, deployment_id in slots.items()
        if (limit := (await client.read_deployment(deployment_id)).global_concurrency_limit)
    }
    assert left == {"orphaned": 0, "taken": 1}
