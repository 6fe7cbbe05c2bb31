"""Locks of shared work: one holder at a time, in this process and in others, whoever dies."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.runtime.locks import HOLD_LIMIT_SECONDS, FileLocks

HOLDER = """
import sys
from pathlib import Path
from tasks.runtime.locks import FileLocks
locks = FileLocks(Path(sys.argv[1]))
assert locks.acquire_lock("key", "child")
print("held", flush=True)
sys.stdin.read()
"""


def start_holder(folder: Path) -> subprocess.Popen[str]:
    """A process that holds `key` until it ends."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def list_files(folder: Path) -> list[Path]:
    """What locks have left in their folder."""
    return list(folder.iterdir())


def end(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.communicate()


async def test_one_holder_at_a_time(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    inside = most = 0

    async def work(holder: str) -> None:
        nonlocal inside, most
        assert await locks.aacquire_lock("key", holder)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        locks.release_lock("key", holder)

    await asyncio.gather(*(work(f"holder {number}") for number in range(20)))
    assert most == 1
    assert list_files(tmp_path) == []


async def test_a_holder_may_ask_again(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    assert await locks.aacquire_lock("key", "me")
    assert await locks.aacquire_lock("key", "me")
    assert locks.is_lock_holder("key", "me")
    assert not locks.is_lock_holder("key", "you")


async def test_keys_that_differ_only_behind_a_dot_are_different(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    assert await locks.aacquire_lock("a.1", "me")
    assert await locks.aacquire_lock("a.2", "you", acquire_timeout=0)


def test_only_the_holder_gives_it_back(tmp_path: Path) -> None:
    locks = FileLocks(tmp_path)
    assert locks.acquire_lock("key", "me")
    with pytest.raises(ValueError, match="does not hold"):
        locks.release_lock("key", "you")


async def test_time_runs_out_while_another_process_holds_it(tmp_path: Path) -> None:
    child = start_holder(tmp_path)
    locks = FileLocks(tmp_path)
    try:
        assert locks.is_locked("key")
        assert not await locks.aacquire_lock("key", "me", acquire_timeout=0.05)
        assert not locks.acquire_lock("key", "me", acquire_timeout=0.05)
        assert not await locks.await_for_lock("key", timeout=0.05)
        assert not locks.wait_for_lock("key", timeout=0.05)
    finally:
        end(child)


async def test_a_killed_holder_leaves_nothing_locked(tmp_path: Path) -> None:
    end(start_holder(tmp_path))
    locks = FileLocks(tmp_path)
    assert not locks.is_locked("key")
    assert await locks.await_for_lock("key", timeout=0)
    assert locks.wait_for_lock("key", timeout=0)
    assert await locks.aacquire_lock("key", "me", acquire_timeout=0)


async def test_a_holder_that_hangs_is_passed_over(tmp_path: Path) -> None:
    child = start_holder(tmp_path)
    (file,) = list_files(tmp_path)
    long_ago = time.time() - HOLD_LIMIT_SECONDS - 1
    os.utime(file, (long_ago, long_ago))
    locks = FileLocks(tmp_path)
    try:
        assert await locks.aacquire_lock("key", "me", acquire_timeout=1)
        locks.release_lock("key", "me")
    finally:
        end(child)
