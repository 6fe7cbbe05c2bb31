"""The home folder: paths, permissions, layout version and the lock of an installation.

QUORUM_HOME -> postgres/ prefect/ secrets/ results/ logs/, up.lock, stack.json, VERSION

The folder and all files belong to a single user: 0700 for folders, 0600 for files. `VERSION` is
the layout's number; a home of another layout is refused before any change. The kernel releases the
lock at the death of the process, so a kill -9 leaves no lock behind.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from db.encryption.secrets import load_or_create, make_password
from trading.domain.errors import PermanentError

LAYOUT_VERSION = 1
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
LOCK_SECONDS = 0.25
"""`is_locked` of another process holds the lock for an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Paths of a home; `prepare` creates the folders."""

    root: Path

    @property
    def postgres(self) -> Path:
        """Data folder of the embedded PostgreSQL."""
        return self.root / "postgres"

    @property
    def prefect(self) -> Path:
        """PREFECT_HOME of the server and of every client started by Quorum."""
        return self.root / "prefect"

    @property
    def secrets(self) -> Path:
        """Master key, passwords of database roles, Prefect's auth string and encryption key."""
        return self.root / "secrets"

    @property
    def results(self) -> Path:
        """Task results shared between runs."""
        return self.root / "results"

    @property
    def logs(self) -> Path:
        """A log file for each process."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """State file of the running stack: process id, addresses. No secrets."""
        return self.root / "stack.json"

    def prepare(self) -> None:
        """
        Make the folders, for this person only.

        Raises:
            PermanentError: when the folder can't be made or was laid out by another version.
        """
        try:
            for path in (self.root, self.prefect, self.secrets, self.results, self.logs):
                path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
                _make_private(path, foreign=0o076 if path == self.root else 0o077)
            for path in self.root.iterdir():
                if path.is_file() and not path.is_symlink():
                    _make_private(path, foreign=0o077)
            self.check_version()
            if not (version := self.root / "VERSION").exists():
                version.touch(mode=PRIVATE_FILE)
                version.write_text(f"{LAYOUT_VERSION}\n", encoding="utf-8")
        except OSError as error:
            raise PermanentError(
                f"The folder {self.root} can't be used: {error.strerror}. Choose another one "
                "with --home or QUORUM_HOME."
            ) from error

    def check_version(self) -> None:
        """Raise PermanentError when another layout wrote this home; a new home passes."""
        path = self.root / "VERSION"
        found = path.read_text(encoding="utf-8").strip() if path.exists() else str(LAYOUT_VERSION)
        if found != str(LAYOUT_VERSION):
            raise PermanentError(
                f"{self.root} was laid out by version {found}, this Quorum reads version "
                f"{LAYOUT_VERSION}. Nothing was changed: use that Quorum, or another home."
            )

    def ensure_secret(self, name: str, *, make: Callable[[], str] = make_password) -> str:
        """The secret named `name`; created once, readable by the owner only."""
        return load_or_create(self.secrets / name, make=make)

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write the state file of the running stack."""
        draft = self.state.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        draft.touch(mode=PRIVATE_FILE)
        draft.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.state)

    def load_state(self) -> dict[str, Any] | None:
        """The published state of the running stack; None without one (a stale file)."""
        if not self.is_locked() or not self.state.exists():
            return None
        loaded: dict[str, Any] = json.loads(self.state.read_text(encoding="utf-8"))
        return loaded

    def is_locked(self) -> bool:
        """Whether a stack runs on this home."""
        if not self._lock_file.exists():
            return False
        try:
            with self._make_lock(seconds=0):
                return False
        except Timeout:
            return True

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the home for a single stack. Raises PermanentError while another holds it."""
        try:
            held = self._make_lock(seconds=LOCK_SECONDS).acquire()
        except Timeout:
            holder = self._lock_file.read_text(encoding="utf-8").strip() or "unknown"
            raise PermanentError(
                f"Quorum already runs on {self.root} (process {holder}). Stop it first, or "
                "choose another home with --home."
            ) from None
        with held:
            self._lock_file.write_text(f"{os.getpid()}\n", encoding="utf-8")
            yield

    @property
    def _lock_file(self) -> Path:
        return self.root / "up.lock"

    def _make_lock(self, *, seconds: float) -> FileLock:
        return FileLock(self._lock_file, timeout=seconds, mode=PRIVATE_FILE)


def _make_private(path: Path, *, foreign: int) -> None:
    """
    Take the rights `foreign` of other users from a path of ours; older releases left some.

    Passage through the home itself (without listing) stays: as root, the database's user passes
    through.
    """
    found = path.stat()
    if found.st_uid == os.geteuid() and found.st_mode & foreign:
        path.chmod(found.st_mode & ~foreign & 0o7777)
