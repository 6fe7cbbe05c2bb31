"""Questions to PostgreSQL's own catalog, and its rows as they are, seen by the owner."""

from typing import Any

import psycopg
from psycopg import sql


def list_tables(connection: psycopg.Connection) -> list[str]:
    """Our tables, Alembic's own left out."""
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version' ORDER BY 1"
    )
    return [name for (name,) in rows]


def list_user_tables(connection: psycopg.Connection) -> list[str]:
    """Our tables with a user_id."""
    rows = connection.execute(
        "SELECT table_name FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = 'public'"
        " AND column_name = 'user_id' AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    return [name for (name,) in rows]


def count_rows(connection: psycopg.Connection, table: str) -> int:
    """How many rows the connection's role sees."""
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def digest_tables(connection: psycopg.Connection) -> dict[str, Any]:
    """A fingerprint of each table's rows: equal only when no row changed, came or went."""
    query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} AS t"
    digests = {}
    for table in list_tables(connection):
        row = connection.execute(sql.SQL(query).format(sql.Identifier(table))).fetchone()
        assert row is not None
        digests[table] = row[0]
    return digests


def connect_as(url: str) -> psycopg.Connection:
    """A plain connection of a role, by an address for SQLAlchemy."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
