"""What every revision that adds a table owes it: row-level security, grants, `updated_at`.

Default deny: a table without a policy shows nothing, and without a grant can't be named. Both are
for the two roles only; PUBLIC gets nothing. Released revisions call these, so their meaning stays.
"""

from collections.abc import Sequence
from importlib import resources

from alembic import op

from db.server.roles import APP_ROLE, OPERATOR_ROLE

TENANT = "(SELECT NULLIF(current_setting('quorum.user_id', true), '')::bigint)"
"""The transaction's user, NULL when there is none; a sub-select is computed once per query."""

FULL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"


def run_sql(name: str, *, folder: str = "db.migrations.sql") -> None:
    """Run a file of statements from the package, as it is (no parameters, no escapes)."""
    package, _, subfolder = folder.rpartition(".")
    text = (resources.files(package) / subfolder / name).read_text(encoding="utf-8")
    run_statements(text)


def run_statements(text: str) -> None:
    """Run SQL text that may hold several statements and percent signs."""
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("migrations need an open connection")
    driver.execute(text)


def protect_tenant_table(table: str, *, rights: str = FULL_RIGHTS) -> None:
    """Bind a table to its user: forced RLS on `user_id`, and `rights` for the application role."""
    run_statements(f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} TO {APP_ROLE}
            USING (user_id = {TENANT}) WITH CHECK (user_id = {TENANT});
        REVOKE ALL ON {table} FROM PUBLIC;
        GRANT {rights} ON {table} TO {APP_ROLE};
    """)


def allow_operator(table: str, *, rights: str) -> None:
    """Let the operator role across users on a table that row-level security guards."""
    run_statements(f"""
        CREATE POLICY operator ON {table} TO {OPERATOR_ROLE} USING (true) WITH CHECK (true);
        GRANT {rights} ON {table} TO {OPERATOR_ROLE};
    """)


def share_table(table: str, *, app: str, operator: str) -> None:
    """Grant rights on a table that holds nothing of any user."""
    run_statements(f"""
        REVOKE ALL ON {table} FROM PUBLIC;
        GRANT {app} ON {table} TO {APP_ROLE};
        GRANT {operator} ON {table} TO {OPERATOR_ROLE};
    """)


def keep_updated_at(*tables: str) -> None:
    """Have the database set `updated_at` on every change of a row."""
    for table in tables:
        run_statements(
            f"CREATE TRIGGER keep_updated_at BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION keep_updated_at();"
        )


def drop_tables(tables: Sequence[str]) -> None:
    """Drop tables with their policies, triggers and grants, in the given order."""
    for table in tables:
        run_statements(f"DROP TABLE {table};")
