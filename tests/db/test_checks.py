"""What the database refuses by itself, whoever asks: numbers that are none, rows that can't be."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.values import fill_tenant, make_instrument, make_summary

NOT_FINITE = ("NaN", "Infinity", "-Infinity")
SIGNED = {
    "ai_outcomes": {"net_return"},
    "user_states": {"peak_equity", "day_start_equity", "last_equity"},
    "market_snapshots": {"funding_rate"},
    "positions": {"realized_pnl", "fees", "funding"},
    "breakers": {"counts_from_pnl"},
    "trades": {"fee", "fee_amount"},
    "funding_payments": {"amount"},
    "paper_accounts": {"realized_pnl", "funding"},
    "paper_positions": {"realized_pnl", "funding"},
    "paper_fills": {"realized_pnl", "fee_amount"},
    "paper_funding": {"amount"},
    "paper_transfers": {"amount"},
}


@pytest_asyncio.fixture
async def owner(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> Any:
    """The owner of a database in which every table has a row."""
    async with database.tenant(await make_user()) as tenant:
        mine = await fill_tenant(tenant, now)
        key = mine.record.key
        await tenant.snapshots.add_snapshot(
            mine.record.venue, pair=key.pair, cycle_time=now, summary=make_summary()
        )
    async with database.operator() as operator:
        await operator.instruments.save_instrument(make_instrument(now))
    with database_run.connect() as connection:
        yield connection


def list_numbers(owner: psycopg.Connection) -> Iterator[tuple[str, str]]:
    columns = owner.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND data_type = 'numeric' AND table_type = 'BASE TABLE'"
    )
    yield from columns.fetchall()


def try_update(owner: psycopg.Connection, table: str, column: str, value: str) -> type | None:
    statement = sql.SQL("UPDATE {} SET {} = {}::numeric").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(value)
    )
    try:
        assert owner.execute(statement).rowcount > 0, f"{table} has no row to try"
    except psycopg.Error as error:
        return type(error)
    return None


def test_no_numeric_column_takes_nan_or_infinity(owner: psycopg.Connection) -> None:
    tried = 0
    for table, column in list_numbers(owner):
        for value in NOT_FINITE:
            refused = try_update(owner, table, column, value)
            assert refused is psycopg.errors.CheckViolation, f"{table}.{column} took {value}"
            tried += 1
    assert tried > 150


def test_only_what_is_signed_takes_a_negative_number(owner: psycopg.Connection) -> None:
    for table, column in list_numbers(owner):
        refused = try_update(owner, table, column, "-0.00000001")
        if column in SIGNED.get(table, ()):
            assert refused is None or table == "paper_accounts", f"{table}.{column}"
        else:
            assert refused is psycopg.errors.CheckViolation, f"{table}.{column}"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE positions SET quantity = 0 WHERE closed_at IS NULL",
        "UPDATE positions SET side = 'flat' WHERE closed_at IS NULL",
        "UPDATE positions SET closed_at = NULL",
        "UPDATE positions SET side = 'sideways'",
        "UPDATE order_intents SET quantity = 0",
        "UPDATE order_intents SET client_order_id = 'has space'",
        "UPDATE order_intents SET client_order_id = repeat('x', 33)",
        "UPDATE order_intents SET order_type = 'stop_market'",
        "UPDATE order_intents SET status = 'lost'",
        "UPDATE order_intents SET fence = -1",
        "UPDATE trades SET fill_price = 0",
        "UPDATE user_configs SET capital = 0",
        "UPDATE user_configs SET mode = 'real'",
        "UPDATE cycles SET closed_at = NULL",
        "UPDATE ai_decisions SET abstention = 'deadline', action = 'hold'",
        "UPDATE ai_decisions SET abstention = NULL, action = NULL",
        "UPDATE ai_decisions SET confidence = 100.1",
        "UPDATE ai_decisions SET input_tokens = -1",
        "UPDATE breakers SET code = ''",
        "UPDATE users SET name = ''",
        "UPDATE users SET language = 'Russian'",
        "UPDATE users SET trading_state = 'asleep'",
    ],
)
def test_a_row_that_can_not_be_is_refused(owner: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(statement)


def test_a_second_open_position_of_a_pair_is_refused(owner: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(
            "INSERT INTO positions (user_id, venue, symbol, side, quantity, average_entry_price,"
            " opened_at, realized_pnl, fees, funding, leverage)"
            " SELECT user_id, venue, symbol, side, quantity, average_entry_price, now(),"
            " realized_pnl, fees, funding, leverage FROM positions WHERE closed_at IS NULL"
        )


def test_updated_at_moves_with_every_change_and_nobody_can_set_it(
    owner: psycopg.Connection,
) -> None:
    tables = owner.execute(
        "SELECT table_name FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND column_name = 'updated_at'"
        " AND table_type = 'BASE TABLE' AND table_name <> 'trading_states'"
    ).fetchall()
    assert len(tables) > 20
    for (table,) in tables:
        name = sql.Identifier(table)
        owner.execute(sql.SQL("UPDATE {} SET updated_at = '2001-01-01'").format(name))
        stale = sql.SQL("SELECT count(*), count(*) FILTER (WHERE updated_at < now() - interval")
        counted = owner.execute(stale + sql.SQL(" '1 minute') FROM {}").format(name)).fetchone()
        assert counted is not None
        assert counted[0] > 0, table
        assert counted[1] == 0, table
