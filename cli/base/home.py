"""The home folder: paths, permissions, layout version and the lock of an installation.

QUORUM_HOME -> postgres/ prefect/ secrets/ results/ logs/, up.lock, stack.json, VERSION

The folder and all files belong to a single user: 0700 for folders, 0600 for files. `VERSION` is
the layout's number; a home of another layout is refused before any change. The kernel releases the
lock (flock) at the death of the process, so a kill -9 leaves no lock behind.
"""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.encryption.secrets import load_or_create, make_password
from trading.domain.errors import PermanentError

LAYOUT_VERSION = 1
PRIVATE_FOLDER = 0o700


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
            self.check_version()
            if not (version := self.root / "VERSION").exists():
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
        if not (self.root / "up.lock").exists():
            return False
        with (self.root / "up.lock").open("a") as file:
            return not _try_lock(file.fileno())

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the home for a single stack. Raises PermanentError while another holds it."""
        path = self.root / "up.lock"
        with path.open("a+", encoding="utf-8") as file:
            if not _lock_patiently(file.fileno()):
                file.seek(0)
                holder = file.read().strip() or "unknown"
                raise PermanentError(
                    f"Quorum already runs on {self.root} (process {holder}). Stop it first, or "
                    "choose another home with --home."
                )
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield


def _lock_patiently(descriptor: int) -> bool:
    """Try for a moment: somebody who asks `is_locked` holds the lock for an instant."""
    for _ in range(5):
        if _try_lock(descriptor):
            return True
        time.sleep(0.05)
    return False


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
