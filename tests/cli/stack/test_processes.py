"""Children: logged, ended with all they started, gone with their parent, found after a crash."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli.stack.processes import Child, end_leftovers, list_stack_processes, start_child, stop_child
from cli.stack.supervisor import Supervisor

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
PARENT_OF_ONE = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {DEAF!r}]); {SLEEP}"
)


SAYS_SIGINT = f"import signal; print(signal.getsignal(signal.SIGINT).__name__); {SLEEP}"


class Nursery:
    """Starts children of a home and ends them after the test."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def start(self, program: str, *, home: Path, name: str = "child") -> Child:
        """Start a program and wait until it says `up`."""
        child = start_child(
            name,
            [sys.executable, "-c", program],
            environment=os.environ,
            home=home,
            log=home / f"{name}.log",
        )
        self.children.append(child)
        await_text(child.log, "up")
        return child


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    for child in nursery.children:
        child.process.kill()
        child.process.wait()


@pytest.fixture
def home(tmp_path: Path, nursery: Nursery) -> Iterator[Path]:
    yield tmp_path
    end_leftovers(tmp_path)


def await_text(log: Path, text: str) -> None:
    deadline = time.monotonic() + 20
    while text not in log.read_text():
        assert time.monotonic() < deadline, f"no {text!r} in {log}"
        time.sleep(0.02)


def is_gone_soon(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_child_hears_interrupts_though_we_were_born_deaf_to_them(
    nursery: Nursery, home: Path
) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = nursery.start(SAYS_SIGINT, home=home)
    finally:
        signal.signal(signal.SIGINT, before)
    assert "default_int_handler" in child.tail_log()


async def test_child_writes_its_log_and_ends_when_asked(home: Path, nursery: Nursery) -> None:
    child = nursery.start(SLEEP, home=home)

    assert await stop_child(child, grace_seconds=10)

    assert not child.is_alive
    assert child.tail_log() == "up"


async def test_child_that_does_not_listen_is_killed(home: Path, nursery: Nursery) -> None:
    child = nursery.start(DEAF, home=home)

    assert not await stop_child(child, grace_seconds=0.2)

    assert not child.is_alive


async def test_grandchildren_end_with_the_child(home: Path, nursery: Nursery) -> None:
    child = nursery.start(PARENT_OF_ONE, home=home)
    (grandchild,) = psutil.Process(child.process.pid).children()

    await stop_child(child, grace_seconds=10)

    assert is_gone_soon(grandchild.pid)


def test_ctrl_c_in_the_terminal_does_not_reach_a_child(home: Path, nursery: Nursery) -> None:
    child = nursery.start(SLEEP, home=home)

    assert os.getpgid(child.process.pid) == child.process.pid
    assert os.getpgid(child.process.pid) != os.getpgid(os.getpid())


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_child_dies_with_its_parent(home: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path\n"
        "from cli.stack.processes import start_child\n"
        f"start_child('child', [sys.executable, '-c', {DEAF!r}], environment=os.environ, "
        f"home=Path({str(home)!r}), log=Path({str(home / 'orphan.log')!r}))\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as parent:
        deadline = time.monotonic() + 20
        while not (home / "orphan.log").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        await_text(home / "orphan.log", "up")
        (child,) = list_stack_processes(home)
        parent.kill()
        parent.wait()

    assert is_gone_soon(child.pid)


def test_leftovers_of_this_home_only_are_ended(
    home: Path, tmp_path: Path, nursery: Nursery
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    mine, theirs = nursery.start(DEAF, home=home), nursery.start(DEAF, home=elsewhere)

    assert end_leftovers(home) == 1

    assert not mine.is_alive
    assert theirs.is_alive
    assert end_leftovers(elsewhere) == 1


def test_crew_starts_a_dead_child_again_after_a_wait(home: Path, nursery: Nursery) -> None:
    supervisor = Supervisor()
    child = supervisor.start(
        lambda: nursery.start(SLEEP, home=home, name="worker"), grace_seconds=5
    )
    assert list(supervisor.tend(100.0)) == []

    child.process.kill()
    child.process.wait()

    (death,) = supervisor.tend(100.0)
    assert death.startswith("The worker stopped with status -9")
    assert list(supervisor.tend(100.5)) == []
    assert list(supervisor.tend(101.0)) == ["The worker runs again."]
    assert list(supervisor.list_alive()) == ["worker"]
    asyncio.run(supervisor.stop_all())
    assert supervisor.list_alive() == {}


def test_crew_waits_longer_after_each_death(home: Path, nursery: Nursery) -> None:
    supervisor = Supervisor()
    supervisor.start(lambda: nursery.start("print('up', flush=True)", home=home), grace_seconds=5)
    now, waits = 0.0, []
    for _ in range(4):
        _await_death(supervisor)
        assert len(list(supervisor.tend(now))) == 1
        begin = now
        while not list(supervisor.tend(now)):
            now += 0.5
        waits.append(now - begin)

    assert waits == [1, 2, 4, 8]


def _await_death(supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 20
    while supervisor.list_alive():
        assert time.monotonic() < deadline
        time.sleep(0.02)
