"""A `quorum up` in a process of its own, as a person starts it; its lines can be waited for."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from cli.stack.processes import list_stack_processes

PATIENCE_SECONDS = 150.0
"""Far more than it takes on idle cores (a start: 20 s), because the tests share them."""
POLL_SECONDS = 0.1


class StackProcess:
    """
    Start it on `home`, read what it says from a file, end it.

    The working folder is empty, so that no .env of the checkout is read.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int,
        arguments: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self._output = home.with_name(f"{home.name}-{port}-{time.monotonic_ns()}.log")
        folder = home.with_name("empty")
        folder.mkdir(exist_ok=True)
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "cli.main", "up", "--market", "sample"),
                    *("--home", str(home), "--port", str(port), *arguments),
                ],
                cwd=folder,
                env={**_read_environment(), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything it has said."""
        return self._output.read_text(encoding="utf-8")

    def await_line(self, text: str) -> None:
        """Wait until it has said `text`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.output:
            assert self.process.poll() is None, f"it ended before '{text}':\n{self.output}"
            assert time.monotonic() < deadline, f"no '{text}' in time:\n{self.output}"
            time.sleep(POLL_SECONDS)

    def await_end(self) -> int:
        """Wait until it has ended; its exit status."""
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def interrupt(self) -> int:
        """Ctrl-C, then wait; its exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.await_end()

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        self.process.kill()
        self.await_end()


def _read_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QUORUM_")}
    return kept | {"QUORUM_FEEDS": "none"}


def list_left(home: Path) -> list[str]:
    """Command lines of processes that belong to the home or name it, PostgreSQL's too."""
    named = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(home) in " ".join(process.info["cmdline"] or ())
    ]
    return [" ".join(p.cmdline()) for p in {*named, *list_stack_processes(home)}]
