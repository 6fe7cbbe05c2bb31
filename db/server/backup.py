"""Backups: dump all data of the database into a file, and restore such a file.

database -> pg_dump (compressed) -> file;  file -> roles -> pg_restore -> migrated -> addresses

PostgreSQL's own tools do the work, at a single instant and in a single transaction. The file holds
sealed keys as ciphertext, like the database, and does not hold the master key. Passwords travel in
the environment, never in arguments: every process of the machine can read arguments.
"""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from db.engine.errors import describe
from db.server.addresses import connect, to_libpq
from db.server.binaries import BINARIES
from db.server.bootstrap import (
    DATABASE_NAME,
    MAINTENANCE_DATABASES,
    DatabaseUrls,
    parse_url,
    prepare_database_now,
)
from db.server.roles import ensure_roles
from trading.domain.errors import PermanentError

BACKUP_SECONDS = 3600
MAGIC = b"PGDMP"
"""What a dump in the custom format begins with."""


def back_up(admin_url: str, *, file: Path) -> int:
    """
    Write all data into a new file readable by the owner only; return the size in bytes.

    Args:
        admin_url: of the owner, exempt from row-level security.

    Raises:
        PermanentError: when the file exists, or the database refuses.
    """
    url = _find_database(parse_url(admin_url))
    if file.exists():
        raise PermanentError(f"{file} exists already: a backup never replaces another one.")
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    try:
        _run("pg_dump", "--format=custom", f"--file={draft}", url=url)
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(admin_url: str, *, file: Path, secrets: Path) -> DatabaseUrls:
    """
    Create the database from a file, then migrate the database to this release.

    Args:
        admin_url: an address with the right to create databases and roles.
        secrets: folder of the role passwords; created when missing.

    Raises:
        PermanentError: when the file is no backup, or the database holds data already or refuses;
            a failed restore leaves the database empty.
    """
    check_backup(file)
    url = parse_url(admin_url)
    target = _find_database(url)
    try:
        with connect(url) as admin:
            _ensure_empty(admin, url=url, target=target)
            ensure_roles(admin, secrets=secrets)
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from error
    _run(
        "pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(file),
        url=target,
    )  # fmt: skip
    return prepare_database_now(_text(target), secrets=secrets)


def check_backup(file: Path) -> None:
    """Raise PermanentError unless the file can be read and is a dump of ours."""
    try:
        with file.open("rb") as opened:
            head = opened.read(len(MAGIC))
    except OSError as error:
        raise PermanentError(f"{file} can't be read: {error.strerror}.") from error
    if head != MAGIC:
        raise PermanentError(f"{file} is no backup of Quorum.")


def _ensure_empty(admin: psycopg.Connection, *, url: URL, target: URL) -> None:
    name = str(target.database)
    if url.database != name:
        found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(name)
                )
            )
            return
    with connect(target) as connection:
        held = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    if held is None or held[0]:
        raise PermanentError(
            f"The database {name} is not empty, and nothing was changed: restore into a new home "
            "or a new database."
        )


def _find_database(url: URL) -> URL:
    """Ours, when the address names only a maintenance database."""
    return url.set(database=DATABASE_NAME) if url.database in MAINTENANCE_DATABASES else url


def _run(command: str, *arguments: str, url: URL) -> None:
    address = to_libpq(url.set(password=None))
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    done = subprocess.run(  # noqa: S603  (our binary, our arguments, no shell)
        (str(BINARIES / command), f"--dbname={address}", *arguments),
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BACKUP_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error:" in line] or ["no reason"]
        raise PermanentError(f"{command} failed: {lines[0].partition('error: ')[2] or lines[0]}")


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
