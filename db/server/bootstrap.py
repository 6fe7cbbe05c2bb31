"""Bootstrap: turns any PostgreSQL into a migrated database with an address for each role.

admin URL -> lock -> database -> roles -> alembic upgrade head -> DatabaseUrls
admin URL -> lock -> database and role of Prefect's server     -> address for Prefect

Idempotent, and safe for simultaneous starts: a session advisory lock of the server lets the second
starter wait until the first has finished. Only this module uses the admin address.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from db.encryption.secrets import load_or_create
from db.engine.errors import describe
from db.server.addresses import connect
from db.server.roles import (
    APP_ROLE,
    OPERATOR_ROLE,
    ROLES,
    ensure_role,
    ensure_roles,
    replace_password,
)
from trading.domain.errors import PermanentError

DATABASE_NAME = "quorum"
"""Made when the admin address names a maintenance database (postgres, template1)."""
PREFECT = "prefect"
"""Database and role of Prefect's server: beside ours, and neither sees the other."""
MAINTENANCE_DATABASES = frozenset({"postgres", "template1"})
BOOTSTRAP_LOCK = 0x51554F52554D
"""The word QUORUM as a number: the key of the advisory lock."""
OLDEST_SERVER = 160005
"""16.5 (and 17.1) mended row-level security (CVE-2024-10976, CVE-2024-10978)."""
BROKEN_SERVERS = range(170000, 170001)
EXTERNAL_AUTH = {"require_auth": "scram-sha-256,none"}
"""A false server gets no password in clear. A server that asks for none is the operator's choice;
the embedded server's own address insists on SCRAM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrls:
    """The three addresses, for SQLAlchemy; all hold passwords, so none shows in a repr."""

    admin: str = field(repr=False)
    app: str = field(repr=False)
    operator: str = field(repr=False)


async def prepare_database(admin_url: str, secrets: Path) -> DatabaseUrls:
    """
    Create or update the database, the roles and the tables.

    Args:
        admin_url: an address with the right to create roles (and the database when the address
            names `postgres`).
        secrets: folder of the role passwords, 0700.

    Raises:
        PermanentError: with a sentence about the fault of the database, never with the address.
    """
    return await asyncio.to_thread(prepare_database_now, admin_url, secrets=secrets)


def prepare_database_now(admin_url: str, *, secrets: Path) -> DatabaseUrls:
    """The same, for callers without an event loop."""
    url = parse_url(admin_url)
    try:
        with connect(url) as admin:
            _check_server(admin)
            # Roles belong to the whole server, so the lock is taken in the database of the
            # address, which is one and the same for all who start with it.
            admin.execute("SELECT pg_advisory_lock(%s)", (BOOTSTRAP_LOCK,))
            url = _ensure_database(admin, url=url)
            passwords = ensure_roles(admin, secrets=secrets)
            _migrate(url)
            _grant_connection(url)
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from error
    except DBAPIError as error:
        raise PermanentError(f"A migration failed: {describe(error.orig)}") from error
    own = url if "require_auth" in url.query else url.update_query_dict(EXTERNAL_AUTH)
    return DatabaseUrls(
        admin=_text(url),
        app=_text(own.set(username=APP_ROLE, password=passwords[APP_ROLE])),
        operator=_text(own.set(username=OPERATOR_ROLE, password=passwords[OPERATOR_ROLE])),
    )


def prepare_prefect_database(admin_url: str, *, secrets: Path, name: str = PREFECT) -> str:
    """
    Create a database for Prefect's server; Prefect creates the tables.

    The role owns only this database, and no other role may connect to the database.

    Args:
        admin_url: an address with the right to create roles and databases.
        secrets: folder of the role's password, 0700.

    Returns:
        The address for asyncpg, in Prefect's form; the address contains the password.

    Raises:
        PermanentError: with a sentence about the fault of the database.
    """
    url = parse_url(admin_url)
    try:
        with connect(url) as admin:
            admin.execute("SELECT pg_advisory_lock(%s)", (BOOTSTRAP_LOCK,))
            known = name if _has_database(admin, name) else None
            password = ensure_role(admin, PREFECT, secrets=secrets, database=known)
            _ensure_prefect_database(admin, name=name)
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from error
    own = url.difference_update_query(["require_auth"]).set(
        drivername="postgresql+asyncpg", username=PREFECT, password=password, database=name
    )
    return _text(own)


def replace_role_passwords(admin_url: str, *, secrets: Path) -> list[str]:
    """
    Set the password of each existing role to the password in `secrets`; return the roles.

    Raises:
        PermanentError: with a sentence about the fault of the database.
    """
    try:
        with connect(parse_url(admin_url)) as admin:
            admin.execute("SELECT pg_advisory_lock(%s)", (BOOTSTRAP_LOCK,))
            rows = admin.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) ORDER BY 1",
                ([*ROLES, PREFECT],),
            ).fetchall()
            for (role,) in rows:
                replace_password(admin, role, secrets=secrets)
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from error
    return [role for (role,) in rows]


def fill_password(address: str, *, secrets: Path) -> str:
    """
    Complete an address without a password by the secret of the role, `ROLE-password`.

    A container gets the address in the environment and the password as a mounted file. An address
    with a password, or without such a file, is returned unchanged.
    """
    url = make_url(address)
    file = secrets / f"{url.username}-password"
    if url.password is not None or not url.username or not file.exists():
        return address
    return _text(url.set(password=load_or_create(file)))


def parse_url(text: str) -> URL:
    """An address with our driver; `postgres://` is understood. Raises PermanentError."""
    try:
        url = make_url(text.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        raise PermanentError("QUORUM_DATABASE_URL is not an address.") from None
    if url.get_backend_name() != "postgresql":
        raise PermanentError("QUORUM_DATABASE_URL must be a postgresql:// address.")
    return url.set(drivername="postgresql+psycopg")


def alembic_config() -> Config:
    """Alembic without a file: the scripts come out of the installed package."""
    config = Config()
    config.set_main_option("script_location", "db:migrations")
    config.set_main_option("path_separator", "os")
    return config


def run_alembic(connection: Connection, *, revision: str, downgrade: bool = False) -> None:
    """Bring the database on `connection` to `revision`; the caller commits."""
    config = alembic_config()
    config.attributes["connection"] = connection
    (command.downgrade if downgrade else command.upgrade)(config, revision)


def _check_server(admin: psycopg.Connection) -> None:
    version = admin.info.server_version
    if version < OLDEST_SERVER or version in BROKEN_SERVERS:
        raise PermanentError(
            f"PostgreSQL {version // 10000}.{version % 10000} has known holes in row-level "
            "security: use 16.5, 17.1 or newer."
        )


def _ensure_database(admin: psycopg.Connection, *, url: URL) -> URL:
    if url.database not in MAINTENANCE_DATABASES:
        return url
    if not _has_database(admin, DATABASE_NAME):
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                sql.Identifier(DATABASE_NAME)
            )
        )
    return url.set(database=DATABASE_NAME)


def _ensure_prefect_database(admin: psycopg.Connection, *, name: str) -> None:
    database, owner = sql.Identifier(name), sql.Identifier(PREFECT)
    if not _has_database(admin, name):
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'").format(
                database, owner
            )
        )
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))


def _has_database(admin: psycopg.Connection, name: str) -> bool:
    found = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    return found.fetchone() is not None


def _migrate(url: URL) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        run_alembic(connection, revision="head")


def _grant_connection(url: URL) -> None:
    """Let only our roles connect, and let no role create temporary tables."""
    database = sql.Identifier(str(url.database))
    roles = sql.SQL(", ").join(map(sql.Identifier, ROLES))
    with connect(url) as connection:
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, roles))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
