"""Database health: reachability and schema revision, read without changes.

admin address -> revision found, revision wanted

For `quorum doctor`; `bootstrap.prepare_database` migrates a database.
"""

from dataclasses import dataclass

import psycopg
from alembic.script import ScriptDirectory

from db.engine.errors import describe
from db.server.addresses import connect
from db.server.bootstrap import (
    DATABASE_NAME,
    MAINTENANCE_DATABASES,
    alembic_config,
    parse_url,
)
from trading.domain.errors import PermanentError


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """Names of migrations; `found` is None for a database without migrations."""

    found: str | None
    wanted: str | None
    server_version: str

    @property
    def is_current(self) -> bool:
        """Whether the schema has the revision of this version of Quorum."""
        return self.found == self.wanted


def load_revisions(admin_url: str) -> Revisions:
    """
    Read the revision of the database.

    Raises:
        PermanentError: when the database can't be reached; the sentence never holds the address.
    """
    url = parse_url(admin_url)
    if url.database in MAINTENANCE_DATABASES:
        url = url.set(database=DATABASE_NAME)
    try:
        with connect(url) as connection:
            table = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
            found = None
            if table is not None and table[0] is not None:
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
                found = str(row[0]) if row else None
            server = connection.info.parameter_status("server_version") or "unknown"
    except psycopg.Error as error:
        raise PermanentError(f"The database refused: {describe(error)}") from None
    wanted = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return Revisions(found=found, wanted=wanted, server_version=server)
