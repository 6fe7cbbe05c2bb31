"""Everything that a stopped home keeps, as plain values, to compare before and after.

home -> embedded PostgreSQL -> every row of our tables | Prefect's deployments and blocks -> Books
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from db.server.bootstrap import parse_url
from db.server.embedded import EmbeddedPostgres

TABLES = """
select c.relname, a.attname
from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = 'public' and c.relkind = 'r' and c.relname <> 'alembic_version'
order by 1, 2
"""
DEPLOYMENTS = """
select f.name || '/' || d.name, d.paused, d.parameters::text, d.entrypoint,
       (select json_agg(s.schedule order by s.id)::text from deployment_schedule s
        where s.deployment_id = d.id)
from deployment d join flow f on f.id = d.flow_id order by 1
"""
BLOCKS = """
select t.slug || '/' || b.name, b.data::text
from block_document b join block_type t on t.id = b.block_type_id where not b.is_anonymous
order by 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    What a home holds.

    Attributes:
        rows: table -> rows, each as column -> text of the value; sorted.
        deployments: full name -> paused, parameters, entrypoint, schedules.
        blocks: type and name -> the sealed data.
    """

    rows: dict[str, list[dict[str, str | None]]]
    deployments: dict[str, dict[str, Any]]
    blocks: dict[str, str] = field(repr=False)

    def columns(self, table: str) -> set[str]:
        """The columns of a table that holds rows."""
        return set(self.rows[table][0]) if self.rows.get(table) else set()


def read_books(home: Path, *, has_prefect: bool = True) -> Books:
    """Read a home whose stack is stopped; the embedded server runs for as long as that takes."""
    server = EmbeddedPostgres(home / "postgres", secrets=home / "secrets")
    was_started = server.start()
    try:
        url = parse_url(server.url)
        with _connect(url, "quorum") as ours:
            rows = _read_rows(ours)
        if not has_prefect:
            return Books(rows=rows, deployments={}, blocks={})
        with _connect(url, "prefect") as prefect:
            return Books(
                rows=rows,
                deployments={
                    name: {
                        "paused": paused,
                        "parameters": json.loads(parameters),
                        "entrypoint": entrypoint,
                        "schedules": schedules,
                    }
                    for name, paused, parameters, entrypoint, schedules in prefect.execute(
                        DEPLOYMENTS
                    )
                },
                blocks=dict(prefect.execute(BLOCKS).fetchall()),
            )
    finally:
        if was_started:
            server.stop()


def _connect(url: Any, database: str) -> psycopg.Connection:
    text = url.set(drivername="postgresql", database=database).render_as_string(
        hide_password=False
    )
    return psycopg.connect(text, autocommit=True)


def _read_rows(connection: psycopg.Connection) -> dict[str, list[dict[str, str | None]]]:
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(TABLES):
        columns.setdefault(table, []).append(column)
    rows: dict[str, list[dict[str, str | None]]] = {}
    for table, names in columns.items():
        listed = ", ".join(f'"{name}"::text' for name in names)
        found = connection.execute(f'select {listed} from "{table}"')
        rows[table] = sorted((dict(zip(names, row, strict=True)) for row in found), key=str)
    return rows
