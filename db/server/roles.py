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
_RIGHTS = sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT")


def ensure_roles(connection: psycopg.Connection, *, secrets: Path) -> dict[str, str]:
    """
    Create or update the roles with the passwords kept in `secrets`; return passwords by role.

    A password is sent as a SCRAM verifier, so no server log can show the password.

    Raises:
        PermanentError: when an existing role of the same name bypasses row-level security.
    """
    return {role: ensure_role(connection, role, secrets=secrets) for role in ROLES}


def ensure_role(connection: psycopg.Connection, role: str, *, secrets: Path) -> str:
    """Create or update a role; return the password."""
    password = load_or_create(secrets / f"{role}-password")
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    name = sql.Identifier(role)
    attributes = connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", (role,)
    ).fetchone()
    if attributes is None:
        connection.execute(sql.SQL("CREATE ROLE {} WITH {}").format(name, _RIGHTS))
    elif attributes[0]:
        raise PermanentError(f"The role {role} may pass row-level security: take that away.")
    connection.execute(
        sql.SQL("ALTER ROLE {} WITH LOGIN PASSWORD {}").format(name, sql.Literal(verifier))
    )
    return password
