"""The two roles: they own nothing, bypass nothing, and may do no more than their work."""

import psycopg
import pytest

from db.server.roles import APP_ROLE, OPERATOR_ROLE, ROLES
from db.session import Database
from tests.database import TestDatabase
from tests.db.schema import connect_as, count_rows, list_tables
from trading.domain.errors import PermanentError

FORBIDDEN = (
    "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE users NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant ON users",
    "CREATE POLICY all_of_it ON users USING (true)",
    "ALTER ROLE quorum_app BYPASSRLS",
    "ALTER ROLE quorum_app SUPERUSER",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "TRUNCATE users",
    "TRUNCATE trades CASCADE",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE refers (user_id bigint REFERENCES users)",
    "COPY users TO PROGRAM 'cat'",
    "SELECT * FROM pg_authid",
    "SELECT pg_read_file('postgresql.conf')",
    "DELETE FROM audit_log",
    "UPDATE audit_log SET actor = 'somebody else'",
    "DELETE FROM trades",
    "UPDATE trades SET fee = 0",
    "DELETE FROM order_intents",
    "TRUNCATE cycles CASCADE",
)
NOT_FOR_TENANTS = (
    "DELETE FROM cycles",
    "DELETE FROM alerts",
    "DELETE FROM key_generations",
    "UPDATE key_generations SET generation = 1",
    "UPDATE users SET is_admin = true",
    "UPDATE users SET is_banned = false",
    "UPDATE users SET telegram_id = 1",
    "INSERT INTO users (name, language, created_at) VALUES ('x', 'en', now())",
    "INSERT INTO instruments SELECT * FROM instruments",
    "UPDATE trading_states SET state = 'active'",
    "UPDATE alerts SET delivered_at = now()",
)
ONLY_FOR_OPERATORS = {"bot_updates", "audit_chain"}
NOT_FOR_OPERATORS = {
    *("exchange_accounts", "key_generations", "orders", "trades", "funding_payments"),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_owns_nothing_and_passes_nothing(database_run: TestDatabase, role: str) -> None:
    with database_run.connect() as owner:
        rights = owner.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication,"
            " rolcanlogin"
            " FROM pg_roles WHERE rolname = %s",
            (role,),
        ).fetchone()
        owned = owner.execute(
            "SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refobjid = %s::regrole",
            (role,),
        ).fetchone()
        memberships = owner.execute(
            "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", (role,)
        ).fetchone()
    assert rights == (False, False, False, False, False, True)
    assert owned == (0,)
    assert memberships == (0,)


@pytest.mark.parametrize("statement", [*FORBIDDEN, *NOT_FOR_TENANTS])
def test_the_application_role_is_refused(database_run: TestDatabase, statement: str) -> None:
    assert is_refused(database_run.urls.app, statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_operator_role_is_refused(database_run: TestDatabase, statement: str) -> None:
    assert is_refused(database_run.urls.operator, statement)


def is_refused(url: str, statement: str) -> bool:
    with connect_as(url) as connection:
        connection.execute("SELECT set_config('quorum.user_id', '1', true)")
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return True
        return False


def test_row_security_can_not_be_switched_off_for_a_session(database_run: TestDatabase) -> None:
    with connect_as(database_run.urls.app) as app:
        app.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT * FROM users")


def test_the_operator_can_not_even_name_keys_orders_and_fills(database_run: TestDatabase) -> None:
    with connect_as(database_run.urls.operator) as operator:
        for table in sorted(NOT_FOR_OPERATORS):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                count_rows(operator, table)
            operator.rollback()


def test_nobody_else_has_rights(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        grantees = owner.execute(
            "SELECT DISTINCT grantee FROM information_schema.role_table_grants"
            " WHERE table_schema = 'public'"
        ).fetchall()
    assert {name for (name,) in grantees} == {APP_ROLE, OPERATOR_ROLE, "postgres"}


def test_views_see_with_the_eyes_of_who_asks(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        views = owner.execute(
            "SELECT relname, reloptions::text FROM pg_class WHERE relkind = 'v'"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    assert {"user_overview", "recent_trades_by_user", "ai_provider_stats_by_user"} <= {
        name for name, _ in views
    }
    for name, options in views:
        assert "security_invoker=true" in options, name


async def test_a_process_without_the_operators_address_has_no_operator(
    database_run: TestDatabase,
) -> None:
    lonely = Database(database_run.urls.app)
    with pytest.raises(PermanentError, match="operator"):
        async with lonely.operator():
            pass
    await lonely.close()


def test_every_table_is_granted_to_somebody(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        for table in list_tables(owner):
            role = "quorum_operator" if table in ONLY_FOR_OPERATORS else "quorum_app"
            row = owner.execute(
                "SELECT has_table_privilege(%s, %s, 'SELECT')", (role, table)
            ).fetchone()
            assert row == (True,), table
