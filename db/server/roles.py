"""Roles of the database: creates the two roles of Quorum's processes, with their passwords.

Both are NOSUPERUSER NOBYPASSRLS and own nothing: row-level security applies to every query.
`quorum_app` sees the rows of a single user, the tenant of the transaction. `quorum_operator` reads
across users for reconciling, monitoring and delivery, and never reads a sealed key.
"""

from pathlib import Path

import psycopg
from psycopg import sql

from db.encryption.secrets import load_or_create
from trading.domain.errors import PermanentError

APP_ROLE = "quorum_app"
OPERATOR_ROLE = "quorum_operator"
ROLES = (APP_ROLE, OPERATOR_ROLE)
CONNECT_SECONDS = 10
_RIGHTS = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT")


def ensure_roles(connection: psycopg.Connection, *, secrets: Path) -> dict[str, str]:
    """
    Create the missing roles with the passwords kept in `secrets`; return passwords by role.

    Raises:
        PermanentError: as `ensure_role` does.
    """
    return {role: ensure_role(connection, role, secrets=secrets) for role in ROLES}


def ensure_role(
    connection: psycopg.Connection, role: str, *, secrets: Path, database: str | None = None
) -> str:
    """
    Create a missing role; return the password.

    The password of an existing role never changes here: another home may be at work with the
    password, and would be cut off. `replace_password` is the explicit way.

    Args:
        database: where an existing role may log in; None for the database of `connection`.

    Raises:
        PermanentError: when an existing role bypasses row-level security, or the password in
            `secrets` does not open the role.
    """
    attributes = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)
    ).fetchone()
    file = secrets / f"{role}-password"
    if attributes is None:
        connection.execute(sql.SQL("CREATE ROLE {} WITH {}").format(sql.Identifier(role), _RIGHTS))
        return replace_password(connection, role, secrets=secrets)
    if attributes[0]:
        raise PermanentError(f"The role {role} may pass row-level security: take that away.")
    if not file.exists() or not _opens(
        connection, role, password=load_or_create(file), database=database
    ):
        raise PermanentError(
            f"The role {role} exists in the database, and the secrets in {secrets} do not open "
            "it: another home uses this database. Nothing was changed. Use that home or its "
            "secrets, or another database. `quorum replace-passwords` sets the passwords of this "
            "home and cuts the other home off."
        )
    return load_or_create(file)


def replace_password(connection: psycopg.Connection, role: str, *, secrets: Path) -> str:
    """
    Set the role's password to the password kept in `secrets`, created if missing; return it.

    The password is sent as a SCRAM verifier, so no server log can show the password.
    """
    password = load_or_create(secrets / f"{role}-password")
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} WITH LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier)
        )
    )
    return password


def _opens(
    connection: psycopg.Connection, role: str, *, password: str, database: str | None
) -> bool:
    """Whether the role can log in with the password, to `database` or that of `connection`."""
    info = connection.info
    try:
        with psycopg.connect(
            host=info.host,
            port=info.port,
            dbname=database or info.dbname,
            user=role,
            password=password,
            connect_timeout=CONNECT_SECONDS,
        ):
            return True
    except psycopg.OperationalError:
        return False
