"""Child processes of a stack: none outlives the stack, all end in order.

command -> own session, dies with the parent, marked with the home -> log file

Each child leads a session: a Ctrl-C in the terminal reaches only the stack, and the stack ends the
children in order. On Linux the kernel kills a child when the parent dies (PR_SET_PDEATHSIG). The
signal does not cover grandchildren, so every process inherits `QUORUM_STACK`, the path of the
home: after a kill -9 the next start finds and ends the remaining processes of the old stack, and
no others.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MARK = "QUORUM_STACK"
POLL_SECONDS = 0.05
KILL_SECONDS = 5.0
LOG_BYTES = 20_000_000
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A child process; `log` receives the output."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def tail_log(self, *, lines: int = 5) -> str:
        """The last lines of the log, to explain an early death."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])


def start_child(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], home: Path, log: Path
) -> Child:
    """Start `command` as a child of this process; `home` is the home of the stack."""
    _rotate(log)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            env={**environment, MARK: str(home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_build_beginning(),  # noqa: PLW1509 - no threads of ours run yet
        )
    return Child(name=name, process=process, log=log)


async def stop_child(child: Child, *, grace_seconds: float) -> bool:
    """
    Ask the child to end, wait, and kill the rest of the session.

    Returns:
        Whether the child ended without a kill within `grace_seconds`.
    """
    if child.is_alive:
        child.process.send_signal(signal.SIGTERM)
    has_ended = await wait_child(child, seconds=grace_seconds)
    _kill_session(child.process.pid)
    await wait_child(child, seconds=KILL_SECONDS)
    return has_ended


async def wait_child(child: Child, *, seconds: float) -> bool:
    """Wait for the child's end; False when still running after `seconds`."""
    deadline = time.monotonic() + seconds
    while child.is_alive:
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def end_leftovers(home: Path) -> int:
    """Kill the remaining processes of a dead stack on `home`; return the number."""
    found = list_stack_processes(home)
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, timeout=KILL_SECONDS)
    return len(found)


def list_stack_processes(home: Path) -> list[psutil.Process]:
    """Processes of the stack on `home`, without this process and unreadable processes."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _read_mark(process) == str(home)
    ]


def _read_mark(process: psutil.Process) -> str | None:
    try:
        environment: dict[str, str] = process.environ()
    except (psutil.Error, OSError):
        return None  # gone, a zombie, or a process of another user
    return environment.get(MARK)


def _kill_session(session: int) -> None:
    """Kill every process of `session`, if any."""
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.pid != os.getpid():
                process.kill()
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue


def hear_interrupts() -> None:
    """
    Restore the default SIGINT for this process and its children.

    A background job of a script (`quorum up &`) starts with SIGINT ignored, as do all children.
    Prefect's worker forwards SIGTERM as SIGINT to the same process, and would never end.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _build_beginning() -> Callable[[], None]:
    """Build the child's first step before the exec: request a kill at the parent's death."""
    if sys.platform != "linux":
        return hear_interrupts
    library = ctypes.CDLL(None, use_errno=True)  # loaded here: a forked child must not
    parent = os.getpid()

    def begin() -> None:
        hear_interrupts()
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # the parent died before the request
            os._exit(1)

    return begin


def _rotate(log: Path) -> None:
    """Rotate a large log, keeping one older file; only at a start, without a concurrent writer."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))
