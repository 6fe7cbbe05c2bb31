"""Attack: a writer of the database puts old records back, mixes records, or edits facts beside.

Each record that was touched is refused as damaged, is listed, and blocks no other record.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from commands.caller import Caller, Services
from commands.people.keys import connect, disconnect, list_damaged, rotate_master_key
from commands.settings import CommandSettings
from db.encryption.envelope import (
    Binding,
    DamagedRecord,
    MasterKeys,
    add_master_key,
    load_master_keys,
    seal,
)
from db.session import Database
from reports.texts.catalog import tell
from tests.database import MakeUser, TestDatabase
from tests.db.schema import connect_as
from trading.domain.units import UserId, VenueName
from trading.security.credentials import Credentials, Environment

VENUE = VenueName.BINANCE
OLD = Credentials(api_key="old-key-of-twenty-characters", api_secret="old-secret")
NEW = Credentials(api_key="new-key-of-twenty-characters", api_secret="new-secret")
CELLS = ("sealed_api_key", "sealed_api_secret")


@pytest.fixture
async def user_id(make_user: MakeUser) -> UserId:
    return await make_user("ann")


@pytest.fixture
def keys(tmp_path: Path) -> MasterKeys:
    return load_master_keys(tmp_path)


async def act_as(database: Database, user_id: UserId, now: datetime) -> Caller:
    async with database.operator() as operator:
        user = await operator.users.load_user(user_id)
    assert user is not None
    services = Services(database=database, deployments=None, settings=CommandSettings())
    return Caller(services=services, user=user, now=now)


async def save(
    database: Database, user_id: UserId, credentials: Credentials, keys: MasterKeys, now: datetime
) -> None:
    caller = await act_as(database, user_id, now)
    await connect(caller, VENUE, credentials=credentials, load_keys=lambda: keys)


async def load(database: Database, user_id: UserId, keys: MasterKeys) -> Credentials | None:
    async with database.tenant(user_id) as tenant:
        return await tenant.accounts.load_credentials(VENUE, keys=keys)


def read_row(owner: psycopg.Connection) -> dict[str, Any]:
    cursor = owner.execute("SELECT * FROM exchange_accounts")
    row = cursor.fetchone()
    assert row is not None
    return {
        column.name: value for column, value in zip(cursor.description or (), row, strict=True)
    }


def write_row(owner: psycopg.Connection, row: Mapping[str, Any]) -> None:
    """Put a whole row in place of the present one."""
    owner.execute("DELETE FROM exchange_accounts WHERE user_id = %s", (row["user_id"],))
    owner.execute(
        sql.SQL("INSERT INTO exchange_accounts ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


def seal_cells(owner: psycopg.Connection, user_id: UserId, keys: MasterKeys) -> None:
    """Make the row a row of version 1.0: two cells, no generation."""
    cells = [
        seal(text, binding=Binding(
            table="exchange_accounts", user_id=user_id, venue=VENUE, purpose=purpose
        ), keys=keys)
        for purpose, text in (("api_key", OLD.api_key), ("api_secret", OLD.api_secret))
    ]  # fmt: skip
    owner.execute(
        "UPDATE exchange_accounts SET sealed_credentials = NULL, sealed_api_key = %s,"
        " sealed_api_secret = %s",
        cells,
    )
    owner.execute("DELETE FROM key_generations")


async def is_refused(database: Database, user_id: UserId, keys: MasterKeys) -> bool:
    """The record is refused in one sentence and listed as damaged."""
    with pytest.raises(DamagedRecord) as told:
        await load(database, user_id, keys)
    assert tell(told.value).startswith("The stored Binance key was changed")
    listed = await list_damaged(database, keys=keys)
    return [(user.user_id, venue) for user, venue in listed] == [(user_id, VENUE)]


async def test_an_old_cell_put_back_is_refused(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, OLD, keys, now)
    with database_run.connect() as owner:
        old = read_row(owner)["sealed_credentials"]
        await save(database, user_id, NEW, keys, now)
        owner.execute("UPDATE exchange_accounts SET sealed_credentials = %s", (old,))

    assert await is_refused(database, user_id, keys)


async def test_an_old_row_put_back_whole_is_refused(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, OLD, keys, now)
    with database_run.connect() as owner:
        old = read_row(owner)
        await save(database, user_id, NEW, keys, now)
        write_row(owner, old)

    assert await is_refused(database, user_id, keys)


async def test_the_row_of_a_removed_key_put_back_is_refused(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, OLD, keys, now)
    with database_run.connect() as owner:
        old = read_row(owner)
        await disconnect(await act_as(database, user_id, now), VENUE)
        write_row(owner, old)

    assert await is_refused(database, user_id, keys)


async def test_cells_of_version_1_0_never_open_beside_a_generation(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, NEW, keys, now)
    with database_run.connect() as owner:
        seal_cells(owner, user_id, keys)
        old = read_row(owner)
        assert await load(database, user_id, keys) == OLD
        await save(database, user_id, NEW, keys, now)
        write_row(owner, old)

    assert await is_refused(database, user_id, keys)


async def test_the_key_of_one_generation_does_not_open_with_the_secret_of_another(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    records = []
    for credentials in (OLD, NEW):
        await save(database, user_id, credentials, keys, now)
        with database_run.connect() as owner:
            records.append(read_row(owner)["sealed_credentials"])
    old, new = records
    wrapped = len(new) - len(json_of(NEW)) - 28  # before the nonce of the body
    with database_run.connect() as owner:
        for mixed in (old[:wrapped] + new[wrapped:], new[:wrapped] + old[wrapped:]):
            owner.execute("UPDATE exchange_accounts SET sealed_credentials = %s", (mixed,))
            assert await is_refused(database, user_id, keys)


@pytest.mark.parametrize(
    "edit", ["environment = 'real'", "moves_profit = NOT moves_profit", "venue = 'bybit'"]
)
async def test_an_edited_fact_beside_the_record_is_refused(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
    *,
    edit: str,
) -> None:
    await save(database, user_id, replace(OLD, environment=Environment.DEMO), keys, now)
    with database_run.connect() as owner:
        owner.execute("DELETE FROM key_checks")
        owner.execute(f"UPDATE exchange_accounts SET {edit}")

    ((_, venue),) = await list_damaged(database, keys=keys)
    async with database.tenant(user_id) as tenant:
        with pytest.raises(DamagedRecord):
            await tenant.accounts.load_credentials(venue, keys=keys)


async def test_a_damaged_record_blocks_neither_another_user_nor_a_rotation(
    database: Database,
    database_run: TestDatabase,
    make_user: MakeUser,
    now: datetime,
    tmp_path: Path,
) -> None:
    keys, user_id = load_master_keys(tmp_path), await make_user("ann")
    bob = await make_user("bob")
    for one in (user_id, bob):
        await save(database, one, NEW, keys, now)
    with database_run.connect() as owner:
        owner.execute(
            "UPDATE exchange_accounts SET moves_profit = true WHERE user_id = %s", (user_id,)
        )

    both = add_master_key(tmp_path)
    report = await rotate_master_key(database, keys=both)

    assert (report.rewrapped, report.damaged) == (1, ((user_id, VENUE),))
    assert report.needed == {keys.current_id}
    assert await load(database, bob, both) == NEW
    await save(database, user_id, NEW, both, now)
    assert await load(database, user_id, both) == NEW  # the flipped flag is gone
    assert await list_damaged(database, keys=both) == ()


async def test_cells_of_version_1_0_become_one_record(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, NEW, keys, now)
    with database_run.connect() as owner:
        seal_cells(owner, user_id, keys)
        for expected in (1, 0):
            async with database.tenant(user_id) as tenant:
                assert (await tenant.accounts.rewrap_accounts(keys=keys)).count == expected
        row = read_row(owner)

    assert [row[cell] for cell in CELLS] == [None, None]
    assert await load(database, user_id, keys) == OLD


async def test_a_mixed_pair_of_cells_of_version_1_0_that_does_not_open_is_listed(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, NEW, keys, now)
    with database_run.connect() as owner:
        seal_cells(owner, user_id, keys)
        owner.execute("UPDATE exchange_accounts SET sealed_api_key = sealed_api_secret")

    assert await is_refused(database, user_id, keys)


async def test_the_application_role_can_not_take_a_generation_back(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    await save(database, user_id, OLD, keys, now)
    with connect_as(database_run.urls.app) as attacker:
        attacker.autocommit = True
        attacker.execute("SELECT set_config('quorum.user_id', %s, false)", (str(user_id),))
        for statement in (
            "DELETE FROM key_generations",
            "UPDATE key_generations SET generation = 1",
            "TRUNCATE key_generations",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                attacker.execute(statement)


async def test_all_rows_of_a_connection_restored_open_and_are_listed(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    keys: MasterKeys,
    now: datetime,
) -> None:
    """A superuser who also takes the generation back is found by the audit log alone."""
    await save(database, user_id, OLD, keys, now)
    with database_run.connect() as owner:
        old = read_row(owner)
        await save(database, user_id, NEW, keys, now)
        write_row(owner, old)
        owner.execute("DELETE FROM key_generations WHERE generation > 1")

    assert await load(database, user_id, keys) == OLD
    ((user, venue),) = await list_damaged(database, keys=keys)
    assert (user.user_id, venue) == (user_id, VENUE)


def json_of(credentials: Credentials) -> str:
    return f'["{credentials.api_key}", "{credentials.api_secret}"]'
