"""The schema: what the migrations make is what the models say, up and down, and well guarded."""

from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import sql
from sqlalchemy import Connection, NullPool, create_engine, inspect
from sqlalchemy.exc import IntegrityError

from db.codecs.compression import pack, unpack
from db.models.catalog import load_metadata
from db.server.bootstrap import alembic_config, run_alembic
from db.server.roles import APP_ROLE, OPERATOR_ROLE
from tests.database import TestDatabase
from tests.db.schema import list_tables, list_user_tables

SCRIPTS = ScriptDirectory.from_config(alembic_config())
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
SHARED_TABLES = {
    "ai_calls",
    "audit_chain",
    "ai_days",
    "cassette_answers",
    "cassette_texts",
    "instruments",
    "market_snapshots",
    "trading_states",
    "bot_updates",
}


@pytest.fixture
def blank(database_run: TestDatabase) -> Iterator[Connection]:
    """A connection of the owner to an empty database."""
    address = database_run.server_url.replace("postgresql+psycopg://", "postgresql://")
    name = sql.Identifier(f"blank_of_{database_run.owner.rpartition('/')[2].partition('?')[0]}")
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(name))
        engine = create_engine(
            database_run.server_url.replace("/postgres?", f"/{name.as_string()[1:-1]}?"),
            poolclass=NullPool,
        )
        with engine.connect() as connection:
            yield connection
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def describe(connection: Connection) -> dict[str, object]:
    """Everything that a revision may make."""
    catalog = connection.exec_driver_sql(
        "SELECT relkind::text, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = 'public' AND relname NOT LIKE 'alembic_version%%'"
        " UNION ALL SELECT 'function', proname FROM pg_proc"
        "   JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
        " UNION ALL SELECT 'policy', tablename || '.' || policyname FROM pg_policies"
        " UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname FROM pg_trigger"
        "   WHERE NOT tgisinternal"
        " UNION ALL SELECT 'check', conrelid::regclass || '.' || conname FROM pg_constraint"
        "   WHERE contype = 'c'"
    )
    tables = inspect(connection).get_table_names()
    return {
        "catalog": sorted(tuple(row) for row in catalog),
        "columns": {
            table: [column["name"] for column in inspect(connection).get_columns(table)]
            for table in sorted(tables)
            if table != "alembic_version"
        },
    }


def test_revisions_are_one_chain() -> None:
    assert len(SCRIPTS.get_heads()) == 1
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_each_revision_goes_up_down_and_up_again(blank: Connection) -> None:
    below = "base"
    for revision in REVISIONS:
        before = describe(blank)
        run_alembic(blank, revision=revision)
        after = describe(blank)
        assert after != before
        run_alembic(blank, revision=below, downgrade=True)
        assert describe(blank) == before
        run_alembic(blank, revision=revision)
        assert describe(blank) == after
        below = revision


def test_migrating_again_changes_nothing(blank: Connection) -> None:
    run_alembic(blank, revision="head")
    before = describe(blank)
    run_alembic(blank, revision="head")
    assert describe(blank) == before


def test_models_say_what_migrations_make(blank: Connection) -> None:
    run_alembic(blank, revision="head")
    context = MigrationContext.configure(
        blank, opts={"compare_type": True, "compare_server_default": True}
    )
    assert compare_metadata(context, load_metadata()) == []


def test_checks_of_the_models_are_in_the_database(blank: Connection) -> None:
    run_alembic(blank, revision="head")
    made = {
        (table, check["name"])
        for table in inspect(blank).get_table_names()
        for check in inspect(blank).get_check_constraints(table)
    }
    said = {
        (table.name, str(check.name))
        for table in load_metadata().tables.values()
        for check in table.constraints
        if type(check).__name__ == "CheckConstraint"
    }
    assert made == said


def test_every_numeric_column_refuses_what_is_not_finite(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        numbers = owner.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND data_type = 'numeric'"
            " AND table_type = 'BASE TABLE'"
        ).fetchall()
        checks = owner.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c'"
        ).fetchall()
    for table, column in numbers:
        bounded = [
            text
            for checked, text in checks
            if checked == table
            and (f"{column} < 'Infinity'" in text or f"({column} <= (100)" in text)
        ]
        assert bounded, f"{table}.{column} takes NaN"


def test_every_table_with_a_user_is_guarded_by_forced_row_level_security(
    database_run: TestDatabase,
) -> None:
    with database_run.connect() as owner:
        guarded = owner.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        assert {name for (name,) in guarded} == set(list_user_tables(owner))
        assert set(list_tables(owner)) - set(list_user_tables(owner)) == SHARED_TABLES


