"""One user's rows never reach another: 50 x 50 users, every tenant repository method.

The methods are aimed at others by forging the user id of the repository inside the attacker's own
session, so what stops them is the database, not the habit of filtering by user.
"""

import asyncio
from collections.abc import Awaitable
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from db.session import Database, Tenant
from tests.database import MakeUser, TestDatabase
from tests.db.repositories.tenant_calls import (
    ADDITIONS,
    CHANGES,
    EVERY_CALL,
    READS,
    Call,
    list_tenant_methods,
    list_tenant_repositories,
)
from tests.db.schema import connect_as, count_rows, digest_tables, list_user_tables
from tests.db.values import Belongings, fill_tenant
from trading.council.scorecard import Scorecard
from trading.domain.errors import BadInput, PermanentError, StaleLease
from trading.domain.units import TradingState, UserId
from trading.portfolio.valuation import Ledger
from trading.risk.circuit_breaker import Breaker
from trading.simulation.account import PaperBook, PaperLedger

USERS = 50
NOTHING: tuple[Any, ...] = (
    *(None, False, 0, (), {}, frozenset(), Decimal(0), Breaker(), Ledger(), PaperLedger()),
    TradingState.HALTED,  # a user that does not exist may do nothing
)
"""What a user without rows is told."""


class AnyOf(int):
    """A user id that compares as every one of many users: one statement aims at all of them."""

    def __new__(cls, users: list[UserId]) -> "AnyOf":
        self = super().__new__(cls, users[0])
        self.users = users
        return self

    users: list[UserId]

    def __clause_element__(self) -> Any:
        return any_(literal(self.users, ARRAY(BigInteger)))

    def __eq__(self, other: object) -> bool:
        return other in self.users

    def __ne__(self, other: object) -> bool:
        return other not in self.users

    __hash__ = int.__hash__


async def fill_users(database: Database, make_user: MakeUser, now: datetime) -> list[Belongings]:
    filled = []
    for number in range(USERS):
        user_id = await make_user(f"user {number}")
        async with database.tenant(user_id) as tenant:
            filled.append(await fill_tenant(tenant, now))
    return filled


def forge(tenant: Tenant, call_name: str, user_id: int) -> Any:
    """The attacker's repository, made to believe that it belongs to somebody else."""
    repository = list_tenant_repositories(tenant)[call_name.partition(".")[0]]
    return type(repository)(repository._connection, user_id=UserId(user_id))


async def outcome_of(call: Awaitable[Any]) -> Any:
    """The answer, None for what says that there is nothing."""
    try:
        answer = await call
    except (StaleLease, BadInput):
        return None
    if isinstance(answer, Scorecard):
        return answer if answer.models else None
    return None if isinstance(answer, PaperBook) and not answer.version else answer


async def test_every_tenant_method_is_tried(tenant: Tenant) -> None:
    assert set(EVERY_CALL) == list_tenant_methods(tenant)


async def test_no_tenant_method_takes_a_user_id(database: Database, make_user: MakeUser) -> None:
    async with database.tenant(await make_user()) as tenant:
        repositories = list_tenant_repositories(tenant)
    for name in EVERY_CALL:
        room, method = name.split(".")
        taken = getattr(repositories[room], method).__func__.__code__.co_varnames
        assert "user_id" not in taken, name


async def test_owners_read_what_attackers_will_aim_at(tenant: Tenant, now: datetime) -> None:
    mine = await fill_tenant(tenant, now)
    for name, call in READS.items():
        answer = await call(list_tenant_repositories(tenant)[name.partition(".")[0]], mine, now)
        assert answer not in NOTHING, name


