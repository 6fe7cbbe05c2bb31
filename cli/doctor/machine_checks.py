"""Checks of the machine and of the home: nothing is started, nothing is changed.

interpreter, packages, disk, folders, secrets -> Finding
"""

import os
import shutil
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from stat import S_IMODE

from cli.base.home import Home
from cli.config.checks import check_settings as find_problems
from cli.doctor.findings import Finding, Health
from reports.texts.catalog import tell
from trading.domain.errors import PermanentError

OLDEST_PYTHON = (3, 12)
LEAST_FREE_BYTES = 500_000_000
FEW_FREE_BYTES = 3_000_000_000
LOCK_FILE = Path(__file__).resolve().parents[2] / "uv.lock"
OTHERS = 0o077
OTHERS_MAY_READ = 0o066
"""Passing through the home is allowed: PostgreSQL runs as another user when we run as root."""


def check_python() -> Finding:
    """The interpreter is new enough."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Finding(
            part="Python",
            health=Health.BROKEN,
            detail=f"{found} is too old",
            mend="Install Python 3.12 or newer and run `make setup` again.",
        )
    return Finding(part="Python", health=Health.GOOD, detail=found)


def check_settings() -> Finding:
    """Every setting has a known name and a sound value."""
    problems = find_problems()
    broken = [one.sentence for one in problems if not one.is_warning]
    if problems:
        return Finding(
            part="Settings",
            health=Health.BROKEN if broken else Health.WEAK,
            detail=" ".join(one.sentence for one in problems),
            mend="Correct the environment or .env; `quorum config` lists every setting.",
        )
    return Finding(part="Settings", health=Health.GOOD, detail="all known and within bounds")


def check_packages(lock: Path = LOCK_FILE) -> Finding:
    """Installed versions equal the lock file: Prefect fails silently with other versions."""
    if not lock.exists():
        return Finding(part="Packages", health=Health.IDLE, detail="no uv.lock here to compare")
    locked = {
        package["name"]: package["version"]
        for package in tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
        if "version" in package
    }
    wrong = [
        f"{name} {version} instead of {locked[name]}"
        for name, version in _list_installed()
        if name in locked and locked[name] != version
    ]
    if wrong:
        return Finding(
            part="Packages",
            health=Health.BROKEN,
            detail=", ".join(sorted(wrong)[:5]),
            mend="Run `make setup`: it installs what uv.lock says.",
        )
    return Finding(part="Packages", health=Health.GOOD, detail="as locked")


def check_disk(home: Home) -> Finding:
    """There is room for the database."""
    free = shutil.disk_usage(_nearest(home.root)).free
    detail = f"{free / 1e9:,.1f} GB free"
    mend = "Make room: a database without it stops, and so does trading."
    if free < LEAST_FREE_BYTES:
        return Finding(part="Disk", health=Health.BROKEN, detail=detail, mend=mend)
    if free < FEW_FREE_BYTES:
        return Finding(part="Disk", health=Health.WEAK, detail=detail, mend=mend)
    return Finding(part="Disk", health=Health.GOOD, detail=detail)


def check_home(home: Home) -> Finding:
    """The home has this version's layout, belongs to this user, and is private."""
    if not home.root.exists():
        return Finding(
            part="Home",
            health=Health.IDLE,
            detail=f"{home.root} is not there yet",
            mend="`quorum up` makes it.",
        )
    try:
        home.check_version()
    except PermanentError as error:
        return Finding(part="Home", health=Health.BROKEN, detail=tell(error))
    status = home.root.stat()
    if not os.access(home.root, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            part="Home",
            health=Health.BROKEN,
            detail=f"{home.root} can't be written",
            mend=f"Make it yours: chown -R $USER {home.root}",
        )
    if status.st_mode & OTHERS_MAY_READ:
        return Finding(
            part="Home",
            health=Health.WEAK,
            detail=f"{home.root} can be read by others",
            mend=f"chmod go-rw {home.root}",
        )
    return Finding(part="Home", health=Health.GOOD, detail=str(home.root))


def check_secrets(home: Home) -> Finding:
    """Only the owner can read the secrets."""
    if not home.secrets.exists():
        return Finding(part="Secrets", health=Health.IDLE, detail="none made yet")
    files = sorted(home.secrets.iterdir())
    if any(S_IMODE(path.stat().st_mode) & OTHERS for path in (home.secrets, *files)):
        return Finding(
            part="Secrets",
            health=Health.BROKEN,
            detail=f"others can read {home.secrets}",
            mend=f"chmod 700 {home.secrets} && chmod 600 {home.secrets}/*; if others have "
            "accounts here, replace the keys.",
        )
    return Finding(part="Secrets", health=Health.GOOD, detail=f"{len(files)} files, private")


def _list_installed() -> list[tuple[str, str]]:
    return [
        (found.metadata["Name"].lower().replace("_", "-"), found.version)
        for found in metadata.distributions()
    ]


def _nearest(path: Path) -> Path:
    """The path, or the nearest existing parent folder."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
