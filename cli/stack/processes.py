"""Our child processes: started so that none outlives us, ended in order, found after a crash.

command -> own session, dies with its parent, marked with its home -> log file

Each child leads a session of its own: a Ctrl-C in the terminal reaches only us, and we end the
children in order. On Linux the kernel kills a child when its parent dies (PR_SET_PDEATHSIG).
Grandchildren are not covered by that, so every process inherits `QUORUM_STACK`, the home it
belongs to: after a kill -9 the next start finds and ends what is left of the old stack, and
nothing else.
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
    """A process that we started; its output goes to `log`."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def tail_log(self, *, lines: int = 5) -> str:
        """The last lines it wrote, for a person who asks why it died."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.strip().splitlines()[-lines:])


def start_child(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], home: Path, log: Path
) -> Child:
    """Start `command` as a child of this process; `home` is the stack that it belongs to."""
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
    Ask the child to end, wait, and kill what is left of its session.

    Returns:
        Whether it ended by itself within `grace_seconds`.
    """
    if child.is_alive:
        child.process.send_signal(signal.SIGTERM)
    has_ended = await wait_child(child, seconds=grace_seconds)
    _kill_session(child.process.pid)
    await wait_child(child, seconds=KILL_SECONDS)
    return has_ended


async def wait_child(child: Child, *, seconds: float) -> bool:
    """Wait for the child's end; False when it still runs after `seconds`."""
    deadline = time.monotonic() + seconds
    while child.is_alive:
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def end_leftovers(home: Path) -> int:
    """Kill what a dead stack on `home` left behind; answers how many processes that were."""
    found = list_stack_processes(home)
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, timeout=KILL_SECONDS)
    return len(found)


def list_stack_processes(home: Path) -> list[psutil.Process]:
    """Processes that belong to the stack on `home`, this one and those of others left out."""
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _read_mark(process) == str(home)
    ]


def _read_mark(process: psutil.Process) -> str | None:
    try:
        environment: dict[str, str] = process.environ()
    except (psutil.Error, OSError):
        return None  # gone, a zombie, or somebody else's
    return environment.get(MARK)


def _kill_session(session: int) -> None:
    """Kill every process whose session is `session`; there may be none."""
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.pid != os.getpid():
                process.kill()
        except (ProcessLookupError, PermissionError, psutil.Error):
            continue


def hear_interrupts() -> None:
    """
    Let SIGINT end this process and what it becomes, however it was started.

    A script's background job (`quorum up &`) is born deaf to SIGINT, and so is all that it starts.
    Prefect's worker passes SIGTERM on to itself as SIGINT, and would never end.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _build_beginning() -> Callable[[], None]:
    """What the child does before it becomes the command: ask to be killed with its parent."""
    if sys.platform != "linux":
        return hear_interrupts
    library = ctypes.CDLL(None, use_errno=True)  # loaded here: a forked child must not
    parent = os.getpid()

    def begin() -> None:
        hear_interrupts()
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return begin


def _rotate(log: Path) -> None:
    """Keep one older log once this one has grown; only at a start, nobody writes then."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))
