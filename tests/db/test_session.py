"""The doors: one transaction each, patient only so long, and every failure in our own words."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlalchemy import text

from db.engine.settings import DatabaseSettings
from db.server.bootstrap import prepare_database_now
from db.server.embedded import EmbeddedPostgres
from db.session import Database, Tenant
from reports.texts.catalog import tell
from tests.database import MakeUser, TestDatabase
from tests.db.values import BTC, make_config, make_fill, make_record
from trading.domain.errors import BadInput, OutcomeUnknown, PermanentError, TransientError
from trading.domain.units import UserId

IMPATIENT = DatabaseSettings(
    database_pool_size=1,
    database_lock_timeout_ms=100,
    database_statement_timeout_ms=300,
    database_idle_in_transaction_timeout_ms=1_000,
)


@pytest_asyncio.fixture
async def impatient(database: Database, database_run: TestDatabase) -> AsyncIterator[Database]:
    """The database with little patience."""
    pools = Database(database_run.urls.app, settings=IMPATIENT)
    yield pools
    await pools.close()


async def test_leaving_the_block_keeps_what_was_done(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    async with database.tenant(ann) as tenant:
        await tenant.pairs.add_pair(make_config(ann, now))
    async with database.tenant(ann) as tenant:
        assert len(await tenant.pairs.list_pairs()) == 1


async def test_an_exception_undoes_everything(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()

    async def add_twice() -> None:
        async with database.tenant(ann) as tenant:
            await tenant.trades.add_fills([make_fill(now)])
            await tenant.pairs.add_pair(make_config(ann, now))
            await tenant.pairs.add_pair(make_config(ann, now))

    with pytest.raises(BadInput):
        await add_twice()
    async with database.tenant(ann) as tenant:
        assert await tenant.pairs.list_pairs() == ()
        assert await tenant.trades.list_fills(BTC, limit=9) == ()


async def test_waiting_for_a_lock_ends(
    database: Database, impatient: Database, make_user: MakeUser
) -> None:
    ann = await make_user()
    async with database.tenant(ann) as holder:
        await holder.lock_risk()
        with pytest.raises(TransientError, match="lock timeout"):
            async with impatient.tenant(ann) as waiter:
                await waiter.lock_risk()


async def test_a_statement_that_never_ends_ends(impatient: Database, make_user: MakeUser) -> None:
    with pytest.raises(TransientError, match="statement timeout"):
        await ask(impatient, await make_user(), "SELECT pg_sleep(60)")


async def test_waiting_for_a_free_connection_is_a_failure_that_passes(
    database_run: TestDatabase, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.session.POOL_TIMEOUT_SECONDS", 0.1)
    ann = await make_user()
    narrow = Database(database_run.urls.app, settings=IMPATIENT)
    async with narrow.tenant(ann), narrow.tenant(ann):  # one kept, one for the burst
        with pytest.raises(TransientError, match="no free connection"):
            async with narrow.tenant(ann):
                pass
    await narrow.close()


async def test_a_refusal_names_its_constraint_and_shows_no_row(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    with pytest.raises(PermanentError) as told:
        await ask(
            database,
            ann,
            "INSERT INTO user_configs (user_id, symbol, venue, mode, capital, created_at)"
            f" VALUES ({ann}, 'SECRET/USDT', 'paper', 'paper', -1, now())",
        )
    assert "ck_user_configs_capital_positive" in tell(told.value)
    assert "SECRET" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


@pytest.mark.parametrize("capital", [1000.0, "1000", True])
async def test_money_that_is_not_exact_does_not_reach_the_wire(
    database: Database, make_user: MakeUser, capital: Decimal
) -> None:
    ann = await make_user()
    with pytest.raises(TypeError, match="money is Decimal"):
        async with database.tenant(ann) as tenant:
            await tenant.pairs.set_capital(BTC, capital=capital)


async def test_an_instant_without_a_zone_does_not_reach_the_wire(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    with pytest.raises(ValueError, match="aware UTC"):
        async with database.tenant(ann) as tenant:
            await tenant.intents.list_intents(BTC, cycle_time=now.replace(tzinfo=None))


async def ask(database: Database, user_id: UserId, statement: str) -> None:
    async with database.tenant(user_id) as tenant:
        await tenant._connection.execute(text(statement))


async def test_a_dead_database_is_a_failure_that_passes_and_comes_back(
    server: EmbeddedPostgres, now: datetime
) -> None:
    server.start()
    urls = prepare_database_now(server.url, secrets=server._secrets)
    database = Database(urls.app, operator_url=urls.operator)
    async with database.operator() as operator:
        ann = (await operator.users.add_user("ann", now=now)).user_id
    async with database.tenant(ann) as tenant:
        assert await tenant.users.load_user() is not None

    await asyncio.to_thread(server.stop)
    with pytest.raises(TransientError, match="does not answer"):
        async with database.tenant(ann):
            pass

    await asyncio.to_thread(server.start)
    async with database.tenant(ann) as tenant:  # the pool finds its connections dead by itself
        assert await tenant.users.load_user() is not None
    await database.close()


async def test_a_connection_lost_while_committing_leaves_the_outcome_unknown(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()

    async def lose_the_commit() -> None:
        async with database.tenant(ann) as tenant:
            await tenant.cycles.close_cycle(make_record(ann, now))
            await kill_connection(database_run, tenant)

    with pytest.raises(OutcomeUnknown, match="during a commit"):
        await lose_the_commit()
    async with database.tenant(ann) as tenant:  # read before you repeat: here it was not done
        assert await tenant.cycles.load_cycle(BTC) is None


async def test_a_connection_lost_before_that_is_a_failure_that_passes(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()

    async def lose_a_statement() -> None:
        async with database.tenant(ann) as tenant:
            await kill_connection(database_run, tenant)
            await tenant.cycles.close_cycle(make_record(ann, now))

    with pytest.raises(TransientError):
        await lose_a_statement()


async def test_connections_that_died_while_they_lay_idle_are_replaced_unseen(
    database_run: TestDatabase, make_user: MakeUser
) -> None:
    ann = await make_user()
    pools = Database(database_run.urls.app, settings=DatabaseSettings(database_pool_size=3))
    together = asyncio.Barrier(3)

    async def list_pairs(*, waits: bool) -> int:
        async with pools.tenant(ann) as tenant:
            if waits:
                await together.wait()
            await tenant.pairs.list_pairs()
            return await find_backend(tenant)

    idle = await asyncio.gather(*(list_pairs(waits=True) for _ in range(3)))
    with database_run.connect() as owner:
        for pid in idle:
            owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    fresh = await asyncio.gather(*(list_pairs(waits=False) for _ in range(3)))

    assert not set(idle) & set(fresh)
    await pools.close()


async def test_a_transaction_in_which_nothing_was_asked_leaves_nobody_s_name_behind(
    impatient: Database, make_user: MakeUser
) -> None:
    """The pool has one connection."""
    async with impatient.tenant(await make_user()):
        pass

    async with impatient._app.connect() as connection:
        name = await connection.execute(text("SELECT current_setting('quorum.user_id', true)"))

    assert name.scalar() in {None, ""}


async def kill_connection(database_run: TestDatabase, tenant: Tenant) -> None:
    pid = await find_backend(tenant)
    with database_run.connect() as owner:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


async def find_backend(tenant: Tenant) -> int:
    pid = (await tenant._connection.execute(text("SELECT pg_backend_pid()"))).scalar()
    assert pid is not None
    return int(pid)
