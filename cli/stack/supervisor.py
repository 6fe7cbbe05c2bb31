"""Supervisor of child processes: starts in order, restarts after a death, stops in reverse order.

start -> tend (every second) -> stop

A dead child restarts after 1, 2, 4 ... 60 s. The other children keep running meanwhile: a worker
polls until the Prefect server answers again. The schedule does not make up for missed runs.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cli.stack.processes import Child, stop_child

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
HEALTHY_SECONDS = 300.0
"""After so long a life of a child, the wait before the next restart is 1 s again."""


@dataclass(slots=True)
class _Member:
    child: Child
    start: Callable[[], Child]
    grace_seconds: float
    started_at: float
    wait_seconds: float = FIRST_WAIT_SECONDS
    due_at: float | None = None


class Supervisor:
    """The children by name. Callers pass `time.monotonic()` to `tend`: `start` reads the same."""

    def __init__(self) -> None:
        self._members: dict[str, _Member] = {}

    def start(self, start: Callable[[], Child], *, grace_seconds: float) -> Child:
        """Start and supervise a child; `grace_seconds` is the time limit of a stop."""
        child = start()
        self._members[child.name] = _Member(
            child=child, start=start, grace_seconds=grace_seconds, started_at=time.monotonic()
        )
        return child

    def tend(self, now: float) -> Iterator[str]:
        """Restart dead children when due; return a sentence for each death and each restart."""
        for name, member in self._members.items():
            if member.child.is_alive:
                if now - member.started_at > HEALTHY_SECONDS:
                    member.wait_seconds = FIRST_WAIT_SECONDS
            elif member.due_at is None:
                member.due_at = now + member.wait_seconds
                member.wait_seconds = min(member.wait_seconds * 2, LONGEST_WAIT_SECONDS)
                yield (
                    f"The {name} stopped with status {member.child.process.returncode}: starting "
                    f"it again; its log is {member.child.log}."
                )
            elif now >= member.due_at:
                member.child, member.due_at, member.started_at = member.start(), None, now
                yield f"The {name} runs again."

    def list_alive(self) -> dict[str, int]:
        """Process ids of the running children by name."""
        return {
            name: member.child.process.pid
            for name, member in self._members.items()
            if member.child.is_alive
        }

    async def stop(self, name: str) -> None:
        """Stop the child with a name, if any, without a restart."""
        if (member := self._members.pop(name, None)) is not None:
            await stop_child(member.child, grace_seconds=member.grace_seconds)

    async def stop_all(self) -> None:
        """Stop every child in reverse order of the starts."""
        for name in reversed(list(self._members)):
            await self.stop(name)
