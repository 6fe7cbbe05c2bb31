"""Decides when to recycle a warm worker.

runs, age, memory, code on disk -> find_reason -> drain -> exit -> restart

A process that runs for weeks accumulates the leftovers of every run and keeps the code of the
start. A code change counts once two heartbeats see the same files: a copy may be in progress.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from flows.worker.settings import WorkerSettings

ROOMS = ("trading", "blocks", "db", "reports", "tasks", "commands", "flows")
MEGABYTE = 1_000_000


@dataclass(slots=True, kw_only=True)
class RecyclingPolicy:
    """Counters and limits of one process; `root` is the folder of the rooms."""

    limits: WorkerSettings
    root: Path
    runs: int = 0
    _began: float = field(default_factory=time.monotonic)
    _loaded: int = 0
    _seen: int = 0

    def __post_init__(self) -> None:
        self._loaded = self._seen = self._read_code()

    def find_reason(self) -> str | None:
        """Why to recycle the process, None while no limit is reached; called at each heartbeat."""
        age = time.monotonic() - self._began
        memory = psutil.Process(os.getpid()).memory_info().rss / MEGABYTE
        if self.runs >= self.limits.max_runs:
            return f"it has taken {self.runs} runs"
        if age >= self.limits.max_seconds:
            return f"it is {age / 3600:.1f} h old"
        if memory >= self.limits.max_mb:
            return f"it has {memory:.0f} MB"
        return "its code has changed" if self._has_new_code() else None

    def _has_new_code(self) -> bool:
        before, self._seen = self._seen, self._read_code()
        return self._seen != self._loaded and self._seen == before

    def _read_code(self) -> int:
        """Hash of the names, times and sizes of our files; 0 when `watch_code` is off."""
        if not self.limits.watch_code:
            return 0
        files = [path for room in ROOMS for path in sorted((self.root / room).rglob("*.py"))]
        return hash(tuple(map(_describe, [*files, Path(".env").absolute()])))


def _describe(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size
