"""The accounts: CPU seconds and private memory of whole process trees.

roots by name -> every process below them -> seconds (ended children included), private bytes

A process counts its own seconds and those of the children that it has waited for, so a tree's sum
misses nobody but orphans. Private memory is the unique set size: what ending it would give back.
Seconds of CPU hardly change when others use the machine too; times by the clock do.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

SAMPLE_SECONDS = 2.0
"""Rarely: the kernel walks through every page of every process for it."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    One look.

    Attributes:
        runs: cycles that were open then.
        own_mb: private memory of the trees by name.
        children_mb: of each process below a worker.
    """

    at: float
    runs: int
    own_mb: Mapping[str, float]
    children_mb: tuple[float, ...]
    files: Mapping[str, int]


@dataclass(slots=True, kw_only=True)
class Meter:
    """Watches `roots` (name -> process ids); `count_runs` says how many cycles are open."""

    roots: Mapping[str, Sequence[int]]
    count_runs: Callable[[], int]
    samples: list[Sample] = field(default_factory=list)

    def read_cpu(self) -> dict[str, float]:
        """CPU seconds of each tree since it began."""
        return {name: sum(map(_seconds, _list_trees(pids))) for name, pids in self.roots.items()}

    async def keep_sampling(self) -> None:
        """Until canceled."""
        while True:
            self.samples.append(self.take_sample())
            await asyncio.sleep(SAMPLE_SECONDS)

    def take_sample(self) -> Sample:
        """Look once."""
        trees = {name: list(_list_trees(pids)) for name, pids in self.roots.items()}
        parents = set(self.roots.get("worker", ()))
        children = (one for one in trees.get("worker", []) if one.pid not in parents)
        return Sample(
            at=time.time(),
            runs=self.count_runs(),
            own_mb={name: sum(map(_private_mb, tree)) for name, tree in trees.items()},
            children_mb=tuple(map(_private_mb, children)),
            files={name: sum(map(_count_files, tree)) for name, tree in trees.items()},
        )


def _list_trees(pids: Sequence[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        try:
            root = psutil.Process(pid)
            yield root
            yield from root.children(recursive=True)
        except psutil.NoSuchProcess:
            continue


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _private_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss) / MEGABYTE
    except psutil.Error:
        return 0.0


def _count_files(process: psutil.Process) -> int:
    try:
        return int(process.num_fds())
    except psutil.Error:
        return 0