@pytest.mark.timeout(300)  # thousands of calls, on a busy machine
async def test_50_x_50_users_read_and_change_nothing_of_each_other(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    everybody = await fill_users(database, make_user, now)
    with database_run.connect() as owner:
        before = digest_tables(owner)
    for position, attacker in enumerate(everybody):
        others = [one for one in everybody if one is not attacker]
        aim = AnyOf([one.user_id for one in others])
        victim = everybody[position - 1]
        async with database.tenant(attacker.user_id) as tenant:
            for name, call in {**READS, **CHANGES}.items():
                got = await outcome_of(call(forge(tenant, name, aim), victim, now))
                assert got in NOTHING, f"{name} reached another user"
    with database_run.connect() as owner:
        assert digest_tables(owner) == before


async def test_an_aim_at_all_others_would_hit_without_row_level_security(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    first, second = [await make_user(name) for name in ("ann", "bob")]
    async with database.tenant(first) as tenant:
        mine = await fill_tenant(tenant, now)
    unbound = Database(database_run.urls.admin)
    try:
        async with unbound.tenant(second) as tenant:
            aim = AnyOf([first])
            reads = {name: forge(tenant, name, aim) for name in READS}
            changes = {name: forge(tenant, name, first) for name in CHANGES}
            hit = [
                name
                for name, repository in {**reads, **changes}.items()
                if await outcome_of(EVERY_CALL[name](repository, mine, now)) not in NOTHING
            ]
    finally:
        await unbound.close()
    # These answer nothing to anybody; whether they reached a row is seen in the fingerprints.
    silent = {f"users.set_{what}" for what in ("language", "muted")}
    silent |= {"states.set_trading_state", "paper.withdraw", "intents.limit_doubt"}
    stale = {"intents.mark_sending", "intents.finish_intent"}  # the claim before them took over
    assert {*READS, *CHANGES} - set(hit) <= silent | stale | {"accounts.rewrap_accounts"}


async def test_nobody_writes_a_row_for_another(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    everybody = await fill_users(database, make_user, now)
    with database_run.connect() as owner:
        before = digest_tables(owner)

    async def attack(attacker: Belongings, victim: Belongings) -> None:
        for name, call in ADDITIONS.items():
            await expect_refusal(database, attacker, victim, name=name, call=call, now=now)

    for start in range(0, USERS, 10):
        pairs = [(everybody[i], everybody[i - 1]) for i in range(start, start + 10)]
        await asyncio.gather(*(attack(*pair) for pair in pairs))
    with database_run.connect() as owner:
        assert digest_tables(owner) == before


async def expect_refusal(  # signature: one attack
    database: Database,
    attacker: Belongings,
    victim: Belongings,
    *,
    name: str,
    call: Call,
    now: datetime,
) -> None:
    with pytest.raises(PermanentError, match=r"row-level security|foreign key"):
        async with database.tenant(attacker.user_id) as tenant:
            await call(forge(tenant, name, victim.user_id), victim, now)


async def test_2450_pairs_of_users_insert_nothing_for_each_other_in_any_table(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    everybody = await fill_users(database, make_user, now)
    with database_run.connect() as owner:
        tables = list_user_tables(owner)
    users = [one.user_id for one in everybody]
    with connect_as(database_run.urls.app) as app:
        for attacker in users:
            app.execute("SELECT set_config('quorum.user_id', %s, true)", (str(attacker),))
            for table in tables:
                app.execute(TRY_INSERTS.format(table=table, users=users, attacker=attacker))
            app.commit()


TRY_INSERTS = """
DO $$
DECLARE victim bigint;
BEGIN
    FOREACH victim IN ARRAY ARRAY{users}::bigint[] LOOP
        CONTINUE WHEN victim = {attacker};
        BEGIN
            INSERT INTO {table}
                SELECT (jsonb_populate_record(t, jsonb_build_object('user_id', victim))).*
                FROM {table} AS t LIMIT 1;
            RAISE EXCEPTION USING ERRCODE = 'ZZ001', MESSAGE = '{table} took a row';
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
        END;
    END LOOP;
END $$
"""


async def test_without_a_tenant_there_are_no_rows(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    async with database.tenant(await make_user()) as tenant:
        await fill_tenant(tenant, now)
    with database_run.connect() as owner:
        tables = list_user_tables(owner)
        assert {table: count_rows(owner, table) > 0 for table in tables} == dict.fromkeys(
            tables, True
        )
    for context in (None, "", "0", "-1"):
        with connect_as(database_run.urls.app) as app:
            if context is not None:
                app.execute("SELECT set_config('quorum.user_id', %s, true)", (context,))
            assert {table: count_rows(app, table) for table in tables} == dict.fromkeys(tables, 0)


async def test_a_tenant_ends_with_its_transaction(database: Database, make_user: MakeUser) -> None:
    ann = await make_user("ann")
    async with database.tenant(ann) as tenant:
        assert await tenant.users.load_user() is not None
    async with database._app.connect() as connection:  # the same pooled connection, no tenant
        left = await connection.exec_driver_sql("SELECT current_setting('quorum.user_id', true)")
        assert left.scalar() in (None, "")


@pytest.mark.parametrize("context", ["1 OR 1=1", "'", "9999999999999999999999"])
async def test_a_malformed_tenant_is_an_error_not_everybody(
    database: Database, database_run: TestDatabase, make_user: MakeUser, context: str
) -> None:
    await make_user()
    with connect_as(database_run.urls.app) as app:
        app.execute("SELECT set_config('quorum.user_id', %s, true)", (context,))
        with pytest.raises(psycopg.DataError):
            count_rows(app, "users")