def test_every_policy_of_the_application_role_asks_for_the_tenant(
    database_run: TestDatabase,
) -> None:
    with database_run.connect() as owner:
        policies = owner.execute(
            "SELECT tablename, roles::text, qual, with_check FROM pg_policies"
            " WHERE NOT (%s = ANY(roles))",
            (OPERATOR_ROLE,),
        ).fetchall()
        tables = list_user_tables(owner)
    assert {table for table, *_ in policies} == set(tables)
    for table, roles, using, check in policies:
        assert roles == f"{{{APP_ROLE}}}", table
        assert using == check, table
        assert "user_id = " in using, table
        assert "quorum.user_id" in using, table


def test_every_foreign_key_cascades(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        rules = owner.execute("SELECT DISTINCT confdeltype FROM pg_constraint WHERE contype = 'f'")
        assert rules.fetchall() == [("c",)]


def test_removing_a_user_leaves_nothing_of_it(database_run: TestDatabase) -> None:
    with database_run.connect() as owner:
        without_key = set(list_user_tables(owner)) - {"users"}
        tied = owner.execute(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint"
            " WHERE contype = 'f' AND confrelid = 'users'::regclass"
        ).fetchall()
    assert {name for (name,) in tied} == without_key


@pytest.mark.parametrize("column", ["user_id", "symbol"])
def test_tables_are_indexed_by_user_and_symbol(database_run: TestDatabase, column: str) -> None:
    with database_run.connect() as owner:
        having = owner.execute(
            "SELECT table_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND column_name = %s AND table_type = 'BASE TABLE'",
            (column,),
        ).fetchall()
        indexed = owner.execute(
            "SELECT tablename FROM pg_indexes WHERE schemaname = 'public'"
            " AND indexdef ~ ('[(, ]' || %s || '[,)]')",
            (column,),
        ).fetchall()
    assert {name for (name,) in having} <= {name for (name,) in indexed}


OLD_RECEIPT = '{"outcome": "held", "figures": {"b": "1.00", "a": 2.50}}'
ADD_OLD_ROWS = f"""
    INSERT INTO users (user_id, name, language, created_at) VALUES (1, 'ann', 'en', '2026-01-01');
    INSERT INTO cycles
            (user_id, symbol, cycle_time, mode, venue, opened_at, closed_at, outcome, receipt)
        VALUES (1, 'BTC/USDT', '2026-01-01', 'paper', 'paper', '2026-01-01', '2026-01-01', 'held',
            '{OLD_RECEIPT}');
    INSERT INTO order_intents (user_id, client_order_id, venue, symbol, cycle_time, leg, attempt,
            side, order_type, quantity, reduce_only, expected_price, reserved_notional, status,
            created_at)
        VALUES (1, 'q1', 'paper', 'BTC/USDT', '2026-01-01', 'entry', 0, 'buy', 'market', 1, false,
            1, 0, 'resolved', '2026-01-01');
"""


def test_receipts_of_before_stay_readable_up_and_down(blank: Connection) -> None:
    run_alembic(blank, revision="0007")
    blank.exec_driver_sql(ADD_OLD_ROWS)
    blank.commit()
    run_alembic(blank, revision="0008")
    (old,) = blank.exec_driver_sql("SELECT receipt FROM cycles").one()
    assert unpack(bytes(old)).decode() == OLD_RECEIPT
    new = OLD_RECEIPT.replace("held", "denied")
    blank.exec_driver_sql(
        "INSERT INTO cycles SELECT user_id, 'ETH/USDT', cycle_time, mode, venue, opened_at,"
        " closed_at, outcome, reason, %(packed)s, updated_at FROM cycles",
        {"packed": pack(new.encode())},
    )
    blank.commit()
    run_alembic(blank, revision="0007", downgrade=True)
    kept = blank.exec_driver_sql("SELECT receipt::text FROM cycles ORDER BY symbol")
    assert [text for (text,) in kept] == [OLD_RECEIPT, new]


def test_an_intent_that_was_closed_without_an_instant_gets_one(blank: Connection) -> None:
    run_alembic(blank, revision="0007")
    blank.exec_driver_sql(ADD_OLD_ROWS)
    blank.commit()
    run_alembic(blank, revision="0008")
    (finished_at,) = blank.exec_driver_sql("SELECT finished_at FROM order_intents").one()
    assert finished_at is not None
    with pytest.raises(IntegrityError, match="finished_is_closed"):
        blank.exec_driver_sql("UPDATE order_intents SET status = 'pending'")
