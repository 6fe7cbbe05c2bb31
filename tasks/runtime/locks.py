"""File locks for shared work between processes of a machine, released at process death.

    acquire -> flock on a file named by the key -> release (unlink, close)

Prefect's own file locks remain after a killed process, wait without yielding to the event loop and
name files by a shortened key. The kernel's `flock` ends with the process, even after kill -9. A
hanging holder loses the lock after `HOLD_LIMIT_SECONDS`: doing shared work twice only costs more.
No order depends on such a lock.
"""

import asyncio
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from prefect.locking.protocol import LockManager

HOLD_LIMIT_SECONDS = 180.0
"""Longer than any shared task may run."""
FIRST_POLL_SECONDS = 0.01
LAST_POLL_SECONDS = 0.2


class FileLocks(LockManager):
    """
    Prefect's lock port over `flock`.

    Args:
        folder: Folder of the lock files, the same for all sharing processes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: dict[str, tuple[str, int]] = {}

    def acquire_lock(  # signature: Prefect's
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,  # noqa: ARG002, the port's; the hold limit is fixed
    ) -> bool:
        """Wait (blocking the thread) for the lock; False after the timeout."""
        for pause in _pauses(acquire_timeout):
            time.sleep(pause)
            if self._try_acquire(key, holder=holder):
                return True
        return False

    async def aacquire_lock(  # signature: Prefect's
        self,
        key: str,
        holder: str,
        acquire_timeout: float | None = None,
        hold_timeout: float | None = None,  # noqa: ARG002, the port's; the hold limit is fixed
    ) -> bool:
        """Wait for the lock; False after the timeout."""
        for pause in _pauses(acquire_timeout):
            await asyncio.sleep(pause)
            if self._try_acquire(key, holder=holder):
                return True
        return False

    def release_lock(self, key: str, holder: str) -> None:
        """Release the lock. Raises ValueError when `holder` does not hold the lock."""
        if not self.is_lock_holder(key, holder):
            raise ValueError(f"{holder} does not hold the lock of {key}")
        _, descriptor = self._held.pop(key)
        if _is_same_file(descriptor, self._path(key)):
            self._path(key).unlink(missing_ok=True)
        os.close(descriptor)

    def is_locked(self, key: str) -> bool:
        """Whether any process holds the lock."""
        if key in self._held:
            return True
        try:
            descriptor = os.open(self._path(key), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _try_flock(descriptor)
        finally:
            os.close(descriptor)

    def is_lock_holder(self, key: str, holder: str) -> bool:
        """Whether `holder` of this process has the lock."""
        return key in self._held and self._held[key][0] == holder

    def wait_for_lock(self, key: str, timeout: float | None = None) -> bool:
        """Wait (blocking the thread) until the lock is free; False after the timeout."""
        for pause in _pauses(timeout):
            time.sleep(pause)
            if not self.is_locked(key):
                return True
        return False

    async def await_for_lock(self, key: str, timeout: float | None = None) -> bool:  # noqa: ASYNC109, the port's
        """Wait until the lock is free; False after the timeout."""
        for pause in _pauses(timeout):
            await asyncio.sleep(pause)
            if not self.is_locked(key):
                return True
        return False

    def _path(self, key: str) -> Path:
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.lock"

    def _try_acquire(self, key: str, *, holder: str) -> bool:
        if self.is_lock_holder(key, holder):
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        # The file may have been unlinked between open and flock: then the lock guards nothing.
        if _try_flock(descriptor) and _is_same_file(descriptor, path):
            os.utime(descriptor)
            self._held[key] = (holder, descriptor)
            return True
        os.close(descriptor)
        _pass_over(path)
        return False


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _pass_over(path: Path) -> None:
    """Unlink the file of a hanging holder: the next process locks a new file."""
    try:
        if time.time() - path.stat().st_mtime > HOLD_LIMIT_SECONDS:
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return


def _pauses(timeout: float | None) -> Iterator[float]:
    """Seconds before each try until the timeout: none, then doubling, then constant."""
    deadline = float("inf") if timeout is None else time.monotonic() + timeout
    yield 0
    pause = FIRST_POLL_SECONDS
    while time.monotonic() < deadline:
        yield pause
        pause = min(pause * 2, LAST_POLL_SECONDS)
